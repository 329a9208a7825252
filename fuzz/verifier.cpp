// floors: trust pki base
// Any bytes as a chain: leaf, anchors, other certificates and revocation lists, each two bytes of
// length and its DER, in the order that the first byte says. A verdict always comes, within its
// budget; it is valid exactly when nothing is found wrong, and then its chain ends with an anchor.
#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "trust/certificate_judge.h"
#include "trust/crl_facts.h"
#include "trust/verifier.h"

namespace {

using ipm::trust::Purpose;

void require(bool holds) {
  if (!holds) std::abort();
}

// Takes the next piece off `bytes`: two bytes of length, big-endian, and as many bytes.
std::string_view take_piece(std::string_view& bytes) {
  if (bytes.size() < 2) {
    bytes = {};
    return {};
  }
  const std::size_t wanted =
      static_cast<unsigned char>(bytes[0]) * 256U + static_cast<unsigned char>(bytes[1]);
  bytes.remove_prefix(2);
  const auto piece = bytes.substr(0, std::min(wanted, bytes.size()));
  bytes.remove_prefix(piece.size());
  return piece;
}

std::optional<ipm::pki::Certificate> find_certificate(std::string_view bytes) {
  try {
    return ipm::pki::Certificate::parse_der(bytes, "f");
  } catch (const ipm::Error&) {
    return std::nullopt;
  }
}

std::vector<ipm::pki::Certificate> take_certificates(std::string_view& bytes, unsigned count) {
  std::vector<ipm::pki::Certificate> certificates;
  for (unsigned i = 0; i < count; ++i) {
    if (auto certificate = find_certificate(take_piece(bytes))) {
      certificates.push_back(std::move(*certificate));
    }
  }
  return certificates;
}

void judge_alone(const ipm::pki::Certificate& certificate) {
  const auto facts = ipm::trust::read_facts(certificate);
  const auto all = ipm::trust::applied_rules(true, {});
  (void)ipm::trust::judge_leaf(facts, Purpose::Server, all);
  (void)ipm::trust::judge_authority(facts, true);
  (void)ipm::trust::naming_common_name(facts);
  if (!facts.name_constraints) return;
  ipm::trust::ComparisonBudget budget{10'000};
  for (const auto& name : facts.alternative_names) {
    (void)ipm::trust::constraint_complaint(*facts.name_constraints, name, budget);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const unsigned choice = data[0];
  bytes.remove_prefix(1);

  const auto leaf = find_certificate(take_piece(bytes));
  const auto anchors = take_certificates(bytes, 1 + (choice & 1U));
  const auto untrusted = take_certificates(bytes, (choice >> 1U) & 7U);
  ipm::trust::VerifierOptions options;
  for (const auto& anchor : anchors) {
    options.anchors.push_back({anchor, true, true, std::nullopt, (choice & 64U) != 0});
  }
  while (!bytes.empty() && options.crls.size() < 3) {
    try {
      options.crls.push_back(ipm::pki::Crl::parse_der(take_piece(bytes), "f"));
      ipm::trust::CrlFacts facts;
      ipm::trust::read_crl(options.crls.back(), facts);
    } catch (const ipm::Error&) {
    }
  }
  options.strict = (choice & 16U) != 0;
  options.crl_required = (choice & 32U) != 0;
  for (const auto& certificate : untrusted) judge_alone(certificate);
  if (!leaf) return 0;
  judge_alone(*leaf);

  const ipm::trust::Verifier verifier(options);
  const ipm::trust::ExpectedPeer expected = ipm::pki::DnsName::parse("a.example.com");
  const auto now = *ipm::parse_rfc3339("2026-06-01T12:00:00Z");
  for (const auto purpose : {Purpose::Server, Purpose::Client}) {
    const auto verdict = verifier.verify(*leaf, untrusted, purpose, expected, now);
    require(verdict.valid == verdict.findings.empty());
    require(!verdict.chain.empty() && verdict.chain.front() == *leaf);
    if (!verdict.valid) continue;
    require(std::ranges::find(anchors, verdict.chain.back()) != anchors.end());
    require(verifier.verify(*leaf, untrusted, purpose, expected, now).chain == verdict.chain);
  }
  (void)verifier.is_revoked(*leaf);
  return 0;
}
