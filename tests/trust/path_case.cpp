#include "path_case.h"

#include <cctype>

#include "base/clock.h"
#include "base/error.h"

namespace ipm::trust::test {

make::CertificateSpec authority_spec(const std::string& name, const make::Key& key) {
  make::CertificateSpec spec{.key = key, .subject = make::common_name(name)};
  spec.extensions.set(oid::kBasicConstraints, true, make::basic_constraints(true))
      .set(oid::kKeyUsage, true, make::key_usage(kCertSign | kListSign))
      .set(oid::kSubjectKeyId, false, der::octets(key.identifier()));
  return spec;
}

make::CertificateSpec leaf_spec(const make::Key& key) {
  make::CertificateSpec spec{.key = key, .subject = make::common_name("ipmsrv.example.com")};
  spec.extensions.set(oid::kBasicConstraints, true, make::basic_constraints(false))
      .set(oid::kKeyUsage, true, make::key_usage(kSign))
      .set(oid::kExtendedKeyUsage, false, make::purposes({oid::kServerUse}))
      .set(oid::kAlternativeNames, false,
           make::names({make::dns("ipmsrv.example.com"), make::address("\x0a\x01\x01\x01")}));
  return spec;
}

namespace {

Anchor plain_anchor(const std::string& bytes) {
  return {pki::Certificate::parse_der(bytes, "anchor"), true, true, std::nullopt, false};
}

Anchor placeholder_anchor() {
  static const std::string bytes =
      make::build(authority_spec("Placeholder", make::Key::p256(0)),
                  make::common_name("Placeholder"), make::Key::p256(0));
  return plain_anchor(bytes);
}

void name_issuer_key(make::CertificateSpec& spec, const make::Key& issuer) {
  // Where the case has said something of its own about it, that stays.
  if (spec.extensions.has(oid::kAuthorityKeyId)) return;
  spec.extensions.set(oid::kAuthorityKeyId, false, make::authority_key_id(issuer.identifier()));
}

}  // namespace

Scenario::Scenario()
    : root(authority_spec("Root", make::Key::p256(1))),
      intermediate(authority_spec("Intermediate", make::Key::p256(2))),
      leaf(leaf_spec(make::Key::p256(3))),
      now(*parse_rfc3339("2026-06-01T12:00:00Z")),
      anchor_(placeholder_anchor()) {
  crl.extensions.set(oid::kCrlNumber, false, der::integer(7));
}

std::string Scenario::root_der() const {
  return make::build(root, root.subject, root.key);
}

std::string Scenario::intermediate_der() const {
  auto spec = intermediate;
  name_issuer_key(spec, root.key);
  if (spec.without_issuer_key_id) spec.extensions.drop(oid::kAuthorityKeyId);
  return make::build(spec, root.subject, root.key);
}

std::optional<Verdict> Scenario::judge() {
  const auto& issuer = has_intermediate ? intermediate : root;
  auto spec = leaf;
  name_issuer_key(spec, issuer.key);
  if (spec.without_issuer_key_id) spec.extensions.drop(oid::kAuthorityKeyId);
  std::optional<pki::Certificate> subject;
  std::vector<pki::Certificate> untrusted;
  try {
    subject = pki::Certificate::parse_der(make::build(spec, issuer.subject, issuer.key), "leaf");
    for (const std::string& bytes : more_untrusted) {
      untrusted.push_back(pki::Certificate::parse_der(bytes, "untrusted"));
    }
    if (has_intermediate && send_intermediate) {
      untrusted.push_back(pki::Certificate::parse_der(intermediate_der(), "intermediate"));
    }
    for (const std::string& bytes : more_anchors) {
      options.anchors.push_back(plain_anchor(bytes));
    }
    if (trust_root) {
      anchor_.certificate = pki::Certificate::parse_der(root_der(), "root");
      options.anchors.push_back(anchor_);
    }
    for (const std::string& bytes : more_crls) {
      options.crls.push_back(pki::Crl::parse_der(bytes, "list"));
    }
    if (has_crl) {
      if (crl.issuer.empty()) crl.issuer = issuer.subject;
      options.crls.push_back(
          pki::Crl::parse_der(make::build(crl, crl_signer.value_or(issuer.key)), "list"));
      options.crl_required = true;
    }
  } catch (const Error&) {
    return std::nullopt;
  }
  const Verifier verifier(options);
  return verifier.verify(*subject, untrusted, purpose, expected, now);
}

void check(const Case& each) {
  Scenario scenario;
  each.arrange(scenario);
  const auto verdict = scenario.judge();
  if (!verdict) {
    EXPECT_EQ(each.rule, "parse") << "a certificate or list did not parse";
    return;
  }
  if (each.rule.empty()) {
    EXPECT_TRUE(verdict->valid) << pki::to_line(verdict->findings);
    return;
  }
  EXPECT_FALSE(verdict->valid);
  bool named = false;
  for (const auto& finding : verdict->findings) {
    EXPECT_FALSE(finding.passed);
    EXPECT_FALSE(finding.found.empty());
    EXPECT_FALSE(finding.wanted.empty());
    EXPECT_FALSE(finding.mend.empty());
    named = named || finding.rule == each.rule;
  }
  EXPECT_TRUE(named) << "wanted " << each.rule << ", got " << pki::to_line(verdict->findings);
}

std::string case_name(const ::testing::TestParamInfo<Case>& info) {
  std::string name;
  bool word = true;
  for (const char c : info.param.name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) {
      word = true;
      continue;
    }
    name += word ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    word = false;
  }
  return name;
}

}  // namespace ipm::trust::test
