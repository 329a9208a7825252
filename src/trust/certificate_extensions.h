#pragma once
// The extensions of a certificate (RFC 5280, 4.2), read into its facts.

#include <string_view>

#include "trust/certificate_facts.h"

namespace ipm::trust {

// `bytes` is what the certificate's field [3] holds. False: damaged as a whole. An extension that
// is damaged by itself, or critical where it must not be, is a problem of the facts.
bool read_extensions(std::string_view bytes, CertificateFacts& facts);

// An extension as certificates and revocation lists hold it.
struct RawExtension {
  std::string_view oid;
  bool critical = false;
  std::string_view value;
};
std::optional<RawExtension> read_extension(der::Reader& extensions);

// Authority key identifiers stand in revocation lists too. Absent: damaged.
std::optional<IssuerReference> parse_issuer_reference(std::string_view value);

namespace oid {
using namespace std::string_view_literals;
inline constexpr auto kSubjectKeyId = "\x55\x1d\x0e"sv;
inline constexpr auto kKeyUsage = "\x55\x1d\x0f"sv;
inline constexpr auto kAlternativeNames = "\x55\x1d\x11"sv;
inline constexpr auto kIssuerAlternativeNames = "\x55\x1d\x12"sv;
inline constexpr auto kBasicConstraints = "\x55\x1d\x13"sv;
inline constexpr auto kCrlNumber = "\x55\x1d\x14"sv;
inline constexpr auto kReasonCode = "\x55\x1d\x15"sv;
inline constexpr auto kInvalidityDate = "\x55\x1d\x18"sv;
inline constexpr auto kDeltaCrl = "\x55\x1d\x1b"sv;
inline constexpr auto kIssuingDistributionPoint = "\x55\x1d\x1c"sv;
inline constexpr auto kCertificateIssuer = "\x55\x1d\x1d"sv;
inline constexpr auto kNameConstraints = "\x55\x1d\x1e"sv;
inline constexpr auto kDistributionPoints = "\x55\x1d\x1f"sv;
inline constexpr auto kPolicies = "\x55\x1d\x20"sv;
inline constexpr auto kAnyPolicy = "\x55\x1d\x20\x00"sv;
inline constexpr auto kPolicyMappings = "\x55\x1d\x21"sv;
inline constexpr auto kAuthorityKeyId = "\x55\x1d\x23"sv;
inline constexpr auto kPolicyConstraints = "\x55\x1d\x24"sv;
inline constexpr auto kExtendedKeyUsage = "\x55\x1d\x25"sv;
inline constexpr auto kAnyUse = "\x55\x1d\x25\x00"sv;
inline constexpr auto kFreshestCrl = "\x55\x1d\x2e"sv;
inline constexpr auto kInhibitAnyPolicy = "\x55\x1d\x36"sv;
inline constexpr auto kServerUse = "\x2b\x06\x01\x05\x05\x07\x03\x01"sv;
inline constexpr auto kClientUse = "\x2b\x06\x01\x05\x05\x07\x03\x02"sv;
inline constexpr auto kAuthorityAccess = "\x2b\x06\x01\x05\x05\x07\x01\x01"sv;
inline constexpr auto kSubjectAccess = "\x2b\x06\x01\x05\x05\x07\x01\x0b"sv;
}  // namespace oid

}  // namespace ipm::trust
