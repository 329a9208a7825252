#pragma once
// The rules of S7 to S13 (and those of RFC 5280 that a leaf must keep), in one table: a row a rule.
// The same table refuses at issue, explains in `ipm cert check`, guards the load of an identity and
// judges a peer's certificate in every handshake.

#include <optional>

#include "base/clock.h"
#include "pki/certificate.h"
#include "pki/finding.h"

namespace ipm::pki {

enum class Role {
  Server,        // serverAuth (S7)
  MutualServer,  // serverAuth and clientAuth (S9)
  Client,        // clientAuth (S8)
  Authority,     // a CA
};
std::string_view role_name(Role role);  // "server", "mutual server", "client", "authority"

struct CheckOptions {
  TimePoint now;
  int warn_days = 31;
  const PrivateKey* key = nullptr;  // Borrowed for the call: checks that it belongs (S12).
  bool judge_validity = true;       // Off where path validation judges it.
};

// Every rule that applies to `role`, passed or failed, in the order of the requirements (S20).
Findings check(const Certificate& certificate, Role role, const CheckOptions& options);

// Only the failed ones of the rules that a peer's leaf must keep in a handshake. No strings are
// made for what holds: this is on the hot path.
Findings check_peer(const Certificate& certificate, Role role, TimePoint now);

// The role that the certificate seems to be meant for, by its extended key usage.
Role guess_role(const Certificate& certificate);

// Whether `certificate` may stand for `host` or `address` (S10, S11): SAN first; the common name
// only where `common_name_allowed` and the SAN holds no DNS name that… see the implementation's
// rule.
std::optional<Finding> check_host(const Certificate& certificate, const DnsName& host,
                                  bool common_name_allowed);
std::optional<Finding> check_address(const Certificate& certificate, const IpAddress& address);

}  // namespace ipm::pki
