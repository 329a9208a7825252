#pragma once
// The name constraints of a CA made here (RFC 5280, 4.2.1.10): `ipm ca create --only …`.

#include <string>
#include <string_view>
#include <vector>

#include "pki/certificate.h"
#include "pki/names.h"

namespace ipm::pki {

// Permitted subtrees: "example.com" (and all below it), "10.0.0.0/8".
struct NameConstraints {
  struct Network {
    IpAddress address;  // Its host bits are zero.
    int prefix;         // 0 to 32 or 128

    bool operator==(const Network&) const = default;
  };
  std::vector<DnsName> dns;
  std::vector<Network> networks;

  // Domains, networks and single addresses, separated by commas or blanks; at most 100. Throws
  // Error{NameInvalid}.
  static NameConstraints parse(std::string_view text);

  std::string text() const;  // "example.com, 10.0.0.0/8"
  bool empty() const { return dns.empty() && networks.empty(); }
  bool operator==(const NameConstraints&) const = default;
};

// The extension's value as DER. "Only" means only: an address family of which no network is
// permitted is excluded altogether, where the standard by itself would leave it free; mailboxes are
// permitted where their host is.
std::string name_constraints_der(const NameConstraints& constraints);

// Those of `names` that `issuer`'s name constraints let it certify; all of them where it has none.
// Throws Error{CertificateUnusable} when the extension is damaged.
Names permitted_names(const Certificate& issuer, const Names& names);

// Whether `issuer`'s name constraints let it certify a mailbox: its host by those for mailboxes and,
// where there are none, by those for DNS names.
bool is_mailbox_permitted(const Certificate& issuer, const std::string& mailbox);

// The issuer's permitted subtrees as text, "" without any.
std::string name_constraints_text(const Certificate& issuer);

}  // namespace ipm::pki
