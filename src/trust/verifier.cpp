#include "trust/verifier.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "trust/path_search.h"
#include "trust/trust_base.h"
#include "trust/verdict_cache.h"

namespace ipm::trust {
namespace {

constexpr std::size_t kChainRemembered = 16;

Verdict to_verdict(const Attempt& attempt, const pki::Certificate& leaf) {
  Verdict verdict;
  verdict.valid = attempt.valid;
  verdict.valid_from = attempt.valid_from;
  verdict.valid_until = attempt.valid_until;
  for (const CertificateFacts* facts : attempt.chain) verdict.chain.push_back(facts->certificate);
  for (const Objection& objection : attempt.objections) {
    const pki::Certificate& about = objection.about->certificate;
    auto finding = to_finding(objection.problem, printable(about.display_name()));
    if (std::ranges::find(verdict.findings, finding) != verdict.findings.end()) continue;
    verdict.findings.push_back(std::move(finding));
    verdict.revoked = verdict.revoked || objection.problem.rule == Rule::Revoked;
    verdict.expired = verdict.expired || (objection.problem.rule == Rule::Expired && about == leaf);
  }
  return verdict;
}

}  // namespace

pki::Findings check_names(const pki::Certificate& leaf, const ExpectedPeer& expected) {
  const CertificateFacts facts = read_facts(leaf);
  pki::Findings findings;
  for (const Problem& problem : judge_expected(facts, expected, NameReading::Usual).problems) {
    findings.push_back(to_finding(problem, printable(leaf.display_name())));
  }
  return findings;
}

pki::Findings check_anchor(const pki::Certificate& anchor) {
  VerifierOptions options;
  options.anchors = {Anchor{anchor, true, true, {}, false, {}}};
  const TrustBase base(options);
  const AnchorEntry& entry = *base.find_anchor(anchor);
  pki::Findings findings;
  for (const Problem& problem : entry.problems) {
    if (!entry.rules.has(problem.rule)) continue;
    findings.push_back(to_finding(problem, printable(anchor.display_name())));
  }
  return findings;
}

struct Verifier::State {
  explicit State(VerifierOptions of)
      : options(std::move(of)), base(options), cache(options.limits.cache_entries_max) {}

  VerifierOptions options;
  TrustBase base;
  mutable VerdictCache cache;
};

Verifier::Verifier(VerifierOptions options)
    : state_(std::make_shared<const State>(std::move(options))) {}

Verdict Verifier::verify(const pki::Certificate& leaf, std::span<const pki::Certificate> untrusted,
                         Purpose purpose, const ExpectedPeer& expected, TimePoint now) const {
  // A bag of certificates is not worth remembering.
  const bool memorable = state_->cache.is_on() && untrusted.size() <= kChainRemembered;
  const std::string key = memorable ? verdict_key(leaf, untrusted, purpose, expected) : "";
  if (memorable) {
    if (auto known = state_->cache.find(key, now)) {
      Verdict verdict;
      verdict.valid = true;
      verdict.chain = std::move(known->chain);
      verdict.valid_from = known->window.from;
      verdict.valid_until = known->window.until;
      return verdict;
    }
  }
  const Question question{leaf, untrusted, purpose, expected, now};
  PathSearch search(state_->base, question);
  const Attempt attempt = search.run();
  Verdict verdict = to_verdict(attempt, leaf);
  verdict.relies_on_common_name = search.relies_on_common_name();
  if (memorable && verdict.valid) {
    state_->cache.put(key, {verdict.chain, {verdict.valid_from, verdict.valid_until}});
  }
  return verdict;
}

bool Verifier::is_revoked(const pki::Certificate& leaf) const {
  return state_->base.revocations().lists(read_facts(leaf));
}

bool Verifier::trusts_alike(const Verifier& other) const {
  const VerifierOptions& ours = state_->options;
  const VerifierOptions& theirs = other.state_->options;
  return ours.strict == theirs.strict && ours.relaxed == theirs.relaxed &&
         ours.denied == theirs.denied && ours.distrusted == theirs.distrusted &&
         ours.anchors == theirs.anchors;
}

bool Verifier::is_relaxed(const pki::Certificate& anchor, std::string_view rule) const {
  const AnchorEntry* entry = state_->base.find_anchor(anchor);
  if (entry == nullptr || entry->anchor.is_public) return false;
  const auto names = [rule](const std::vector<std::string>& relaxed) {
    return std::ranges::find(relaxed, rule) != relaxed.end();
  };
  return names(entry->anchor.relaxed) || names(state_->options.relaxed);
}

const std::vector<Anchor>& Verifier::anchors() const {
  return state_->options.anchors;
}
const std::vector<pki::Crl>& Verifier::crls() const {
  return state_->options.crls;
}

}  // namespace ipm::trust
