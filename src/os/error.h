#pragma once
// Words for the system's error codes.

#include <string>
#include <system_error>

namespace ipm::os {

// "No space left on device", in English and without the locale's lock.
std::string text_of(const std::error_code& failure);

}  // namespace ipm::os
