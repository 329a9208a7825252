#pragma once
// The search for a chain from a leaf to an anchor (RFC 4158): depth first, short chains before long
// ones, over name, key identifier and signature, anchors before other issuers, the next issuer
// after a failure; every chain judged as it grows. Steps, signatures, depth and comparisons are
// bounded.

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "trust/certificate_facts.h"
#include "trust/leaf_names.h"
#include "trust/trust_base.h"

namespace ipm::trust {

struct Question {
  const pki::Certificate& leaf;
  std::span<const pki::Certificate> untrusted;
  Purpose purpose;
  const ExpectedPeer& expected;
  TimePoint now;
};

// A broken rule, and whose.
struct Objection {
  const CertificateFacts* about;
  Problem problem;
};
using Objections = std::vector<Objection>;

// Refers to certificates that the search holds. Not valid unless the search says so.
struct Attempt {
  bool valid = false;
  std::vector<const CertificateFacts*> chain;  // leaf first
  Objections objections;                       // empty exactly when valid
  TimePoint valid_from = TimePoint::min();     // while nothing in it that depends on time changes
  TimePoint valid_until = TimePoint::max();
};

class PathSearch {
 public:
  // `base` and what `question` refers to outlive the search.
  PathSearch(const TrustBase& base, const Question& question);

  // The first valid chain, or the attempt that came furthest. Once per search.
  Attempt run();
  bool relies_on_common_name() const { return names_.relies_on_common_name; }

 private:
  struct Candidate {
    CertificateFacts facts;
    Problems problems;  // as an issuer, whatever the chain
  };

  bool search_within(int depth, int steps_reserved);
  bool extend();  // true: a valid chain is found
  bool try_anchor(const AnchorEntry& entry);
  bool try_candidate(const Candidate& candidate);
  bool finish(const AnchorEntry& entry);

  void fill_pool();
  std::vector<const Candidate*> candidates_for(const CertificateFacts& child) const;

  Objections judge_issuer(const CertificateFacts& issuer, const Problems& content, RuleSet rules);
  void judge_path_length(const CertificateFacts& issuer, Objections& objections) const;
  void judge_name_constraints(const CertificateFacts& issuer, Objections& objections);
  void judge_signature(const CertificateFacts& issuer, Objections& objections);
  void judge_whole(const AnchorEntry& entry, Attempt& attempt);
  void judge_revocation(Attempt& attempt, RuleSet rules);
  Namesakes namesakes_of(const Attempt& attempt, std::size_t child);
  void judge_leaf_alone(RuleSet rules, bool is_anchor, Objections& objections) const;
  bool is_on_path(const CertificateFacts& candidate) const;
  int intermediates() const;  // on the path, self-issued ones not counted
  void remember(int rank, Objections objections, const CertificateFacts* issuer);
  Attempt given_up();

  const TrustBase& base_;
  const Question& question_;
  CertificateFacts leaf_;
  Problems leaf_problems_;
  NameVerdict names_;
  std::optional<NamingCommonName> common_name_;  // where name constraints judge it
  bool pool_filled_ = false;
  std::unordered_map<std::string, std::vector<std::unique_ptr<Candidate>>> pool_;  // by subject
  std::vector<const CertificateFacts*> path_;
  std::vector<const Candidate*> path_candidates_;
  std::map<std::pair<const CertificateFacts*, std::string_view>, bool> signatures_;
  int signatures_left_;
  int steps_left_;
  int depth_ = 0;           // intermediates that this pass may use
  int steps_reserved_ = 0;  // for deeper passes
  bool cut_off_ = false;    // this pass left something out
  ComparisonBudget comparisons_;
  int best_rank_ = -1;
  Attempt best_;
  Attempt found_;
};

}  // namespace ipm::trust
