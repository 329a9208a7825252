#pragma once
// What the POSIX half of the floor shares: interrupted calls, and errno as std::error_code.

#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "os/facts.h"
#include "os/handle.h"

namespace ipm::os::posix {

inline std::error_code last_error() {
  return {errno, std::system_category()};
}

// What `call` returns; made again as long as a signal interrupts it.
template <class Call>
auto uninterrupted(Call call) {
  for (;;) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

inline std::error_code outcome(int result) {
  return result == 0 ? std::error_code() : last_error();
}

inline int number(const Handle& handle) {
  return static_cast<int>(handle.get());
}

Facts facts_of(const struct stat& status);
mode_t file_mode(Privacy privacy);
mode_t folder_mode(Privacy privacy);
// Of an open file or folder.
Facts facts_of(const Handle& handle, std::error_code& failure);
std::error_code set_privacy(const Handle& handle, Privacy privacy);

}  // namespace ipm::os::posix
