#include "trust/revocation.h"

#include <openssl/x509.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "pki/openssl.h"
#include "pki/signature.h"

namespace ipm::trust {
namespace {

// Numbers as big-endian octets in their shortest form. Where one has none (version 1) time decides.
bool is_newer(const CrlFacts& a, const CrlFacts& b) {
  if (a.number.empty() || b.number.empty()) return a.this_update > b.this_update;
  if (a.number.size() != b.number.size()) return a.number.size() > b.number.size();
  if (a.number != b.number) return a.number > b.number;
  return a.this_update > b.this_update;
}

// The URIs of the certificate's distribution points; of one with another kind of name, a CRL issuer
// of its own or reasons, none.
std::vector<std::string_view> distribution_uris(const CertificateFacts& certificate) {
  std::vector<std::string_view> uris;
  const auto sequence = der::sole(certificate.distribution_points, der::kSequence);
  if (!sequence) return uris;
  der::Reader points(sequence->content);
  while (const auto point = points.next(der::kSequence)) {
    der::Reader fields(point->content);
    const auto name = fields.next(der::context_constructed(0));
    if (!name || !fields.at_end()) continue;
    const auto full_name = der::sole(name->content, der::context_constructed(0));
    const auto names = full_name ? parse_general_names(full_name->content) : std::nullopt;
    if (!names || !std::ranges::all_of(
                      *names, [](const GeneralName& n) { return n.kind == NameKind::Uri; })) {
      continue;
    }
    for (const GeneralName& uri : *names) uris.push_back(uri.value);
  }
  return uris;
}

void judge_scope(const CrlFacts& crl, const CertificateFacts& certificate, Problems& problems) {
  if (!crl.scope) return;
  if (crl.scope->users_only && certificate.is_authority) {
    problems.push_back({Rule::CrlScope, "a list of user certificates alone"});
  }
  if (crl.scope->authorities_only && !certificate.is_authority) {
    problems.push_back({Rule::CrlScope, "a list of CA certificates alone"});
  }
  if (crl.scope->uris.empty()) return;
  const auto own = distribution_uris(certificate);
  const bool named = std::ranges::any_of(crl.scope->uris, [&own](std::string_view uri) {
    return std::ranges::find(own, uri) != own.end();
  });
  if (!named) {
    problems.push_back({Rule::CrlScope, "a list of another distribution point"});
  }
}

bool names_another_key(const CrlFacts& crl, const CertificateFacts& issuer) {
  return crl.issuer_reference && crl.issuer_reference->key_id && issuer.subject_key_id &&
         crl.issuer_reference->key_id != issuer.subject_key_id;
}

void judge_issuer(const CrlFacts& crl, const CertificateFacts& issuer, Problems& problems) {
  if (issuer.key_usage && (*issuer.key_usage & pki::kCrlSign) == 0) {
    problems.push_back({Rule::CrlIssuer, "a list of a CA whose key usage lacks cRLSign"});
  }
  if (names_another_key(crl, issuer)) {
    problems.push_back({Rule::CrlIssuer, "a list that names another key of its issuer"});
  }
}

void judge_current(const CrlFacts& crl, const Revocations::Asking& asking, Problems& problems) {
  if (asking.now < crl.this_update) {
    problems.push_back({Rule::CrlTime, "a list of the future, " + to_rfc3339(crl.this_update)});
  }
  if (crl.next_update && asking.now > *crl.next_update && !asking.stale_counts) {
    problems.push_back({Rule::CrlTime, "a list that ended at " + to_rfc3339(*crl.next_update)});
  }
}

// An entry of a delta list that ends a hold (RFC 5280, 5.3.1).
bool is_taken_back(const CrlFacts& list, const RevokedEntry& entry) {
  return list.is_delta && entry.reason == kRemoveFromCrl;
}

Problem revoked(const RevokedEntry& entry) {
  std::string found = "revoked";
  if (entry.reason) found += ": " + std::string(reason_word(*entry.reason));
  return {Rule::Revoked, std::move(found)};
}

}  // namespace

// Remembers whose key signed the list: it does not change.
struct Revocations::Held {
  CrlFacts facts;
  mutable std::mutex mutex;
  mutable std::vector<std::pair<std::string, bool>> signers;  // SubjectPublicKeyInfo, verdict
};

Revocations::Revocations(std::span<const pki::Crl> crls) {
  for (const pki::Crl& crl : crls) {
    held_.push_back(std::make_unique<Held>());
    read_crl(crl, held_.back()->facts);
  }
}

Revocations::~Revocations() = default;

bool Revocations::is_signed_by(const Held& held, const CertificateFacts& issuer,
                               const std::function<bool()>& may_try) const {
  constexpr std::size_t kSignersMax = 16;
  {
    const std::lock_guard lock(held.mutex);
    for (const auto& [key, verdict] : held.signers) {
      if (key == issuer.key) return verdict;
    }
  }
  if (may_try && !may_try()) return false;
  const bool verdict = crl_signature_holds(*held.facts.crl, issuer.certificate);
  const std::lock_guard lock(held.mutex);
  if (held.signers.size() < kSignersMax) held.signers.emplace_back(issuer.key, verdict);
  return verdict;
}

// A list that counts, and the certificate by whose key it is signed.
struct Revocations::Found {
  const CrlFacts* list;
  const CertificateFacts* signer;
  bool by_issuer;
};

const CertificateFacts* Revocations::find_signer(const Held& held, const CertificateFacts& issuer,
                                                 const Namesakes& namesakes) const {
  if (is_signed_by(held, issuer, {})) return &issuer;
  for (const CertificateFacts* one : namesakes.trusted) {
    if (is_signed_by(held, *one, {})) return one;
  }
  // A peer may offer as many as it likes.
  for (const CertificateFacts* one : namesakes.offered) {
    if (names_another_key(held.facts, *one)) continue;
    if (is_signed_by(held, *one, namesakes.may_try) && namesakes.is_vouched_for(*one)) return one;
  }
  return nullptr;
}

std::vector<Revocations::Found> Revocations::newest_of(const CertificateFacts& certificate,
                                                       const CertificateFacts& issuer,
                                                       const Namesakes& namesakes,
                                                       bool& known) const {
  // CRL numbers count within a scope (RFC 5280, 5.2.3), and delta lists share those of complete ones.
  std::map<std::tuple<std::string_view, std::string_view, bool>, Found> newest;
  for (const auto& held : held_) {
    const CrlFacts& list = held->facts;
    if (!(list.issuer == certificate.issuer)) continue;
    const CertificateFacts* signer = find_signer(*held, issuer, namesakes);
    if (signer == nullptr) {
      // A namesake's list, of another key (a CA that was made anew), says nothing of this one.
      known = known || !names_another_key(list, issuer);
      continue;
    }
    known = true;
    const Found found{&list, signer, signer == &issuer};
    const auto [at, fresh] =
        newest.try_emplace({signer->key, list.scope_encoding, list.is_delta}, found);
    if (!fresh && is_newer(list, *at->second.list)) at->second = found;
  }
  const auto has_complete = [&](const Found& delta) {
    const auto at = newest.find({delta.signer->key, delta.list->scope_encoding, false});
    return at != newest.end() && !is_newer(*delta.list, *at->second.list);
  };
  std::vector<Found> all;
  for (const auto& [key, found] : newest) {
    if (!found.list->is_delta || !has_complete(found)) all.push_back(found);
  }
  return all;
}

Revocations::Answer Revocations::ask(const CertificateFacts& certificate,
                                     const CertificateFacts& issuer, const Namesakes& namesakes,
                                     const Asking& asking) const {
  Answer answer;
  const auto newest = newest_of(certificate, issuer, namesakes, answer.known);
  if (!answer.known) return answer;
  if (newest.empty()) {
    // A list that is malformed, too, says so first: of some OpenSSL does not check the signature.
    for (const auto& held : held_) {
      if (!(held->facts.issuer == certificate.issuer)) continue;
      const Problems& own = held->facts.problems;
      answer.problems.insert(answer.problems.end(), own.begin(), own.end());
    }
    answer.problems.push_back(
        {Rule::CrlIssuer, "a list with a signature that the issuer's key did not make"});
    return answer;
  }
  const auto is_own = [](const Found& found) { return found.by_issuer; };
  const bool has_own = std::ranges::any_of(newest, is_own);
  // A complete one of those that can answer: a namesake's cannot where the issuer has its own.
  const bool has_complete = std::ranges::any_of(newest, [&](const Found& found) {
    return !found.list->is_delta && (found.by_issuer || !has_own);
  });
  bool usable = false;
  for (const Found& found : newest) {
    const CrlFacts& list = *found.list;
    const RevokedEntry* entry = list.find(certificate.serial);
    if (entry != nullptr && is_taken_back(list, *entry)) entry = nullptr;
    // Only an entry counts in a list that is not needed for the certificate to be known as good.
    const bool only_entry = (has_own && !found.by_issuer) || (has_complete && list.is_delta);
    if (entry == nullptr && only_entry) continue;
    Problems problems = list.problems;
    std::erase_if(problems, [&](const Problem& each) { return !asking.rules.has(each.rule); });
    judge_issuer(list, *found.signer, problems);
    judge_scope(list, certificate, problems);
    judge_current(list, asking, problems);
    if (entry != nullptr) problems.push_back(revoked(*entry));
    const bool elsewhere = any_of(problems, {Rule::CrlScope}) && !answer.problems.empty();
    if (entry == nullptr && (usable || elsewhere)) continue;
    usable = problems.empty();
    answer.problems = std::move(problems);
    answer.valid_from = list.this_update;
    answer.valid_until = asking.stale_counts ? std::nullopt : list.next_update;
    if (entry != nullptr) break;
  }
  return answer;
}

bool Revocations::concerns(const CertificateFacts& certificate) const {
  return std::ranges::any_of(
      held_, [&](const auto& held) { return held->facts.issuer == certificate.issuer; });
}

bool Revocations::lists(const CertificateFacts& certificate) const {
  return std::ranges::any_of(held_, [&certificate](const auto& held) {
    const CrlFacts& list = held->facts;
    if (!(list.issuer == certificate.issuer)) return false;
    const RevokedEntry* entry = list.find(certificate.serial);
    return entry != nullptr && !is_taken_back(list, *entry);
  });
}

std::optional<Standing> check_revocation(const pki::Certificate& certificate,
                                         std::span<const pki::Certificate> candidates,
                                         std::span<const pki::Crl> lists, TimePoint now) {
  const CertificateFacts facts = read_facts(certificate);
  const Revocations revocations(lists);
  std::vector<std::unique_ptr<const CertificateFacts>> of_name;
  const CertificateFacts* issuer = nullptr;
  Namesakes namesakes;
  for (const pki::Certificate& candidate : candidates) {
    auto one = std::make_unique<const CertificateFacts>(read_facts(candidate));
    if (!(one->subject == facts.issuer)) continue;
    if (issuer == nullptr && signature_holds(certificate, candidate)) issuer = one.get();
    namesakes.trusted.push_back(one.get());
    of_name.push_back(std::move(one));
  }
  Standing standing;
  const auto tell = [&](const Problem& problem) {
    standing.revoked = standing.revoked || problem.rule == Rule::Revoked;
    standing.findings.push_back(to_finding(problem, printable(certificate.display_name())));
  };
  if (issuer == nullptr) {
    if (!revocations.concerns(facts)) return std::nullopt;
    tell({Rule::CrlIssuer,
          "a list of the issuer's name, and no certificate of that CA to verify it by"});
    return standing;
  }
  const auto answer =
      revocations.ask(facts, *issuer, namesakes, {applied_rules(false, {}), false, now});
  if (!answer.known) return std::nullopt;
  for (const Problem& problem : answer.problems) tell(problem);
  return standing;
}

}  // namespace ipm::trust
