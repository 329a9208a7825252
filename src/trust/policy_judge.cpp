#include "trust/policy_judge.h"

#include <algorithm>
#include <map>
#include <set>

#include "trust/certificate_extensions.h"

namespace ipm::trust {
namespace {

// The last row of the policy tree, reduced to what decides: which policies the next certificate may
// have, and whether anyPolicy still stands. Rows above it matter only while this one is not empty.
class PolicyRow {
 public:
  bool empty() const { return !any_ && expected_.empty(); }
  void clear() {
    any_ = false;
    expected_.clear();
  }

  // RFC 5280, 6.1.3 (d), (e). `any_allowed`: anyPolicy in this certificate is taken at its word.
  void take(const CertificateFacts& certificate, bool any_allowed) {
    if (!certificate.policies) {
      clear();
      return;
    }
    std::set<std::string_view> next;
    bool has_any = false;
    for (const std::string_view policy : *certificate.policies) {
      if (policy == oid::kAnyPolicy) {
        has_any = true;
      } else if (any_ || expected_.contains(policy)) {
        next.insert(policy);
      }
    }
    if (has_any && any_allowed) {
      next.merge(expected_);
    } else {
      any_ = false;
    }
    expected_ = std::move(next);
  }

  // RFC 5280, 6.1.4 (b).
  void map(const std::vector<PolicyMapping>& mappings, bool allowed) {
    std::map<std::string_view, std::set<std::string_view>> targets;
    for (const PolicyMapping& mapping : mappings) {
      targets[mapping.issuer_domain].insert(mapping.subject_domain);
    }
    std::set<std::string_view> added;
    for (const auto& [policy, into] : targets) {
      const bool present = expected_.erase(policy) != 0;
      if (allowed && (present || any_)) added.insert(into.begin(), into.end());
    }
    expected_.merge(added);
  }

 private:
  bool any_ = true;
  std::set<std::string_view> expected_;
};

void lower(long& counter, const std::optional<long>& limit) {
  if (limit) counter = std::min(counter, *limit);
}

bool speaks_of_policies(const CertificateFacts& certificate) {
  return certificate.require_explicit_policy || certificate.inhibit_policy_mapping ||
         certificate.inhibit_any_policy;
}

}  // namespace

std::optional<std::string> policy_complaint(std::span<const CertificateFacts* const> chain) {
  const auto below = chain.first(chain.size() - 1);
  if (std::ranges::none_of(below, [](const auto* facts) { return speaks_of_policies(*facts); })) {
    return std::nullopt;  // Nothing requires a policy.
  }
  const long length = static_cast<long>(below.size());
  long explicit_policy = length + 1;
  long policy_mapping = length + 1;
  long inhibit_any = length + 1;
  PolicyRow row;
  for (long i = length - 1; i >= 0; --i) {
    const CertificateFacts& certificate = *below[static_cast<std::size_t>(i)];
    const bool last = i == 0;
    row.take(certificate, inhibit_any > 0 || (!last && certificate.self_issued));
    if (explicit_policy == 0 && row.empty()) return "no policy that its CAs allow";
    if (last) {
      if (explicit_policy > 0) --explicit_policy;
      if (certificate.require_explicit_policy == 0) explicit_policy = 0;
      break;
    }
    row.map(certificate.policy_mappings, policy_mapping > 0);
    if (!certificate.self_issued) {
      for (long* counter : {&explicit_policy, &policy_mapping, &inhibit_any}) {
        if (*counter > 0) --*counter;
      }
    }
    lower(explicit_policy, certificate.require_explicit_policy);
    lower(policy_mapping, certificate.inhibit_policy_mapping);
    lower(inhibit_any, certificate.inhibit_any_policy);
  }
  if (explicit_policy == 0 && row.empty()) return "no policy that its CAs allow";
  return std::nullopt;
}

}  // namespace ipm::trust
