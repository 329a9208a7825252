#pragma once
// Something that a load found and that does not prevent it: for the log.

#include <string>
#include <vector>

#include "base/messages.h"

namespace ipm::tls {

struct Notice {
  Message message;
  std::string text;

  bool operator==(const Notice&) const = default;
};
using Notices = std::vector<Notice>;

}  // namespace ipm::tls
