#pragma once
// The one verdict on a certificate chain, for handshakes in both directions and `ipm cert verify`.
// A Verifier is immutable and shared by threads; new anchors or CRLs mean a new Verifier.

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "pki/certificate.h"
#include "pki/crl.h"
#include "pki/finding.h"
#include "trust/anchors.h"
#include "trust/leaf_names.h"
#include "trust/verifier_options.h"

namespace ipm::trust {

struct Verdict {
  bool valid = false;
  std::vector<pki::Certificate> chain;  // leaf first, anchor last; of the best attempt if invalid
  pki::Findings findings;               // failures only; empty when valid
  bool revoked = false;
  bool expired = false;                // the leaf
  bool relies_on_common_name = false;  // S11: no alternative name stands for the expected peer
  // Both ends of the time during which a valid verdict holds; later or earlier it must be asked for
  // anew.
  TimePoint valid_from = TimePoint::min();
  TimePoint valid_until = TimePoint::max();
};

// Whether the names of a certificate stand for `expected` under a private CA (S10, S11), and nothing
// else of it: empty where they do.
pki::Findings check_names(const pki::Certificate& leaf, const ExpectedPeer& expected);

// What of a CA's own certificate would make every chain below it be refused, under a private anchor.
pki::Findings check_anchor(const pki::Certificate& anchor);

class Verifier {
 public:
  // Throws Error{ConfigurationWrong} when `relaxed` names no relaxable rule.
  explicit Verifier(VerifierOptions options);

  // Never throws on foreign input: whatever is wrong with it is a finding. Valid verdicts are
  // remembered: the same chain for the same purpose and peer is not validated again before
  // something in it begins or ends.
  Verdict verify(const pki::Certificate& leaf, std::span<const pki::Certificate> untrusted,
                 Purpose purpose, const ExpectedPeer& expected, TimePoint now) const;

  // Whether a CRL of this verifier lists it: for sessions that were admitted earlier (B6).
  bool is_revoked(const pki::Certificate& leaf) const;

  // Whether what `other` trusts and distrusts is the same, by the same rules; lists of revoked
  // certificates apart.
  bool trusts_alike(const Verifier& other) const;
  // Whether chains that end at `anchor` need not keep the rule of that name, by the configuration's
  // leave. Never under a public anchor.
  bool is_relaxed(const pki::Certificate& anchor, std::string_view rule) const;

  const std::vector<Anchor>& anchors() const;
  const std::vector<pki::Crl>& crls() const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

}  // namespace ipm::trust
