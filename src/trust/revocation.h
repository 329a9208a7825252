#pragma once
// The revocation lists of one verifier, and what they say of a certificate (RFC 5280, 6.3).

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pki/crl.h"
#include "trust/certificate_facts.h"
#include "trust/crl_facts.h"

namespace ipm::trust {

// Other certificates of an issuer's name: a CA with a new key, or with one for its lists only, signs
// the lists of its older certificates with that one (RFC 5280, 6.3.3 f).
struct Namesakes {
  std::vector<const CertificateFacts*> trusted;  // anchors
  std::vector<const CertificateFacts*> offered;  // by the peer
  // Whether one of those offered is vouched for as the issuer is. Asked only of one whose key signed
  // a list.
  std::function<bool(const CertificateFacts&)> is_vouched_for;
  // Asked before a list's signature is tried with the key of one of those offered; false: no more.
  std::function<bool()> may_try;
};

// What the lists at hand say of a certificate, for `ipm cert check`: by `candidates` that may be its
// issuer. Absent where no list of its issuer's name is there; a list whose signature none of them made
// is a finding, since it says nothing that can be relied on.
struct Standing {
  bool revoked = false;
  pki::Findings findings;
};
std::optional<Standing> check_revocation(const pki::Certificate& certificate,
                                         std::span<const pki::Certificate> candidates,
                                         std::span<const pki::Crl> lists, TimePoint now);

class Revocations {
 public:
  explicit Revocations(std::span<const pki::Crl> crls);
  ~Revocations();

  struct Answer {
    Problems problems;
    bool known = false;                   // A list of the issuer was there.
    std::optional<TimePoint> valid_from;  // of the list that answered
    std::optional<TimePoint> valid_until;
  };
  struct Asking {
    RuleSet rules;              // that apply to lists; a broken one of others is passed over
    bool stale_counts = false;  // A list past its nextUpdate is used as if it had none.
    TimePoint now;
  };
  // What the lists that `issuer`, or a namesake, signed say of `certificate`: the newest of each
  // signer and scope. None of them may have it, and one must be usable: of the issuer's own where
  // there are any, since an ended list is not made good by a namesake's. Complete lists count beside
  // delta ones, whose newer entries count too. Lists that bear the issuer's name, and none that can
  // be used, are a problem: it fails closed. A list that a stranger of that name signed says nothing.
  Answer ask(const CertificateFacts& certificate, const CertificateFacts& issuer,
             const Namesakes& namesakes, const Asking& asking) const;

  // Whether there is a list of its issuer's name.
  bool concerns(const CertificateFacts& certificate) const;
  // Whether a list of its issuer's name has it, whoever signed that list: ask() has the answer.
  bool lists(const CertificateFacts& certificate) const;

 private:
  struct Held;
  struct Found;
  bool is_signed_by(const Held& held, const CertificateFacts& issuer,
                    const std::function<bool()>& may_try) const;
  const CertificateFacts* find_signer(const Held& held, const CertificateFacts& issuer,
                                      const Namesakes& namesakes) const;
  // `known` becomes true where a list of the issuer is there, signed by it or not.
  std::vector<Found> newest_of(const CertificateFacts& certificate, const CertificateFacts& issuer,
                               const Namesakes& namesakes, bool& known) const;

  std::vector<std::unique_ptr<Held>> held_;
};

}  // namespace ipm::trust
