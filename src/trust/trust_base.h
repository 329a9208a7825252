#pragma once
// What a verifier knows before a chain comes: anchors, judged and by name, lists of revoked and of
// distrusted certificates, the rules that apply. Never changed once built.

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "trust/anchors.h"
#include "trust/certificate_facts.h"
#include "trust/revocation.h"
#include "trust/verifier_options.h"

namespace ipm::trust {

struct AnchorEntry {
  Anchor anchor;
  CertificateFacts facts;
  Problems problems;  // of its content, as an anchor
  RuleSet rules;      // that apply to chains that end here
};

class TrustBase {
 public:
  // Throws Error{ConfigurationWrong} for a rule name in `relaxed` that is none.
  explicit TrustBase(const VerifierOptions& options);
  TrustBase(const TrustBase&) = delete;
  TrustBase& operator=(const TrustBase&) = delete;

  std::span<const AnchorEntry* const> anchors_named(const DistinguishedName& subject) const;
  const AnchorEntry* find_anchor(const pki::Certificate& certificate) const;

  bool is_denied(const CertificateFacts& certificate) const;

  const VerifierLimits& limits() const { return limits_; }
  bool strict() const { return strict_; }
  bool crl_required() const { return crl_required_; }
  bool stale_lists_count() const { return stale_lists_count_; }
  const Revocations& revocations() const { return revocations_; }
  RuleSet usual_rules() const { return usual_rules_; }        // under a private anchor
  RuleSet certain_rules() const { return certain_rules_; }    // that apply under every anchor
  RuleSet possible_rules() const { return possible_rules_; }  // that apply under some anchor

 private:
  VerifierLimits limits_;
  bool strict_;
  bool crl_required_;
  bool stale_lists_count_;
  RuleSet usual_rules_;
  RuleSet certain_rules_;
  RuleSet possible_rules_;
  Revocations revocations_;
  std::set<pki::Sha256> denied_;
  std::set<pki::Sha256> denied_issuer_and_serial_;
  std::vector<std::unique_ptr<const AnchorEntry>> anchors_;
  std::unordered_map<std::string, std::vector<const AnchorEntry*>> by_subject_;
  std::map<pki::Sha256, const AnchorEntry*> by_digest_;
};

}  // namespace ipm::trust
