#include "os/error.h"

namespace ipm::os {

std::string text_of(const std::error_code& failure) {
  const bool is_system = failure.category() == std::system_category();
  return is_system ? std::generic_category().message(failure.value()) : failure.message();
}

}  // namespace ipm::os
