#pragma once
// Small worlds of CAs that certify each other, and ways to break one of their certificates.

#include <string>
#include <utility>
#include <vector>

#include "path_case.h"

namespace ipm::trust::test {

// A small world of CAs that certify each other, for graphs that a table of one chain cannot hold.
class Graph {
 public:
  using Change = void (*)(make::CertificateSpec&);

  // `issuer` certifies `subject`; both are names, each with a key of its own.
  pki::Certificate edge(const std::string& issuer, const std::string& subject,
                        Change change = nullptr) {
    auto spec = authority_spec(subject, key(subject));
    if (change != nullptr) change(spec);
    return sign(std::move(spec), issuer);
  }
  pki::Certificate leaf(const std::string& issuer) {
    return sign(leaf_spec(make::Key::p256(3)), issuer);
  }
  make::Key key(const std::string& name) { return make::Key::p256(1000 + index_of(name)); }

 private:
  pki::Certificate sign(make::CertificateSpec spec, const std::string& issuer) {
    spec.extensions.set(oid::kAuthorityKeyId, false,
                        make::authority_key_id(key(issuer).identifier()));
    return pki::Certificate::parse_der(make::build(spec, make::common_name(issuer), key(issuer)),
                                       "graph");
  }
  int index_of(const std::string& name) {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] == name) return static_cast<int>(i);
    }
    names_.push_back(name);
    return static_cast<int>(names_.size()) - 1;
  }

  std::vector<std::string> names_;
};

inline const TimePoint kNow = *parse_rfc3339("2026-06-01T12:00:00Z");

inline Verdict verify(const pki::Certificate& leaf, const std::vector<pki::Certificate>& untrusted,
                      const std::vector<pki::Certificate>& anchors, VerifierLimits limits = {}) {
  VerifierOptions options;
  for (const auto& anchor : anchors) {
    options.anchors.push_back({anchor, true, true, std::nullopt, false});
  }
  options.limits = limits;
  return Verifier(options).verify(leaf, untrusted, Purpose::Server, {}, kNow);
}

inline void expire(make::CertificateSpec& spec) {
  spec.not_after = der::utc_time("260201000000Z");
}
inline void forbid_com(make::CertificateSpec& spec) {
  spec.extensions.set(oid::kNameConstraints, true, make::name_constraints({}, {make::dns("com")}));
}
inline void use_mail(make::CertificateSpec& spec) {
  spec.extensions.set(oid::kExtendedKeyUsage, false, make::purposes({oid::kMailUse}));
}
inline void weaken(make::CertificateSpec& spec) {
  spec.inner_algorithm = der::sequence({der::oid("1.2.840.10045.4.1")});
  spec.digest = "SHA1";
}
inline void no_authority(make::CertificateSpec& spec) {
  spec.extensions.set(oid::kBasicConstraints, true, make::basic_constraints(false));
}
inline void no_constraints(make::CertificateSpec& spec) {
  spec.extensions.drop(oid::kBasicConstraints);
}
inline void spoil(make::CertificateSpec& spec) {
  spec.spoil_signature = true;
}
inline void pathlen_0(make::CertificateSpec& spec) {
  spec.extensions.set(oid::kBasicConstraints, true, make::basic_constraints(true, 0));
}

}  // namespace ipm::trust::test
