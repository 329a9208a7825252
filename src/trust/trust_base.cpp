#include "trust/trust_base.h"

#include <algorithm>
#include <utility>

#include "pki/signature.h"
#include "trust/certificate_judge.h"

namespace ipm::trust {
namespace {

// Whoever keeps the public store has looked at its roots; some old ones have these blemishes.
constexpr RuleSet kVettedElsewhere{Rule::SubjectKeyId, Rule::BasicConstraintsCritical};

// RFC 5280, 4.2.1.1: what signs itself need not name its issuer's key, under whatever issuer's
// name.
void excuse_self_signed(AnchorEntry& entry) {
  const auto is_excused = [](const Problem& p) { return p.rule == Rule::AuthorityKeyId; };
  if (std::ranges::none_of(entry.problems, is_excused)) return;
  const pki::Certificate& certificate = entry.anchor.certificate;
  if (signature_holds(certificate, certificate)) std::erase_if(entry.problems, is_excused);
}

std::unique_ptr<const AnchorEntry> judged(const Anchor& anchor, RuleSet rules) {
  auto entry =
      std::make_unique<AnchorEntry>(AnchorEntry{anchor, read_facts(anchor.certificate), {}, rules});
  entry->problems = judge_authority(entry->facts, true);
  if (!entry->facts.issuer_reference) excuse_self_signed(*entry);
  if (anchor.is_public) {
    std::erase_if(entry->problems,
                  [](const Problem& problem) { return kVettedElsewhere.has(problem.rule); });
  }
  return entry;
}

}  // namespace

TrustBase::TrustBase(const VerifierOptions& options)
    : limits_(options.limits),
      strict_(options.strict),
      crl_required_(options.crl_required),
      stale_lists_count_(options.stale_lists_count),
      usual_rules_(applied_rules(options.strict, options.relaxed)),
      certain_rules_(usual_rules_),
      possible_rules_(usual_rules_),
      revocations_(options.crls),
      denied_(options.denied.begin(), options.denied.end()) {
  for (const Distrusted& distrusted : options.distrusted) {
    denied_issuer_and_serial_.insert(distrusted.issuer_and_serial);
    if (distrusted.sha256) denied_.insert(*distrusted.sha256);
  }
  for (const Anchor& anchor : options.anchors) {
    std::vector<std::string> relaxed = options.relaxed;
    relaxed.insert(relaxed.end(), anchor.relaxed.begin(), anchor.relaxed.end());
    const RuleSet rules = applied_rules(options.strict || anchor.is_public, relaxed);
    anchors_.push_back(judged(anchor, rules));
    const AnchorEntry& entry = *anchors_.back();
    certain_rules_ = certain_rules_.common(rules);
    possible_rules_ = possible_rules_.either(rules);
    by_subject_[entry.facts.subject.canonical()].push_back(&entry);
    by_digest_.emplace(anchor.certificate.digest(), &entry);
  }
}

std::span<const AnchorEntry* const> TrustBase::anchors_named(
    const DistinguishedName& subject) const {
  const auto found = by_subject_.find(subject.canonical());
  if (found == by_subject_.end()) return {};
  return found->second;
}

const AnchorEntry* TrustBase::find_anchor(const pki::Certificate& certificate) const {
  const auto found = by_digest_.find(certificate.digest());
  return found == by_digest_.end() ? nullptr : found->second;
}

bool TrustBase::is_denied(const CertificateFacts& certificate) const {
  if (denied_.contains(certificate.certificate.digest())) return true;
  return !denied_issuer_and_serial_.empty() &&
         denied_issuer_and_serial_.contains(
             issuer_and_serial_digest(certificate.issuer.encoding(), certificate.serial_encoding));
}

}  // namespace ipm::trust
