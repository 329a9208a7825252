#pragma once
// Decides about a peer's certificate in a handshake: the rules of its role (pki), then its path to
// an anchor (trust), with what was admitted before remembered. It stands in the place of OpenSSL's
// own chain check entirely.

#include <memory>
#include <optional>
#include <span>

#include "base/clock.h"
#include "pki/finding.h"
#include "tls/peer.h"
#include "tls/recent_map.h"
#include "tls/ssl.h"
#include "trust/verifier.h"

namespace ipm::tls {

struct Ruling {
  std::optional<pki::Certificate> certificate;  // what was presented, admitted or not
  SentAlong sent_along;
  pki::Sha256 issuer_key{};  // of an admission, see Peer
  pki::Findings findings;    // why it is refused; empty: it is admitted
  bool revoked = false;
  bool expired = false;
  // Of an admission: from then, and until just before then, it would be judged alike.
  TimePoint valid_from{};
  TimePoint valid_until{};
};

// Whether a finding of a leaf's role is one that the configuration excepts for the CA at the end of
// its chain.
bool is_relaxed(const pki::Finding& finding, const trust::Verdict& verdict,
                const trust::Verifier& verifier);

// Immutable but for its memory; any thread.
class Judge {
 public:
  // Judges servers or clients, as `purpose` says.
  Judge(trust::Verifier verifier, trust::Purpose purpose, Clock clock);

  // `presented` is all that the peer sent, its leaf first. Never throws on foreign input.
  Ruling rule(const STACK_OF(X509) * presented, const trust::ExpectedPeer& expected) const;

  // Whether a peer that `before` admitted may stay: not revoked, not expired (B6), and still with a
  // path to an anchor where the anchors are others now. A list that has ended since, or is missing,
  // sends nobody away. Nothing: it may stay.
  std::optional<pki::Finding> objection(const Peer& peer, const trust::ExpectedPeer& expected,
                                        const Judge& before) const;

  // Whether a list that counts for it has it, sent with `others`; of an ended list the entries count.
  bool is_revoked(const pki::Certificate& leaf, std::span<const pki::Certificate> others,
                  const trust::ExpectedPeer& expected) const;

  const trust::Verifier& verifier() const { return verifier_; }

 private:
  // Admissions alone are remembered, hence only what our own CAs signed fills the memory.
  struct Admission {
    pki::Certificate certificate;
    SentAlong sent_along;
    pki::Sha256 issuer_key;
    TimePoint valid_from;
    TimePoint valid_until;
  };
  using Memory = RecentMap<pki::Sha256, Admission, FirstBytes>;

  trust::Verifier verifier_;
  trust::Purpose purpose_;
  Clock clock_;
  std::unique_ptr<Memory> admitted_;
};

}  // namespace ipm::tls
