#include "os/handle.h"

#include <unistd.h>

#include <utility>

namespace ipm::os {

Handle& Handle::operator=(Handle&& other) noexcept {
  if (this != &other) {
    close();
    number_ = other.release();
  }
  return *this;
}

Handle::Number Handle::release() {
  return std::exchange(number_, kNone);
}

void Handle::close() {
  if (number_ != kNone) ::close(static_cast<int>(release()));
}

}  // namespace ipm::os
