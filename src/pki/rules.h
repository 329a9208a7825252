#pragma once
// The rules of S7 to S13 (and those of RFC 5280 that a leaf must keep), in one table: a row a rule.
// The same table refuses at issue, explains in `ipm cert check`, guards the load of an identity and
// judges a peer's certificate in every handshake.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// Fewer than `warn_days` are left (S14); also when it has expired.
bool expires_soon(const Certificate& certificate, TimePoint now, int warn_days);

// The rows of the table under `number` ("S7", "key-strength"), for explaining them.
struct RuleText {
  std::string_view number;
  std::string_view title;
  std::string_view wanted;
  std::string_view mend;
  std::string_view reference;
};
std::vector<RuleText> rule_texts(std::string_view number);

// "serverAuth, clientAuth"; unknown ones stay dotted.
std::string extended_key_usage_text(const std::vector<std::string>& oids);
// "DNS:alt1.example.com, IP:10.0.0.1", as presented, whether valid or not; safe to print.
std::string alternative_names_text(const RawNames& names);
// "RSA 2048", "EC P-256"; "unreadable" where the key cannot be read. Never throws.
std::string key_description(const Certificate& certificate);

}  // namespace ipm::pki
