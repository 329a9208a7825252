#pragma once
// [trust] deny of both files: certificates that this site never trusts, by SHA-256 fingerprint.

#include <string>
#include <vector>

namespace ipm::settings {

class TomlReader;

// As they stand, each checked to be 64 hexadecimal digits, with colons or without.
std::vector<std::string> find_denied(TomlReader& reader);

}  // namespace ipm::settings
