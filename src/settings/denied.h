#pragma once
// [trust] deny of both files: certificates that this site never trusts, by SHA-256 fingerprint.

#include <string>
#include <string_view>
#include <vector>

namespace ipm::settings {

class TomlReader;

inline constexpr std::string_view kFingerprintWords =
    "a SHA-256 fingerprint of 64 hexadecimal digits, as ipm cert show prints it";
bool is_fingerprint(std::string_view text);

// As they stand, each checked to be 64 hexadecimal digits, with colons or without.
std::vector<std::string> find_denied(TomlReader& reader);

}  // namespace ipm::settings
