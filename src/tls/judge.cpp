#include "tls/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "pki/rules.h"
#include "tls/limits.h"
#include "trust/relaxation.h"

namespace ipm::tls {
namespace {

// The DER as OpenSSL keeps it: no parsing of ours.
std::string der_of(const X509* certificate) {
  std::string der;
  const int size = i2d_X509(certificate, nullptr);
  if (size <= 0) pki::throw_openssl(Message::CryptoFailed, "i2d_X509", "the call to succeed");
  der.resize(static_cast<std::size_t>(size));
  void* const start = der.data();
  auto* at = static_cast<unsigned char*>(start);
  i2d_X509(certificate, &at);
  return der;
}

// Parsed anew, with its key: OpenSSL has not read it (see lean_library.h).
pki::Certificate certificate_of(const X509* presented) {
  return pki::Certificate::parse_der(der_of(presented), "the peer's certificate");
}

// A verdict on a leaf holds only for the name that was expected.
pki::Sha256 key_of(const X509* leaf, const trust::ExpectedPeer& expected) {
  std::string text = der_of(leaf);
  if (const auto* name = std::get_if<pki::DnsName>(&expected)) {
    text += "name:" + name->text();
  } else if (const auto* address = std::get_if<pki::IpAddress>(&expected)) {
    text += "address:" + address->bytes();
  }
  return pki::sha256(text);
}

// A verdict would hold for whatever else the leaf comes with: a path was found once. But what came
// with it on this connection decides whether it may stay when anchors change.
bool were_sent(const SentAlong& kept, const STACK_OF(X509) * presented) {
  const auto count = static_cast<std::size_t>(sk_X509_num(presented)) - 1;
  if (!kept) return count == 0;
  if (kept->size() != count) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (der_of(sk_X509_value(presented, static_cast<int>(i) + 1)) != (*kept)[i].der()) return false;
  }
  return true;
}

// Of a bag of certificates only the path that was found.
SentAlong worth_keeping(std::vector<pki::Certificate> others, const trust::Verdict& verdict) {
  if (others.empty()) return nullptr;
  if (others.size() > kSentAlongMax) {
    others.assign(verdict.chain.begin() + 1, verdict.chain.end());
  }
  return std::make_shared<const std::vector<pki::Certificate>>(std::move(others));
}

// A leaf that is its own anchor vouches for itself.
pki::Sha256 issuer_key(const trust::Verdict& verdict) {
  return verdict.chain.at(verdict.chain.size() > 1 ? 1 : 0).public_key().digest();
}

bool speaks_of_list(const pki::Finding& finding) {
  return finding.rule.starts_with("crl-");
}

pki::Role role_of(trust::Purpose purpose) {
  return purpose == trust::Purpose::Server ? pki::Role::Server : pki::Role::Client;
}

// What the rules of a role and those of path validation both look at in a leaf, each under its own
// name.
struct Overlap {
  std::string_view role_rule;
  std::string_view path_rule;
};
constexpr Overlap kOverlaps[] = {
    {"S7", "S7"},          {"S7", "extended-key-usage"}, {"S7", "key-usage"},
    {"S8", "S8"},          {"S8", "extended-key-usage"}, {"S8", "key-usage"},
    {"S14", "not-before"}, {"S14", "not-after"},         {"basic-constraints", "leaf-is-ca"},
};

bool says_the_same(const pki::Finding& of_role, const pki::Finding& of_path) {
  return std::ranges::any_of(kOverlaps, [&](const Overlap& overlap) {
    return overlap.role_rule == of_role.rule && overlap.path_rule == of_path.rule;
  });
}

// What a role's rules and path validation both demand is relaxed for both. `reference` tells apart
// what has one number.
struct Relaxable {
  std::string_view role_rule;
  std::string_view reference;
  std::string_view path_rule;
};
constexpr Relaxable kRelaxables[] = {
    {"key-strength", "", "weak-key"},
    {"signature-digest", "", "weak-digest"},
    {"serial", "", "serial-number"},
    {"basic-constraints", "", "leaf-is-ca"},
    {"S7", "RFC 5280, 4.2.1.12", "server-use"},
    {"S8", "RFC 5280, 4.2.1.12", "client-use"},
    {"S11", "", "subject-alternative-names"},
};

// Each thing is told once; about other certificates of the chain the path's findings alone speak.
void add_new(pki::Findings& findings, pki::Findings of_path, const pki::Certificate& leaf) {
  const auto leaf_name = printable(leaf.display_name());
  const pki::Findings of_role = findings;
  for (auto& finding : of_path) {
    const bool known =
        finding.subject == leaf_name &&
        std::ranges::any_of(of_role, [&](const auto& one) { return says_the_same(one, finding); });
    if (!known) findings.push_back(std::move(finding));
  }
}

}  // namespace

bool is_relaxed(const pki::Finding& finding, const trust::Verdict& verdict,
                const trust::Verifier& verifier) {
  if (verdict.chain.empty()) return false;
  return std::ranges::any_of(kRelaxables, [&](const Relaxable& one) {
    return one.role_rule == finding.rule &&
           (one.reference.empty() || one.reference == finding.reference) &&
           verifier.is_relaxed(verdict.chain.back(), one.path_rule);
  });
}

Judge::Judge(trust::Verifier verifier, trust::Purpose purpose, Clock clock)
    : verifier_(std::move(verifier)),
      purpose_(purpose),
      clock_(std::move(clock)),
      admitted_(std::make_unique<Memory>(kVerdictsMax)) {}

Ruling Judge::rule(const STACK_OF(X509) * presented, const trust::ExpectedPeer& expected) const {
  const TimePoint now = clock_();
  const auto key = key_of(sk_X509_value(presented, 0), expected);
  Ruling ruling;
  const auto known = admitted_->find(key);
  if (known && now >= known->valid_from && now < known->valid_until &&
      were_sent(known->sent_along, presented)) {
    ruling.certificate = known->certificate;
    ruling.sent_along = known->sent_along;
    ruling.issuer_key = known->issuer_key;
    ruling.valid_from = known->valid_from;
    ruling.valid_until = known->valid_until;
    return ruling;
  }

  const auto leaf = certificate_of(sk_X509_value(presented, 0));
  ruling.certificate = leaf;
  std::vector<pki::Certificate> others;
  for (int i = 1; i < sk_X509_num(presented); ++i) {
    others.push_back(certificate_of(sk_X509_value(presented, i)));
  }
  ruling.findings = pki::check_peer(leaf, role_of(purpose_), now);
  auto verdict = verifier_.verify(leaf, others, purpose_, expected, now);
  ruling.revoked = verdict.revoked;
  ruling.expired = verdict.expired || now > leaf.not_after();
  std::erase_if(ruling.findings, [&](const pki::Finding& finding) {
    return is_relaxed(finding, verdict, verifier_);
  });
  if (const auto advice = trust::relaxation_advice(verdict, verifier_.anchors())) {
    verdict.findings.front().mend += " Or " + *advice;
  }
  if (!verdict.valid) add_new(ruling.findings, std::move(verdict.findings), leaf);
  if (ruling.findings.empty()) {
    ruling.valid_from = verdict.valid_from;
    // The verdict's last second is still in it (RFC 5280, 4.1.2.5).
    ruling.valid_until = verdict.valid_until == TimePoint::max()
                             ? TimePoint::max()
                             : verdict.valid_until + std::chrono::seconds(1);
    ruling.sent_along = worth_keeping(std::move(others), verdict);
    ruling.issuer_key = issuer_key(verdict);
    admitted_->put(
        key, {leaf, ruling.sent_along, ruling.issuer_key, ruling.valid_from, ruling.valid_until});
  }
  return ruling;
}

bool Judge::is_revoked(const pki::Certificate& leaf, std::span<const pki::Certificate> others,
                       const trust::ExpectedPeer& expected) const {
  if (!verifier_.is_revoked(leaf)) return false;
  // A list of its issuer's name may be that of another key: the whole path tells. Where there is
  // none, nothing speaks against the list.
  auto verdict = verifier_.verify(leaf, others, purpose_, expected, clock_());
  if (verdict.valid || verdict.revoked) return verdict.revoked;
  std::erase_if(verdict.findings, speaks_of_list);
  return !verdict.findings.empty();
}

std::optional<pki::Finding> Judge::objection(const Peer& peer, const trust::ExpectedPeer& expected,
                                             const Judge& before) const {
  const TimePoint now = clock_();
  const pki::Certificate& leaf = peer.certificate;
  if (now > leaf.not_after()) {
    pki::Finding finding;
    finding.rule = "S14";
    finding.subject = leaf.display_name();
    finding.found = fmt::format("expired on {}", to_certificate_time(leaf.not_after()));
    finding.wanted = "a certificate within its validity";
    finding.mend =
        "renew it, on the machine with its CA: ipm cert renew STEM, by the STEM of its files there";
    finding.reference = "RFC 5280, 4.1.2.5";
    return finding;
  }
  std::span<const pki::Certificate> others;
  if (peer.sent_along) others = *peer.sent_along;
  if (is_revoked(leaf, others, expected)) {
    pki::Finding finding;
    finding.rule = "B6";
    finding.subject = leaf.display_name();
    finding.found = fmt::format("serial {} is on its CA's revocation list", leaf.serial());
    finding.wanted = "a certificate that has not been revoked";
    finding.mend = "issue a new certificate to its holder: ipm cert issue";
    finding.reference = "RFC 5280, 5";
    return finding;
  }
  const auto is_listed = [this](const auto& issuer) { return verifier_.is_revoked(issuer); };
  if (verifier_.trusts_alike(before.verifier_) && std::ranges::none_of(others, is_listed)) {
    return {};
  }
  auto verdict = verifier_.verify(leaf, others, purpose_, expected, now);
  std::erase_if(verdict.findings, speaks_of_list);
  if (verdict.valid || verdict.findings.empty()) return {};
  return std::move(verdict.findings.front());
}

}  // namespace ipm::tls
