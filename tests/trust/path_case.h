#pragma once
// One case of path validation: a chain root -> [intermediate ->] leaf that is valid, what the case
// changes in it, and the rule that must refuse it. Tables of these are in the path_*_test.cpp
// files.

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "certificate_builder.h"
#include "pki/certificate.h"
#include "pki/crl.h"
#include "trust/verifier.h"

namespace ipm::trust::test {

namespace make = ipm::test;
namespace der = ipm::test::der;
namespace oid = ipm::test::oid;

inline constexpr unsigned kSign = pki::kDigitalSignature;
inline constexpr unsigned kCertSign = pki::kKeyCertSign;
inline constexpr unsigned kListSign = pki::kCrlSign;

make::CertificateSpec authority_spec(const std::string& name, const make::Key& key);
make::CertificateSpec leaf_spec(const make::Key& key);

struct Scenario {
  Scenario();

  make::CertificateSpec root;
  make::CertificateSpec intermediate;  // used where with_intermediate() was called
  make::CertificateSpec leaf;
  bool has_intermediate = false;
  bool send_intermediate = true;
  std::vector<std::string> more_untrusted;  // DER, before the intermediate
  std::vector<std::string> more_anchors;    // DER, before the root
  bool trust_root = true;
  make::CrlSpec crl;  // the leaf's issuer's; used where with_crl() was called
  bool has_crl = false;
  std::optional<make::Key> crl_signer;  // absent: the leaf's issuer's
  std::vector<std::string> more_crls;   // DER, before it
  Anchor* root_anchor() { return &anchor_; }

  VerifierOptions options;
  Purpose purpose = Purpose::Server;
  ExpectedPeer expected;
  TimePoint now;

  Scenario& with_intermediate() {
    has_intermediate = true;
    return *this;
  }
  Scenario& with_crl() {
    has_crl = true;
    return *this;
  }
  Scenario& strict() {
    options.strict = true;
    return *this;
  }
  Scenario& relax(const std::string& rule) {
    options.relaxed.push_back(rule);
    return *this;
  }
  Scenario& expect_host(const std::string& host) {
    expected = pki::DnsName::parse(host);
    return *this;
  }
  Scenario& expect_address(const std::string& address) {
    expected = pki::IpAddress::parse(address);
    return *this;
  }
  Scenario& names(const std::vector<std::string>& general_names, bool critical = false) {
    leaf.extensions.set(oid::kAlternativeNames, critical, make::names(general_names));
    return *this;
  }
  // Name constraints of the intermediate.
  Scenario& constrain(const std::vector<std::string>& permitted,
                      const std::vector<std::string>& excluded = {}) {
    with_intermediate();
    intermediate.extensions.set(oid::kNameConstraints, true,
                                make::name_constraints(permitted, excluded));
    return *this;
  }

  // Nothing: the leaf does not parse, which is a refusal too.
  std::optional<Verdict> judge();

  std::string root_der() const;
  std::string intermediate_der() const;

 private:
  Anchor anchor_;
};

struct Case {
  std::string name;
  std::string rule;  // empty: valid; else what the findings name ("path-length", "S7")
  void (*arrange)(Scenario&);
};
inline void PrintTo(const Case& each, std::ostream* out) {
  *out << each.name;
}

void check(const Case& each);

class PathCase : public ::testing::TestWithParam<Case> {};
std::string case_name(const ::testing::TestParamInfo<Case>& info);

}  // namespace ipm::trust::test
