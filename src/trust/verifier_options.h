#pragma once
// How a verifier judges: its anchors, lists and limits.

#include <cstddef>
#include <string>
#include <vector>

#include "pki/certificate.h"
#include "pki/crl.h"
#include "trust/anchors.h"

namespace ipm::trust {

struct VerifierLimits {
  int depth_max = 8;        // intermediates, self-issued ones not counted
  int signatures_max = 50;  // verifications a call may spend; each up to a millisecond or two
  int untrusted_max = 50;   // certificates a peer may offer; further ones are not looked at
  int steps_max = 5'000;    // issuers tried in a call
  std::size_t comparisons_max = 250'000;  // of names with name constraints in a call
  std::size_t cache_entries_max = 1'024;  // verdicts remembered; 0: none
};

struct VerifierOptions {
  std::vector<Anchor> anchors;
  std::vector<pki::Crl> crls;
  bool crl_required = false;           // A leaf whose issuer has no CRL here is refused.
  bool stale_lists_count = false;      // A list past its nextUpdate is used all the same.
  bool strict = false;                 // RFC 9525 names: the common name never counts.
  std::vector<pki::Sha256> denied;     // A local deny list, by certificate fingerprint.
  std::vector<Distrusted> distrusted;  // From parse_distrusted(): refused wherever they stand.
  std::vector<std::string> relaxed;    // Names of Web PKI rules not applied (see path_rules.def).
  VerifierLimits limits;
};

}  // namespace ipm::trust
