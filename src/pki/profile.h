#pragma once
// What Imprimatur issues: the contents of a certificate of one role, and its signing.

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "pki/certificate.h"
#include "pki/request.h"
#include "pki/rules.h"

namespace ipm::pki {

// Permitted subtrees of a CA (RFC 5280, 4.2.1.10): "example.com", "10.0.0.0/8".
struct NameConstraints {
  std::vector<DnsName> dns;
  struct Network {
    IpAddress address;
    int prefix;
  };
  std::vector<Network> networks;

  static NameConstraints parse(
      std::string_view text);  // comma-separated; throws Error{NameInvalid}
  bool empty() const { return dns.empty() && networks.empty(); }
};

using Serial = std::vector<unsigned char>;  // big-endian, positive, 16 octets

// 128 random bits, the highest clear, the lowest octets never all zero.
Serial new_serial();
std::string to_text(const Serial& serial);  // as Certificate::serial()

struct LeafOrder {
  Role role = Role::Server;
  std::string
      common_name;  // A DNS name (server), or any client name (letters, digits, .-_@, blank)
  Names names;      // Further ones; the common name is repeated in front where it is a name.
  TimePoint now;
  std::chrono::days validity{397};
};

struct AuthorityOrder {
  std::string common_name;
  NameConstraints constraints;
  TimePoint now;
  std::chrono::days validity{3650};
};

// A self-signed CA certificate: keyCertSign, cRLSign, pathlen 0, critical basic constraints.
Certificate make_authority(const PrivateKey& key, const AuthorityOrder& order,
                           const Serial& serial);

// The rules refuse before anything is signed (Error{CertificateBreaksRule}); notBefore is backdated
// five minutes, never before the issuer's; notAfter never past the issuer's. An expired issuer, or
// one whose name constraints forbid a name, is refused too.
Certificate issue(const PublicKey& subject_key, const LeafOrder& order, const Certificate& issuer,
                  const PrivateKey& issuer_key, const Serial& serial);

// What a request may contribute beside its key: its common name and SAN, where they keep the rules.
LeafOrder order_from_request(const Request& request, Role role, TimePoint now);

}  // namespace ipm::pki
