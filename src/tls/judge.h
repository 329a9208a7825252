#pragma once
// Decides about a peer's certificate in a handshake: the rules of its role (pki), then its path to
// an anchor (trust), with what was admitted before remembered. It stands in the place of OpenSSL's
// own chain check entirely.

#include <memory>
#include <optional>

#include "base/clock.h"
#include "pki/finding.h"
#include "tls/recent_map.h"
#include "tls/ssl.h"
#include "trust/verifier.h"

namespace ipm::tls {

struct Ruling {
  std::optional<pki::Certificate> certificate;  // what was presented, admitted or not
  pki::Findings findings;                       // why it is refused; empty: it is admitted
  bool revoked = false;
  bool expired = false;
  TimePoint valid_until{};  // of an admission: until then it would be judged alike
};

// Immutable but for its memory; any thread.
class Judge {
 public:
  // Judges servers or clients, as `purpose` says.
  Judge(trust::Verifier verifier, trust::Purpose purpose, Clock clock);

  // `presented` is all that the peer sent, its leaf first. Never throws on foreign input.
  Ruling rule(const STACK_OF(X509) * presented, const trust::ExpectedPeer& expected) const;

  // Whether a peer admitted earlier may stay: not revoked, not expired (B6). Nothing: it may.
  std::optional<pki::Finding> objection(const pki::Certificate& peer) const;

  const trust::Verifier& verifier() const { return verifier_; }

 private:
  // Admissions alone are remembered, hence only what our own CAs signed fills the memory.
  struct Admission {
    pki::Certificate certificate;
    TimePoint valid_until;
  };
  using Memory = RecentMap<pki::Sha256, Admission, FirstBytes>;

  TimePoint valid_until(const trust::Verdict& verdict) const;

  trust::Verifier verifier_;
  trust::Purpose purpose_;
  Clock clock_;
  std::unique_ptr<Memory> admitted_;
};

}  // namespace ipm::tls
