// The rules of S7 to S14, on certificates that the openssl program made to the letter of the
// requirements, and on ones that break them one at a time.
#include "pki/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "base/files.h"
#include "openssl_maker.h"
#include "pki/key.h"

namespace ipm::pki {
namespace {

using test::Recipe;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kServerUsage = "extendedKeyUsage=serverAuth";
const std::string kClientUsage = "extendedKeyUsage=clientAuth";
const std::string kBothUsages = "extendedKeyUsage=serverAuth,clientAuth";
const std::string kSigns = "keyUsage=critical,digitalSignature";
const std::string kSignsAndEnciphers = "keyUsage=critical,digitalSignature,keyEncipherment";
const std::string kLeafConstraints = "basicConstraints=critical,CA:FALSE";
const std::string kOwnName = "subjectAltName=DNS:ipmsrv.example.com,IP:10.0.0.1";

class Rules : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { maker_ = std::make_unique<test::OpensslMaker>(); }
  static void TearDownTestSuite() { maker_.reset(); }

  static Certificate made(const Recipe& recipe) {
    return Certificate::parse(maker_->make(recipe), "made.pem");
  }
  static Certificate server(std::vector<std::string> extensions,
                            std::string subject = "/CN=ipmsrv.example.com") {
    Recipe recipe;
    recipe.subject = std::move(subject);
    recipe.extensions = std::move(extensions);
    return made(recipe);
  }
  // A sound server certificate with another subject and SAN line ("" for none).
  static Certificate named(const std::string& subject, const std::string& names) {
    std::vector<std::string> lines = {kServerUsage, kSigns, kLeafConstraints};
    if (!names.empty()) lines.push_back("subjectAltName=" + names);
    return server(lines, subject);
  }

  static TimePoint now() {
    return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  }
  static Findings checked(const Certificate& certificate, Role role,
                          const PrivateKey* key = nullptr) {
    CheckOptions options;
    options.now = now();
    options.key = key;
    return check(certificate, role, options);
  }
  static std::vector<std::string> broken(const Certificate& certificate, Role role) {
    std::vector<std::string> rules;
    for (const Finding& finding : failures(checked(certificate, role))) {
      rules.push_back(finding.rule);
    }
    // What a handshake judges is the same, without the strings of what holds.
    std::vector<std::string> of_peer;
    for (const Finding& finding : check_peer(certificate, role, now())) {
      of_peer.push_back(finding.rule);
    }
    EXPECT_EQ(rules, of_peer);
    return rules;
  }
  static Finding the(const Findings& findings, std::string_view rule, bool passed) {
    for (const Finding& finding : findings) {
      if (finding.rule == rule && finding.passed == passed) return finding;
    }
    ADD_FAILURE() << "no " << (passed ? "kept" : "broken") << " rule " << rule;
    return {};
  }

  static std::unique_ptr<test::OpensslMaker> maker_;
};
std::unique_ptr<test::OpensslMaker> Rules::maker_;

using Broken = std::vector<std::string>;

// --- what the requirements allow
// ------------------------------------------------------------------

TEST_F(Rules, S7_RsaServerToTheLetterKeepsAllRules) {
  Recipe recipe;
  recipe.key = "rsa2048";
  recipe.extensions = {kServerUsage, kSignsAndEnciphers, kLeafConstraints,
                       "subjectAltName=DNS:alt1.example.com,DNS:alt2.example.com,IP:10.0.0.1,"
                       "IP:fc00::1"};
  const Certificate certificate = made(recipe);
  EXPECT_EQ(broken(certificate, Role::Server), Broken{});
  const Finding names = the(checked(certificate, Role::Server), "S11", true);
  EXPECT_THAT(names.found,
              HasSubstr("DNS:alt1.example.com, DNS:alt2.example.com, IP:10.0.0.1, IP:fc00::1"));
  EXPECT_THAT(names.found, HasSubstr("the main name stands only in the subject"));
  EXPECT_TRUE(names.mend.empty());
}

TEST_F(Rules, S7_WithoutBasicConstraintsALeafIsALeaf) {
  EXPECT_EQ(broken(server({kServerUsage, kSigns, kOwnName}), Role::Server), Broken{});
}

TEST_F(Rules, S7_EcServerSignsAloneAndTheCheckSaysWhy) {
  const Certificate certificate = server({kServerUsage, kSigns, kLeafConstraints, kOwnName});
  EXPECT_EQ(broken(certificate, Role::Server), Broken{});
  bool explained = false;
  for (const Finding& finding : checked(certificate, Role::Server)) {
    explained = explained ||
                (finding.rule == "S7" && finding.reference.find("RFC 8813") != std::string::npos &&
                 finding.wanted.find("digitalSignature alone") != std::string::npos);
  }
  EXPECT_TRUE(explained);
}

TEST_F(Rules, S8_ClientToTheLetterKeepsAllRules) {
  EXPECT_EQ(broken(server({kClientUsage, kSigns, kLeafConstraints}, "/CN=client.example.com"),
                   Role::Client),
            Broken{});
  EXPECT_EQ(broken(server({kClientUsage, kSigns, kLeafConstraints}, "/CN=alice"), Role::Client),
            Broken{});
  EXPECT_EQ(broken(server({kClientUsage, kSigns}, "/CN=*.example.com"), Role::Client), Broken{});
}

TEST_F(Rules, S9_MutualServerHasBothUsages) {
  const Certificate both = server({kBothUsages, kSigns, kOwnName});
  EXPECT_EQ(broken(both, Role::MutualServer), Broken{});
  EXPECT_EQ(broken(both, Role::Server), Broken{});
  EXPECT_EQ(broken(both, Role::Client), Broken{});
}

TEST_F(Rules, S10_WildcardForTheWholeDomainIsAName) {
  EXPECT_EQ(broken(named("/CN=*.example.com", ""), Role::Server), Broken{});
  EXPECT_EQ(broken(named("/CN=*.example.com", "DNS:*.example.com,DNS:example.com"), Role::Server),
            Broken{});
}

TEST_F(Rules, S10_ASubjectWithoutCommonNameIsFineWhereTheSanNamesTheComputer) {
  EXPECT_EQ(broken(named("/O=Example", "DNS:ipmsrv.example.com"), Role::Server), Broken{});
  EXPECT_EQ(broken(named("/O=Example", "IP:10.0.0.1"), Role::Server), Broken{"S10"});
}

TEST_F(Rules, S2_AuthorityToTheLetterKeepsAllRules) {
  const Certificate authority = server(
      {"basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"}, "/CN=Our CA");
  EXPECT_EQ(broken(authority, Role::Authority), Broken{});
  EXPECT_EQ(guess_role(authority), Role::Authority);
}

// --- what they refuse
// -----------------------------------------------------------------------------

TEST_F(Rules, S7_ServerWithoutExtendedKeyUsageIsRefused) {
  const Certificate certificate = server({kSigns, kOwnName});
  EXPECT_EQ(broken(certificate, Role::Server), Broken{"S7"});
  const Finding finding = the(checked(certificate, Role::Server), "S7", false);
  EXPECT_EQ(finding.found, "no extended key usage");
  EXPECT_THAT(finding.wanted, HasSubstr("serverAuth"));
  EXPECT_THAT(finding.mend, HasSubstr("ipm cert issue server"));
}

TEST_F(Rules, S7_ClientCertificateIsNoServer) {
  EXPECT_EQ(broken(server({kClientUsage, kSigns, kOwnName}), Role::Server), Broken{"S7"});
}

TEST_F(Rules, S7_RsaServerWithoutKeyEnciphermentIsRefused) {
  Recipe recipe;
  recipe.key = "rsa2048";
  recipe.extensions = {kServerUsage, kSigns, kOwnName};
  EXPECT_EQ(broken(made(recipe), Role::Server), Broken{"S7"});
}

TEST_F(Rules, S7_ServerWithoutKeyUsageIsRefused) {
  EXPECT_EQ(broken(server({kServerUsage, kOwnName}), Role::Server), Broken{"S7"});
}

TEST_F(Rules, S7_EcKeyWithKeyEnciphermentIsRefused) {
  EXPECT_EQ(broken(server({kServerUsage, kSignsAndEnciphers, kOwnName}), Role::Server),
            Broken{"key-usage-of-key"});
  Recipe recipe;
  recipe.key = "ed25519";
  recipe.extensions = {kServerUsage, kSignsAndEnciphers, kOwnName};
  EXPECT_EQ(broken(made(recipe), Role::Server), Broken{"key-usage-of-key"});
}

TEST_F(Rules, S8_ServerCertificateIsNoClient) {
  EXPECT_EQ(broken(server({kServerUsage, kSigns, kOwnName}), Role::Client), Broken{"S8"});
}

TEST_F(Rules, S8_ClientWithoutDigitalSignatureIsRefused) {
  EXPECT_EQ(broken(server({kClientUsage, "keyUsage=critical,keyAgreement"}), Role::Client),
            Broken{"S8"});
  EXPECT_EQ(broken(server({kClientUsage}), Role::Client), Broken{"S8"});
}

TEST_F(Rules, S9_OneUsageAloneIsNotMutual) {
  EXPECT_EQ(broken(server({kServerUsage, kSigns, kOwnName}), Role::MutualServer), Broken{"S9"});
  EXPECT_EQ(broken(server({kClientUsage, kSigns, kOwnName}), Role::MutualServer),
            (Broken{"S7", "S9"}));
}

TEST_F(Rules, S10_PartialWildcardsAreRefusedByName) {
  for (const std::string name : {"ipm*.example.com", "*srv.example.com", "i*v.example.com",
                                 "www.*.example.com", "*", "*.*.example.com", "**.example.com"}) {
    SCOPED_TRACE(name);
    const Certificate in_subject = named("/CN=" + name, "DNS:ipmsrv.example.com");
    EXPECT_EQ(broken(in_subject, Role::Server), Broken{"S10"});
    EXPECT_THAT(the(checked(in_subject, Role::Server), "S10", false).found, HasSubstr(name));
    const Certificate in_names =
        named("/CN=ipmsrv.example.com", "DNS:ipmsrv.example.com,DNS:" + name);
    EXPECT_EQ(broken(in_names, Role::Server), Broken{"S10"});
    EXPECT_THAT(the(checked(in_names, Role::Server), "S10", false).found,
                HasSubstr("partial or misplaced wildcard DNS:" + name));
  }
}

TEST_F(Rules, S10_PartialWildcardsAreRefusedForClientsToo) {
  EXPECT_EQ(broken(server({kClientUsage, kSigns}, "/CN=ipm*.example.com"), Role::Client),
            Broken{"S10"});
}

TEST_F(Rules, S10_SubjectsThatNameNoComputerAreRefused) {
  for (const std::string subject :
       {"/CN=ipmsrv", "/CN=10.0.0.2", "/CN=fc00::1", "/CN=Print Server", "/CN=*.com",
        "/CN=a.example.com/CN=b.example.com", "/O=Example", "/CN=ipm_srv.example.com."}) {
    SCOPED_TRACE(subject);
    EXPECT_EQ(broken(named(subject, "IP:10.0.0.1"), Role::Server), Broken{"S10"});
  }
  EXPECT_THAT(the(checked(named("/CN=ipmsrv", ""), Role::Server), "S10", false).found,
              HasSubstr("lacks its domain"));
}

TEST_F(Rules, S10_AnAddressThatTheSanRepeatsAloneIsAStatedException) {
  const Certificate alone = named("/CN=10.0.0.1", "IP:10.0.0.1,IP:fc00::1");
  EXPECT_EQ(broken(alone, Role::Server), Broken{});
  EXPECT_THAT(the(checked(alone, Role::Server), "S10", true).found, HasSubstr("exception"));
  EXPECT_EQ(broken(named("/CN=10.0.0.1", "IP:10.0.0.1,DNS:a.example.com"), Role::Server),
            Broken{"S10"});
  EXPECT_EQ(broken(named("/CN=10.0.0.1", ""), Role::Server), Broken{"S10"});
}

TEST_F(Rules, S10_AClientNeedsOneName) {
  EXPECT_EQ(broken(server({kClientUsage, kSigns}, "/O=Example"), Role::Client), Broken{"S10"});
  EXPECT_EQ(broken(server({kClientUsage, kSigns}, "/CN=alice/CN=bob"), Role::Client),
            Broken{"S10"});
}

TEST_F(Rules, S11_MalformedAlternativeNamesAreRefused) {
  for (const std::string names :
       {"DNS:10.0.0.1", "DNS:-a.example.com", "DNS:a..example.com", "DNS:a b.example.com"}) {
    SCOPED_TRACE(names);
    EXPECT_EQ(broken(named("/CN=ipmsrv.example.com", names), Role::Server), Broken{"S11"});
  }
  EXPECT_THAT(
      the(checked(named("/CN=ipmsrv.example.com", "DNS:10.0.0.1"), Role::Server), "S11", false)
          .found,
      HasSubstr("an address written as a DNS name"));
  // An iPAddress of five octets, and an empty list: only DER writes them.
  EXPECT_EQ(broken(named("/CN=ipmsrv.example.com", "DER:30:07:87:05:0a:00:00:01:00"), Role::Server),
            Broken{"S11"});
  EXPECT_EQ(broken(named("/CN=ipmsrv.example.com", "DER:30:00"), Role::Server), Broken{"S11"});
}

TEST_F(Rules, S11_DamagedAlternativeNamesAreNotAbsentOnes) {
  const Certificate certificate = named("/CN=ipmsrv.example.com", "DER:30:05:82:10:61:62:63");
  EXPECT_EQ(broken(certificate, Role::Server), (Broken{"S11", "extensions"}));
}

TEST_F(Rules, S12_KeyOfAnotherCertificateIsRefused) {
  const auto ours = PrivateKey::parse(read_file(maker_->key_file("p256")), "p256.key");
  const auto other = PrivateKey::parse(read_file(maker_->key_file("rsa2048")), "rsa.key");
  const Certificate certificate = server({kServerUsage, kSigns, kOwnName});
  EXPECT_TRUE(all_passed(checked(certificate, Role::Server, &ours)));
  const Findings findings = checked(certificate, Role::Server, &other);
  ASSERT_EQ(failures(findings).size(), 1U);
  EXPECT_EQ(failures(findings)[0].rule, "S12");
  EXPECT_THAT(failures(findings)[0].found, HasSubstr("RSA 2048"));
  EXPECT_THAT(failures(findings)[0].found, HasSubstr("EC P-256"));
  EXPECT_THAT(failures(findings)[0].mend, Not(HasSubstr("PRIVATE KEY")));
}

TEST_F(Rules, S14_ValidityIsJudgedAtTheTimeHandedIn) {
  Recipe recipe;
  recipe.extensions = {kServerUsage, kSigns, kOwnName};
  recipe.days = 100;
  const Certificate certificate = made(recipe);
  const auto judged = [&](TimePoint time) {
    CheckOptions options;
    options.now = time;
    return check(certificate, Role::Server, options);
  };
  const TimePoint from = certificate.not_before();
  const TimePoint until = certificate.not_after();
  EXPECT_TRUE(all_passed(judged(from)));
  EXPECT_TRUE(all_passed(judged(until)));  // Both ends count (RFC 5280, 4.1.2.5).
  EXPECT_THAT(the(judged(from - std::chrono::seconds{1}), "S14", false).found,
              HasSubstr("not valid before " + to_certificate_time(from)));
  EXPECT_THAT(the(judged(until + std::chrono::seconds{1}), "S14", false).found,
              HasSubstr("it expired on " + to_certificate_time(until)));
}

TEST_F(Rules, S14_FewerThan31DaysAreANoteNotAFailure) {
  Recipe recipe;
  recipe.extensions = {kServerUsage, kSigns, kOwnName};
  recipe.days = 100;
  const Certificate certificate = made(recipe);
  const TimePoint last_quiet = certificate.not_after() - std::chrono::days{31};
  EXPECT_FALSE(expires_soon(certificate, last_quiet, 31));
  EXPECT_TRUE(expires_soon(certificate, last_quiet + std::chrono::seconds{1}, 31));
  CheckOptions options;
  options.now = last_quiet + std::chrono::seconds{1};
  const Findings findings = check(certificate, Role::Server, options);
  EXPECT_TRUE(all_passed(findings));
  EXPECT_THAT(the(findings, "S14", true).found, HasSubstr("soon: fewer than 31 days"));
}

TEST_F(Rules, S14_IsLeftOutWherePathValidationJudgesIt) {
  CheckOptions options;
  options.now = now() + std::chrono::days{9999};
  options.judge_validity = false;
  EXPECT_TRUE(all_passed(check(server({kServerUsage, kSigns, kOwnName}), Role::Server, options)));
}

TEST_F(Rules, AnAuthorityIsNoLeaf) {
  EXPECT_EQ(broken(server({kServerUsage, kSigns, kOwnName, "basicConstraints=critical,CA:TRUE"}),
                   Role::Server),
            Broken{"basic-constraints"});
  EXPECT_EQ(broken(server({kServerUsage, "keyUsage=digitalSignature,keyCertSign", kOwnName}),
                   Role::Server),
            Broken{"basic-constraints"});
}

TEST_F(Rules, S2_ALeafIsNoAuthority) {
  EXPECT_EQ(broken(server({kServerUsage, kSigns, kLeafConstraints}), Role::Authority),
            (Broken{"S2", "S2"}));
  EXPECT_EQ(
      broken(server({"basicConstraints=CA:TRUE", "keyUsage=keyCertSign,cRLSign"}), Role::Authority),
      Broken{"S2"});
  EXPECT_EQ(broken(server({"basicConstraints=critical,CA:TRUE", "keyUsage=keyCertSign"}),
                   Role::Authority),
            Broken{"S2"});
}

TEST_F(Rules, AnyExtendedKeyUsageStandsForNothing) {
  EXPECT_EQ(
      broken(server({"extendedKeyUsage=anyExtendedKeyUsage", kSigns, kOwnName}), Role::Server),
      (Broken{"S7", "any-usage"}));
  EXPECT_EQ(broken(server({"extendedKeyUsage=clientAuth,anyExtendedKeyUsage", kSigns}, "/CN=alice"),
                   Role::Client),
            Broken{"any-usage"});
}

TEST_F(Rules, WeakKeysAreRefused) {
  Recipe recipe;
  recipe.extensions = {kServerUsage, kSignsAndEnciphers, kOwnName};
  recipe.key = "rsa1024";
  EXPECT_EQ(broken(made(recipe), Role::Server), Broken{"key-strength"});
  recipe.extensions = {kServerUsage, kSigns, kOwnName};
  recipe.key = "p192";
  EXPECT_EQ(broken(made(recipe), Role::Server), Broken{"key-strength"});
  recipe.key = "dsa";
  EXPECT_EQ(broken(made(recipe), Role::Server), Broken{"key-strength"});
}

TEST_F(Rules, WeakDigestsAreRefused) {
  Recipe recipe;
  recipe.extensions = {kServerUsage, kSigns, kOwnName};
  for (const std::string digest : {"sha1", "sha224"}) {
    recipe.digest = digest;
    EXPECT_EQ(broken(made(recipe), Role::Server), Broken{"signature-digest"}) << digest;
  }
  recipe.digest = "sha384";
  EXPECT_EQ(broken(made(recipe), Role::Server), Broken{});
}

TEST_F(Rules, VersionOneHasNothingToShow) {
  const auto certificate =
      Certificate::parse(maker_->make_version_1("ipmsrv.example.com"), "v1.pem");
  EXPECT_EQ(broken(certificate, Role::Server), (Broken{"S7", "S7", "version"}));
}

TEST_F(Rules, SerialNumbersArePositiveAndAtMost20Octets) {
  Recipe recipe;
  recipe.extensions = {kServerUsage, kSigns, kOwnName};
  for (const std::string serial : {"0", "-5", "0x8000000000000000000000000000000000000000",
                                   "0x010000000000000000000000000000000000000000"}) {
    recipe.serial = serial;
    EXPECT_EQ(broken(made(recipe), Role::Server), Broken{"serial"}) << serial;
  }
  recipe.serial = "0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF";
  EXPECT_EQ(broken(made(recipe), Role::Server), Broken{});
}

TEST_F(Rules, UnknownCriticalExtensionsAreRefusedAndUncriticalOnesAreNot) {
  EXPECT_EQ(
      broken(server({kServerUsage, kSigns, kOwnName, "1.2.3.4=critical,DER:05:00"}), Role::Server),
      Broken{"critical-extensions"});
  EXPECT_EQ(broken(server({kServerUsage, kSigns, kOwnName, "1.2.3.4=DER:05:00"}), Role::Server),
            Broken{});
}

TEST_F(Rules, DamagedExtensionsAreFindings) {
  EXPECT_EQ(broken(server({"extendedKeyUsage=DER:30:03:06:09:2a", kSigns, kOwnName}), Role::Server),
            (Broken{"S7", "extensions"}));
  EXPECT_EQ(
      broken(server({kServerUsage, kSigns, kOwnName, "basicConstraints=DER:04:01"}), Role::Server),
      (Broken{"basic-constraints", "extensions"}));
}

TEST_F(Rules, RolesAreGuessedFromTheUsages) {
  EXPECT_EQ(guess_role(server({kServerUsage, kSigns})), Role::Server);
  EXPECT_EQ(guess_role(server({kClientUsage, kSigns})), Role::Client);
  EXPECT_EQ(guess_role(server({kBothUsages, kSigns})), Role::MutualServer);
  EXPECT_EQ(guess_role(server({kSigns})), Role::Server);
}

TEST(RuleTexts, EveryRowSaysWhatItWantsAndHowToMendIt) {
  for (const auto number : {"S2", "S7", "S8", "S9", "S10", "S11", "S12", "S14", "key-strength"}) {
    const auto texts = rule_texts(number);
    ASSERT_FALSE(texts.empty()) << number;
    for (const auto& text : texts) {
      EXPECT_FALSE(text.title.empty());
      EXPECT_FALSE(text.wanted.empty());
      EXPECT_FALSE(text.mend.empty());
      EXPECT_FALSE(text.reference.empty());
    }
  }
  EXPECT_EQ(rule_texts("s7").size(), 3U);
  EXPECT_TRUE(rule_texts("S99").empty());
}

}  // namespace
}  // namespace ipm::pki
