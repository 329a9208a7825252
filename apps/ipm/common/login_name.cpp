#include "ipm/common/login_name.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <vector>

namespace ipm::app {

std::string login_name() {
  constexpr std::size_t kEntryBytesMax = 64U << 10U;
  std::vector<char> buffer(kEntryBytesMax);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 &&
      found != nullptr && *found->pw_name != '\0') {
    return found->pw_name;
  }
  return fmt::format("uid {}", ::getuid());
}

}  // namespace ipm::app
