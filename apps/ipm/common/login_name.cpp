#include "ipm/common/login_name.h"

#include <fmt/format.h>

#include "os/user.h"

namespace ipm::app {

std::string login_name() {
  const auto user = os::own_user();
  return os::find_user_name(user).value_or(fmt::format("uid {}", user));
}

}  // namespace ipm::app
