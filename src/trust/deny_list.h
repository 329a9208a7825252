#pragma once
// A local deny list: certificates that this site does not trust whatever others say, by
// fingerprint.

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "pki/digest.h"

namespace ipm::trust {

inline constexpr std::size_t kDeniedMax = 10'000;

// One SHA-256 fingerprint: 64 hexadecimal digits, with colons or without, in any case. Throws
// Error{ConfigurationWrong} naming `origin`.
pki::Sha256 parse_fingerprint(std::string_view text, std::string_view origin);

// A fingerprint a line; "#" begins a comment. Throws Error{ConfigurationWrong} naming the line.
std::vector<pki::Sha256> parse_deny_list(std::string_view text, std::string_view origin);

inline bool is_denied(const std::vector<pki::Sha256>& denied, const pki::Sha256& digest) {
  return std::find(denied.begin(), denied.end(), digest) != denied.end();
}

}  // namespace ipm::trust
