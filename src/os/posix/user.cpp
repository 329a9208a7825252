#include "os/user.h"

#include <pwd.h>
#include <unistd.h>

#include <vector>

namespace ipm::os {

std::uint32_t own_user() {
  return ::getuid();
}

std::optional<std::string> find_user_name(std::uint32_t user) {
  constexpr std::size_t kEntryBytesMax = 64U << 10U;
  std::vector<char> buffer(kEntryBytesMax);
  struct passwd entry{};
  struct passwd* found = nullptr;
  if (::getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return std::nullopt;
  }
  if (*found->pw_name == '\0') return std::nullopt;
  return found->pw_name;
}

}  // namespace ipm::os
