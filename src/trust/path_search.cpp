#include "trust/path_search.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

#include "base/text.h"
#include "pki/signature.h"
#include "trust/certificate_judge.h"
#include "trust/policy_judge.h"

namespace ipm::trust {
namespace {

constexpr int kSelfIssuedMax = 10;  // more on one path help nobody

// Short chains first, as nearly all are: where many CAs certify each other, the long ones are too
// many to be looked at before.
constexpr std::array kFirstDepths{2, 3};

// How far an attempt came, for choosing the one to report.
constexpr int kRankStep = 10;
constexpr int kRankAnchorNamed = 1'000;
constexpr int kRankAnchorReached = 2'000;

void append(const CertificateFacts& about, const Problems& problems, RuleSet rules,
            Objections& objections) {
  for (const Problem& problem : problems) {
    if (rules.has(problem.rule)) objections.push_back({&about, problem});
  }
}

std::string hex(std::string_view bytes) {
  constexpr std::size_t kShownMax = 32;
  return to_hex(std::span(reinterpret_cast<const unsigned char*>(bytes.data()),
                          std::min(bytes.size(), kShownMax)));
}

// Whether the authority key identifier of `child` can mean `issuer`; the reason where it cannot.
std::optional<std::string> reference_complaint(const CertificateFacts& child,
                                               const CertificateFacts& issuer) {
  if (!child.issuer_reference) return std::nullopt;
  const IssuerReference& reference = *child.issuer_reference;
  if (reference.key_id && issuer.subject_key_id && reference.key_id != issuer.subject_key_id) {
    return "the issuer's key identifier " + hex(*reference.key_id) + ", where its is " +
           hex(*issuer.subject_key_id);
  }
  if (reference.serial && reference.serial != issuer.serial) {
    return "an issuer with another serial number";
  }
  const auto is_issuers_issuer = [&issuer](const GeneralName& name) {
    return name.kind != NameKind::Directory || *name.directory == issuer.issuer;
  };
  if (!std::ranges::all_of(reference.names, is_issuers_issuer)) {
    return "an issuer with another issuer of its own";
  }
  return std::nullopt;
}

bool covers(const KeyPurposes& purposes, Purpose purpose) {
  return purposes.any || (purpose == Purpose::Server ? purposes.server : purposes.client);
}

std::string common_name_or_nothing(const DistinguishedName& name) {
  return name.common_names().empty() ? std::string("a CA without a common name")
                                     : "\"" + printable(name.common_names().front()) + "\"";
}

}  // namespace

PathSearch::PathSearch(const TrustBase& base, const Question& question)
    : base_(base),
      question_(question),
      leaf_(read_facts(question.leaf)),
      leaf_problems_(judge_leaf(leaf_, question.purpose, base.possible_rules())),
      names_(judge_expected(leaf_, question.expected,
                            base.strict() ? NameReading::Strict : NameReading::Usual)),
      signatures_left_(base.limits().signatures_max),
      steps_left_(base.limits().steps_max),
      comparisons_{static_cast<std::uint32_t>(base.limits().comparisons_max)} {
  judge_time(leaf_, question.now, leaf_problems_);
  if (base.is_denied(leaf_)) leaf_problems_.push_back({Rule::Denied, "a distrusted certificate"});
  leaf_problems_.insert(leaf_problems_.end(), names_.problems.begin(), names_.problems.end());
  // The common name is a name where it is what the peer is known by (S11, B4).
  if (names_.relies_on_common_name || question.purpose == Purpose::Client ||
      (!base.strict() && std::holds_alternative<std::monostate>(question.expected))) {
    common_name_ = naming_common_name(leaf_);
    if (common_name_ && !names_.relies_on_common_name && common_name_->kind == NameKind::Dns &&
        common_name_->value.find('.') == std::string::npos) {
      common_name_.reset();  // "alice" is no host.
    }
  }
}

Attempt PathSearch::run() {
  path_.push_back(&leaf_);
  if (any_of(leaf_problems_, {Rule::Encoding})) {
    remember(0, {}, nullptr);
    return given_up();
  }
  if (const AnchorEntry* entry = base_.find_anchor(question_.leaf)) {
    if (finish(*entry)) return std::move(found_);
  }
  for (const int depth : kFirstDepths) {
    if (depth >= base_.limits().depth_max) break;
    if (search_within(depth, steps_left_ / 2)) return std::move(found_);
    if (!cut_off_) return given_up();
  }
  if (search_within(base_.limits().depth_max, 0)) return std::move(found_);
  return given_up();
}

// `steps_reserved` are left for whoever searches deeper.
bool PathSearch::search_within(int depth, int steps_reserved) {
  depth_ = depth;
  steps_reserved_ = steps_reserved;
  cut_off_ = false;
  return extend();
}

// The best attempt; one that says at least that nothing was found.
Attempt PathSearch::given_up() {
  if (steps_left_ <= 0 || signatures_left_ < 0) {
    best_.objections.push_back(
        {&leaf_, {Rule::Budget, "so many possible issuers that the search was given up"}});
  } else if (best_.objections.empty()) {
    best_.objections.push_back({&leaf_, {Rule::Anchor, "no chain to any of them"}});
  }
  if (best_.chain.empty()) best_.chain = {&leaf_};
  return std::move(best_);
}

bool PathSearch::extend() {
  const CertificateFacts& child = *path_.back();
  const auto anchors = base_.anchors_named(child.issuer);
  for (const AnchorEntry* entry : anchors) {
    if (try_anchor(*entry)) return true;
  }
  fill_pool();
  if (depth_ < base_.limits().depth_max && intermediates() >= depth_ &&
      pool_.contains(child.issuer.canonical())) {
    cut_off_ = true;
    return false;
  }
  const auto candidates = candidates_for(child);
  for (const Candidate* candidate : candidates) {
    if (steps_left_ <= steps_reserved_ || signatures_left_ < 0) {
      cut_off_ = true;
      return false;
    }
    if (try_candidate(*candidate)) return true;
  }
  if (anchors.empty() && candidates.empty()) {
    Objections objections;
    objections.push_back({&child,
                          {Rule::Anchor, "issued by " + common_name_or_nothing(child.issuer) +
                                             ", which is neither trusted nor sent along"}});
    remember(kRankStep * static_cast<int>(path_.size()), std::move(objections), nullptr);
  }
  return false;
}

bool PathSearch::try_anchor(const AnchorEntry& entry) {
  --steps_left_;
  if (entry.anchor.certificate == path_.back()->certificate) return false;
  Objections objections = judge_issuer(entry.facts, entry.problems, entry.rules);
  if (objections.empty()) judge_signature(entry.facts, objections);
  if (!objections.empty()) {
    remember(kRankAnchorNamed + kRankStep * static_cast<int>(path_.size()), std::move(objections),
             &entry.facts);
    return false;
  }
  path_.push_back(&entry.facts);
  const bool valid = finish(entry);
  path_.pop_back();
  return valid;
}

bool PathSearch::try_candidate(const Candidate& candidate) {
  --steps_left_;
  Objections objections = judge_issuer(candidate.facts, candidate.problems, base_.certain_rules());
  const int counted = intermediates() + (candidate.facts.self_issued ? 0 : 1);
  if (counted > base_.limits().depth_max ||
      static_cast<int>(path_.size()) > base_.limits().depth_max + kSelfIssuedMax) {
    objections.push_back({&candidate.facts,
                          {Rule::Depth, "more than " + std::to_string(base_.limits().depth_max) +
                                            " intermediates"}});
  }
  if (objections.empty()) judge_signature(candidate.facts, objections);
  if (!objections.empty()) {
    remember(kRankStep * static_cast<int>(path_.size()), std::move(objections), &candidate.facts);
    return false;
  }
  path_.push_back(&candidate.facts);
  path_candidates_.push_back(&candidate);
  const bool valid = extend();
  path_.pop_back();
  path_candidates_.pop_back();
  return valid;
}

// The path is complete; `entry` ends it. Judges what depends on the anchor.
bool PathSearch::finish(const AnchorEntry& entry) {
  Attempt attempt;
  attempt.chain = path_;
  judge_whole(entry, attempt);
  if (attempt.objections.empty()) judge_revocation(attempt, entry.rules);
  if (attempt.objections.empty()) {
    for (const CertificateFacts* facts : path_) {
      attempt.valid_from = std::max(attempt.valid_from, facts->not_before);
      attempt.valid_until = std::min(attempt.valid_until, facts->not_after);
    }
    attempt.valid = true;
    found_ = std::move(attempt);
    return true;
  }
  const int rank = kRankAnchorReached - static_cast<int>(std::min<std::size_t>(
                                            attempt.objections.size(), kRankAnchorNamed / 2));
  if (rank > best_rank_) {
    best_rank_ = rank;
    best_ = std::move(attempt);
  }
  return false;
}

void PathSearch::judge_leaf_alone(RuleSet rules, bool is_anchor, Objections& objections) const {
  if (is_anchor) rules.remove(Rule::AuthorityKeyId);
  append(leaf_, leaf_problems_, rules, objections);
}

void PathSearch::judge_whole(const AnchorEntry& entry, Attempt& attempt) {
  Objections& objections = attempt.objections;
  const bool server = question_.purpose == Purpose::Server;
  const bool alone = path_.size() == 1;
  judge_leaf_alone(entry.rules, alone, objections);
  for (const Candidate* candidate : path_candidates_) {
    append(candidate->facts, candidate->problems, entry.rules, objections);
  }
  if (names_.relies_on_common_name && entry.anchor.is_public) {
    objections.push_back(
        {&leaf_, {Rule::HostName, "the host in the common name alone, under a public CA"}});
  }
  if (!(server ? entry.anchor.vouches_for_servers : entry.anchor.vouches_for_clients)) {
    objections.push_back(
        {&entry.facts,
         {Rule::AnchorPurpose, server ? "no trust for servers" : "no trust for clients"}});
  }
  const auto& limit = entry.anchor.server_distrust_after;
  if (server && limit && leaf_.not_before > *limit) {
    objections.push_back(
        {&leaf_,
         {Rule::DistrustAfter, "issued at " + to_rfc3339(leaf_.not_before) +
                                   ", its root is distrusted after " + to_rfc3339(*limit)}});
  }
  if (!alone) {
    if (auto complaint = policy_complaint(path_)) {
      objections.push_back({&leaf_, {Rule::Policy, std::move(*complaint)}});
    }
  }
}

// What bears the name of the issuer of the certificate at `child`, beside that issuer itself.
Namesakes PathSearch::namesakes_of(const Attempt& attempt, std::size_t child) {
  Namesakes namesakes;
  const DistinguishedName& name = attempt.chain[child]->issuer;
  for (const AnchorEntry* entry : base_.anchors_named(name)) {
    namesakes.trusted.push_back(&entry->facts);
  }
  fill_pool();
  if (const auto named = pool_.find(name.canonical()); named != pool_.end()) {
    for (const auto& candidate : named->second) namesakes.offered.push_back(&candidate->facts);
  }
  namesakes.may_try = [this] { return --signatures_left_ >= 0; };
  // By a certificate of this chain above its own place, valid now, made for signing lists, and not
  // revoked itself.
  namesakes.is_vouched_for = [this, &attempt, child](const CertificateFacts& one) {
    Problems of_time;
    judge_time(one, question_.now, of_time);
    const bool may_sign = one.key_usage ? (*one.key_usage & pki::kCrlSign) != 0 : one.is_authority;
    if (!of_time.empty() || !may_sign || any_of(one.problems, base_.certain_rules()) ||
        base_.is_denied(one) || base_.revocations().lists(one)) {
      return false;
    }
    const std::span above(attempt.chain.begin() + static_cast<std::ptrdiff_t>(child) + 1,
                          attempt.chain.end());
    return std::ranges::any_of(above, [&](const CertificateFacts* authority) {
      return authority->subject == one.issuer && --signatures_left_ >= 0 &&
             signature_holds(one.certificate, authority->certificate);
    });
  };
  return namesakes;
}

void PathSearch::judge_revocation(Attempt& attempt, RuleSet rules) {
  const Revocations::Asking asking{rules, base_.stale_lists_count(), question_.now};
  for (std::size_t i = 0; i + 1 < attempt.chain.size(); ++i) {
    const CertificateFacts& certificate = *attempt.chain[i];
    // Most sites have no list of most issuers: then nothing is looked at.
    const auto answer = base_.revocations().concerns(certificate)
                            ? base_.revocations().ask(certificate, *attempt.chain[i + 1],
                                                      namesakes_of(attempt, i), asking)
                            : Revocations::Answer();
    if (i == 0 && !answer.known && base_.crl_required()) {
      attempt.objections.push_back({&certificate, {Rule::CrlMissing, "no list of its issuer"}});
    }
    for (const Problem& problem : answer.problems) {
      attempt.objections.push_back({&certificate, problem});
    }
    if (answer.valid_from) attempt.valid_from = std::max(attempt.valid_from, *answer.valid_from);
    if (answer.valid_until)
      attempt.valid_until = std::min(attempt.valid_until, *answer.valid_until);
  }
}

void PathSearch::fill_pool() {
  if (std::exchange(pool_filled_, true)) return;
  const std::size_t count =
      std::min(question_.untrusted.size(), static_cast<std::size_t>(base_.limits().untrusted_max));
  std::set<pki::Sha256> seen{question_.leaf.digest()};
  for (const pki::Certificate& certificate : question_.untrusted.first(count)) {
    if (!seen.insert(certificate.digest()).second) continue;
    auto candidate = std::make_unique<Candidate>(Candidate{read_facts(certificate), {}});
    candidate->problems = judge_authority(candidate->facts, false);
    if (question_.purpose == Purpose::Server) {
      judge_uses_of_authority(candidate->facts, candidate->problems);
    }
    pool_[candidate->facts.subject.canonical()].push_back(std::move(candidate));
  }
}

// Those that bear the issuer's name, the likeliest first, otherwise in the order given.
std::vector<const PathSearch::Candidate*> PathSearch::candidates_for(
    const CertificateFacts& child) const {
  const auto likelihood = [&](const CertificateFacts& issuer) {
    const bool meant = child.issuer_reference && child.issuer_reference->key_id &&
                       child.issuer_reference->key_id == issuer.subject_key_id;
    const bool current = issuer.not_before <= question_.now && question_.now <= issuer.not_after;
    const bool ends = !base_.anchors_named(issuer.issuer).empty();
    return (meant ? 4 : 0) + (current ? 2 : 0) + (ends ? 1 : 0);
  };
  const auto named = pool_.find(child.issuer.canonical());
  if (named == pool_.end()) return {};
  std::array<std::vector<const Candidate*>, 8> by_likelihood;
  for (const auto& candidate : named->second) {
    if (is_on_path(candidate->facts)) continue;
    by_likelihood[static_cast<std::size_t>(likelihood(candidate->facts))].push_back(
        candidate.get());
  }
  std::vector<const Candidate*> candidates;
  for (auto group = by_likelihood.rbegin(); group != by_likelihood.rend(); ++group) {
    candidates.insert(candidates.end(), group->begin(), group->end());
  }
  return candidates;
}

// The same certificate, or another one of the same name and key: a loop (RFC 4158, 2.4.2).
bool PathSearch::is_on_path(const CertificateFacts& candidate) const {
  return std::ranges::any_of(path_, [&candidate](const CertificateFacts* other) {
    return other->certificate == candidate.certificate ||
           (other->subject == candidate.subject && other->key == candidate.key);
  });
}

int PathSearch::intermediates() const {
  return static_cast<int>(std::count_if(path_.begin() + 1, path_.end(),
                                        [](const auto* facts) { return !facts->self_issued; }));
}

// All that can be said of an issuer before its signature is looked at.
Objections PathSearch::judge_issuer(const CertificateFacts& issuer, const Problems& content,
                                    RuleSet rules) {
  Objections objections;
  if (auto complaint = reference_complaint(*path_.back(), issuer)) {
    objections.push_back({path_.back(), {Rule::IssuerKeyId, std::move(*complaint)}});
  }
  append(issuer, content, rules, objections);
  if (any_of(content, {Rule::Encoding})) return objections;
  Problems others;
  judge_time(issuer, question_.now, others);
  if (base_.is_denied(issuer)) others.push_back({Rule::Denied, "a distrusted certificate"});
  if (issuer.purposes && !covers(*issuer.purposes, question_.purpose)) {
    others.push_back({Rule::ExtendedKeyUsage, "a CA whose Extended Key Usage lacks the purpose"});
  }
  append(issuer, others, rules, objections);
  judge_path_length(issuer, objections);
  if (objections.empty()) judge_name_constraints(issuer, objections);
  return objections;
}

void PathSearch::judge_path_length(const CertificateFacts& issuer, Objections& objections) const {
  if (!issuer.path_length || intermediates() <= *issuer.path_length) return;
  objections.push_back(
      {&issuer,
       {Rule::PathLength, "a path length of " + std::to_string(*issuer.path_length) + " and " +
                              std::to_string(intermediates()) + " CAs below it"}});
}

void PathSearch::judge_name_constraints(const CertificateFacts& issuer, Objections& objections) {
  if (!issuer.name_constraints) return;
  const auto judge = [&](const CertificateFacts& subject, const GeneralName& name) {
    auto complaint = constraint_complaint(*issuer.name_constraints, name, comparisons_);
    if (complaint) objections.push_back({&subject, {Rule::NameConstraints, std::move(*complaint)}});
    return !complaint;
  };
  for (const CertificateFacts* subject : path_) {
    const bool is_leaf = subject == &leaf_;
    if (subject->self_issued && !is_leaf) continue;
    if (!subject->subject.empty()) {
      const GeneralName name{NameKind::Directory, subject->subject.encoding(), subject->subject};
      if (!judge(*subject, name)) return;
    }
    for (const std::string& email : subject->subject.emails()) {
      if (!judge(*subject, {NameKind::Email, email, std::nullopt})) return;
    }
    for (const GeneralName& name : subject->alternative_names) {
      if (!judge(*subject, name)) return;
    }
    if (is_leaf && common_name_ && !judge(*subject, common_name_->as_general_name())) return;
  }
}

void PathSearch::judge_signature(const CertificateFacts& issuer, Objections& objections) {
  const CertificateFacts& child = *path_.back();
  const auto key = std::pair(&child, issuer.key);
  auto known = signatures_.find(key);
  if (known == signatures_.end()) {
    if (--signatures_left_ < 0) {
      objections.push_back({&child, {Rule::Budget, "more possible issuers than the limit"}});
      return;  // given_up() says so too, whichever attempt is reported
    }
    known = signatures_.emplace(key, signature_holds(child.certificate, issuer.certificate)).first;
  }
  if (!known->second) {
    objections.push_back(
        {&child,
         {Rule::Signature, "a signature that the key of " + common_name_or_nothing(issuer.subject) +
                               " did not make"}});
  }
}

// Keeps an incomplete attempt if it came further than the best so far, with what the leaf itself
// breaks.
void PathSearch::remember(int rank, Objections objections, const CertificateFacts* issuer) {
  if (rank <= best_rank_) return;
  best_rank_ = rank;
  best_ = Attempt{};
  best_.chain = path_;
  if (issuer != nullptr) best_.chain.push_back(issuer);
  judge_leaf_alone(base_.usual_rules(), false, best_.objections);
  best_.objections.insert(best_.objections.end(), std::make_move_iterator(objections.begin()),
                          std::make_move_iterator(objections.end()));
}

}  // namespace ipm::trust
