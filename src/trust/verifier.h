#pragma once
// The one verdict on a certificate chain, for handshakes in both directions and `ipm cert verify`.
// A Verifier is immutable and shared by threads; new anchors or CRLs mean a new Verifier.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "pki/certificate.h"
#include "pki/crl.h"
#include "pki/finding.h"
#include "trust/anchors.h"

namespace ipm::trust {

enum class Purpose { Server, Client };

struct VerifierLimits {
  int depth_max = 8;         // intermediates, self-issued ones not counted
  int signatures_max = 200;  // verifications a call may spend
  int untrusted_max = 100;   // certificates a peer may offer
};

struct VerifierOptions {
  std::vector<Anchor> anchors;
  std::vector<pki::Crl> crls;
  bool crl_required = false;           // A leaf whose issuer has no CRL here is refused.
  bool strict = false;                 // RFC 9525 names: the common name never counts.
  std::vector<pki::Sha256> denied;     // A local deny list, by certificate fingerprint.
  std::vector<Distrusted> distrusted;  // From parse_distrusted(): refused wherever they stand.
  std::vector<std::string> relaxed;    // Names of Web PKI rules not applied.
  VerifierLimits limits;
};

// Nothing: names are not judged (a server judging a client's chain).
using ExpectedPeer = std::variant<std::monostate, pki::DnsName, pki::IpAddress>;

struct Verdict {
  bool valid = false;
  std::vector<pki::Certificate> chain;  // leaf first, anchor last; of the best attempt if invalid
  pki::Findings findings;               // failures only; empty when valid
  bool revoked = false;
  bool expired = false;
};

class Verifier {
 public:
  explicit Verifier(VerifierOptions options);

  // Never throws on foreign input: whatever is wrong with it is a finding.
  Verdict verify(const pki::Certificate& leaf, std::span<const pki::Certificate> untrusted,
                 Purpose purpose, const ExpectedPeer& expected, TimePoint now) const;

  // Whether a CRL of this verifier lists it: for sessions that were admitted earlier (B6).
  bool is_revoked(const pki::Certificate& leaf) const;

  const std::vector<Anchor>& anchors() const;
  const std::vector<pki::Crl>& crls() const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

}  // namespace ipm::trust
