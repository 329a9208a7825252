#include "print/destination.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "print/limits.h"

namespace ipm::print {
namespace {

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

void check_destination_name(const std::string& name) {
  const bool allowed = std::all_of(name.begin(), name.end(), [](char c) {
    return is_alphanumeric(c) || c == '.' || c == '_' || c == '-';
  });
  if (!name.empty() && name.size() <= kDestinationNameBytesMax && allowed &&
      is_alphanumeric(name.front())) {
    return;
  }
  throw Error(Message::NameInvalid,
              fmt::format("'{}' cannot be a destination's name", printable(name)),
              fmt::format("1 to {} of A-Z a-z 0-9 . _ -, beginning with a letter or a digit",
                          kDestinationNameBytesMax),
              "choose another name, and put the pretty one into --info");
}

}  // namespace ipm::print
