#pragma once
// The revocation lists of one verifier, and what they say of a certificate (RFC 5280, 6.3).

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pki/crl.h"
#include "trust/certificate_facts.h"
#include "trust/crl_facts.h"

namespace ipm::trust {

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
  // What the lists that `issuer` signed say of `certificate` at `now`, the newest of each scope:
  // one of them must be usable, and none may have it. Lists that bear the issuer's name, and none
  // that can be used, are a problem: it fails closed.
  Answer ask(const CertificateFacts& certificate, const CertificateFacts& issuer,
             TimePoint now) const;

  // Whether a list of its issuer's name has it, whoever signed that list.
  bool lists(const CertificateFacts& certificate) const;

 private:
  struct Held;
  bool is_signed_by(const Held& held, const CertificateFacts& issuer) const;
  // `known` becomes true where a list of the issuer is there, signed by it or not.
  std::vector<const CrlFacts*> newest_of(const CertificateFacts& certificate,
                                         const CertificateFacts& issuer, bool& known) const;

  std::vector<std::unique_ptr<Held>> held_;
};

}  // namespace ipm::trust
