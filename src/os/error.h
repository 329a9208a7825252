#pragma once
// What the system's error codes say.

#include <string>
#include <system_error>

namespace ipm::os {

// "No space left on device", in English and without the locale's lock.
std::string text_of(const std::error_code& failure);
// The disk, or this user's share of it, is used up.
bool says_full(const std::error_code& failure);

}  // namespace ipm::os
