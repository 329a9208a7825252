#pragma once
// Whether a leaf's names stand for the expected peer (RFC 9525; S10, S11), and which of them name
// constraints have to judge.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pki/names.h"
#include "trust/certificate_facts.h"

namespace ipm::trust {

enum class Purpose { Server, Client };

// Nothing: names are not judged (a server judging a client's chain).
using ExpectedPeer = std::variant<std::monostate, pki::DnsName, pki::IpAddress>;

// The common name as a name of the leaf, where there is exactly one and it is a DNS name or an
// address. Its value is the bytes that name constraints compare.
struct NamingCommonName {
  NameKind kind = NameKind::Dns;
  std::string value;

  GeneralName as_general_name() const { return {kind, value, std::nullopt}; }
};
std::optional<NamingCommonName> naming_common_name(const CertificateFacts& leaf);

struct NameVerdict {
  Problems problems;                   // HostName, Wildcard
  bool relies_on_common_name = false;  // matched, but only so: never under a public anchor (S11)
};
// Strictly, the common name never counts (S11 lets it for private CAs), and no wildcard stands for
// what lies under the public suffix list's private part.
enum class NameReading { Usual, Strict };
NameVerdict judge_expected(const CertificateFacts& leaf, const ExpectedPeer& expected,
                           NameReading reading);

// CA/B BR 7.1.4.3, where it is safe to insist: the common name is an odd spelling of an alternative
// name, or a neighbour of one under the same registered domain that the names do not list.
std::optional<std::string> common_name_complaint(const CertificateFacts& leaf);

}  // namespace ipm::trust
