#pragma once
// The reasons for a revocation (RFC 5280, 5.3.1), in words and as codes.

#include <optional>
#include <string>
#include <string_view>

namespace ipm::pki {

std::string crl_reason_text(long code);  // "keyCompromise"; "reason 7" where there is no word
std::optional<long> find_crl_reason(std::string_view text);  // without removeFromCRL

}  // namespace ipm::pki
