#include "os/error.h"

#include <cerrno>

namespace ipm::os {

std::string text_of(const std::error_code& failure) {
  const bool is_system = failure.category() == std::system_category();
  return is_system ? std::generic_category().message(failure.value()) : failure.message();
}

bool says_full(const std::error_code& failure) {
  return failure == std::errc::no_space_on_device ||
         failure == std::error_code(EDQUOT, std::system_category());
}

}  // namespace ipm::os
