// Loading a certificate and its key from files: what is refused, in what words, and what is not.
#include "tls/identity.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "support.h"

namespace ipm::tls::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

struct IdentityTest : testing::Test {
  Notices notices;

  Identity load(const IdentityFiles& files, pki::Role role = pki::Role::MutualServer) {
    return load_identity(files, role, noon(), notices);
  }
  Error refusal(const IdentityFiles& files, pki::Role role = pki::Role::MutualServer) {
    try {
      load(files, role);
    } catch (const Error& error) {
      return error;
    }
    throw std::runtime_error("the identity was taken");
  }
};

TEST_F(IdentityTest, LoadsTheLeafItsChainAndItsKey) {
  const auto one = load(identity("server-sub"));
  ASSERT_EQ(one.chain.size(), 2U);
  EXPECT_EQ(one.leaf().subject(), "CN = ipmsrv.example.com");
  EXPECT_EQ(one.chain[1].subject(), "CN = Imprimatur Test Sub CA");
  EXPECT_TRUE(one.key.public_key() == one.leaf().public_key());
  EXPECT_THAT(notices, IsEmpty());
}

TEST_F(IdentityTest, S7_AnRsaKeyNeedsKeyEnciphermentAndHasIt) {
  EXPECT_NO_THROW(load(identity("server-rsa")));
}

TEST_F(IdentityTest, S12_WrongFormsOfKeysAreRefusedEachWithItsMend) {
  const auto certificate = file("server-cert.pem");
  const auto encrypted = refusal({certificate, file("encrypted-key.pem")});
  EXPECT_EQ(encrypted.message(), Message::KeyUnusable);
  EXPECT_THAT(encrypted.happened(), HasSubstr("encrypted"));
  EXPECT_THAT(encrypted.mend(), HasSubstr("encrypted-key.pem"));
  const auto der = refusal({certificate, file("der-key.pem")});
  EXPECT_EQ(der.message(), Message::KeyUnusable);
  EXPECT_THAT(der.happened(), HasSubstr("DER"));
  const auto pkcs12 = refusal({certificate, file("pkcs12-key.pem")});
  EXPECT_EQ(pkcs12.message(), Message::KeyUnusable);
  EXPECT_THAT(pkcs12.happened(), HasSubstr("PKCS#12"));
}

TEST_F(IdentityTest, S12_DerCertificateIsRefused) {
  const auto error = refusal({file("der-cert.pem"), file("server-key.pem")});
  EXPECT_EQ(error.message(), Message::CertificateUnusable);
  EXPECT_THAT(error.happened(), HasSubstr("DER"));
}

TEST_F(IdentityTest, S12_TheKeyOfAnotherCertificateIsRefused) {
  const auto error = refusal({file("server-cert.pem"), file("client-key.pem")});
  EXPECT_EQ(error.message(), Message::KeyMismatch);
  EXPECT_THAT(error.happened(), HasSubstr("CN = ipmsrv.example.com"));
}

TEST_F(IdentityTest, S12_ALeafThatIsNotFirstInItsFileIsRefusedWithThatMend) {
  const TemporaryFolder folder;
  const auto mixed = text_of("sub-cert.pem") + text_of("server-cert.pem");
  write_file({folder / "cert.pem", mixed});
  const auto error = refusal({folder / "cert.pem", file("server-key.pem")});
  EXPECT_EQ(error.message(), Message::KeyMismatch);
  EXPECT_THAT(error.mend(), HasSubstr("first"));
}

TEST_F(IdentityTest, WhatIsSentIsAPathFromTheLeafAndTheRestIsTold) {
  const TemporaryFolder folder;
  const auto leaf = text_of("server-sub-leaf-cert.pem");
  write_file({folder / "cert.pem", leaf + text_of("ca-cert.pem") + text_of("other-ca-cert.pem") +
                                       text_of("old-sub-cert.pem") + text_of("sub-cert.pem") +
                                       text_of("sub-cert.pem")});
  const auto one = load({folder / "cert.pem", file("server-sub-key.pem")});
  ASSERT_EQ(one.chain.size(), 2U);
  EXPECT_EQ(one.chain[1].subject(), "CN = Imprimatur Test Sub CA");
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_THAT(notices[0].text, HasSubstr("a root, which peers have"));
  EXPECT_THAT(notices[0].text, HasSubstr("Imprimatur Old Sub CA (on no path"));
  EXPECT_THAT(notices[0].text, HasSubstr("Imprimatur Test Sub CA (it stands there twice)"));
}

TEST_F(IdentityTest, EachPathOfACrossCertifiedCaIsSent) {
  const auto one = load(identity("client-sub-both"), pki::Role::Client);
  EXPECT_EQ(one.chain.size(), 3U);
  EXPECT_THAT(notices, IsEmpty());
}

TEST_F(IdentityTest, S13_AKeyThatEverybodyCanReadIsUsedAndReported) {
  const TemporaryFolder folder;
  write_file({folder / "key.pem", text_of("server-key.pem"), os::Privacy::Everyone});
  load({file("server-cert.pem"), folder / "key.pem"});
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_EQ(notices[0].message, Message::KeyExposed);
  EXPECT_THAT(notices[0].text, HasSubstr((folder / "key.pem").string()));
}

TEST_F(IdentityTest, S13_AKeyThatItsGroupCanReadIsNot) {
  const TemporaryFolder folder;
  write_file({folder / "key.pem", text_of("server-key.pem"), os::Privacy::OwnerAndGroup});
  load({file("server-cert.pem"), folder / "key.pem"});
  EXPECT_THAT(notices, IsEmpty());
}

TEST_F(IdentityTest, S14_AnExpiredCertificateIsRefused) {
  const auto error = refusal(identity("server-expired"));
  EXPECT_EQ(error.message(), Message::CertificateExpired);
  EXPECT_THAT(error.happened(), HasSubstr("Jan  1 00:00:00 2021 GMT"));
  EXPECT_THAT(error.mend(), HasSubstr("ipm cert renew server"));
}

TEST_F(IdentityTest, BrokenRulesAreNamedTogether) {
  const auto error = refusal(identity("server-client-eku"));
  EXPECT_EQ(error.message(), Message::CertificateBreaksRule);
  EXPECT_THAT(error.happened(), HasSubstr("S7: found"));
  EXPECT_THAT(error.happened(), HasSubstr("S9: found"));
  EXPECT_THAT(error.expected(), HasSubstr("serverAuth"));
  EXPECT_THAT(error.mend(), HasSubstr("ipm cert issue server"));
}

TEST_F(IdentityTest, S9_ServerAuthAloneIsEnoughOnlyWithoutMutualAuthentication) {
  EXPECT_THAT(refusal(identity("server-only")).happened(), HasSubstr("S9: found"));
  EXPECT_NO_THROW(load(identity("server-only"), pki::Role::Server));
}

TEST_F(IdentityTest, S10_PartialWildcardsAreRefused) {
  EXPECT_THAT(refusal(identity("server-partial-wildcard"), pki::Role::Server).happened(),
              HasSubstr("S10: found"));
}

TEST_F(IdentityTest, FilesThatAreNotThereAreNamed) {
  const auto error = refusal({"/nowhere/cert.pem", "/nowhere/key.pem"});
  EXPECT_EQ(error.message(), Message::FileNotFound);
  EXPECT_THAT(error.happened(), HasSubstr("/nowhere/cert.pem"));
}

TEST_F(IdentityTest, NoKeyEverStandsInAMessage) {
  for (const char* const name : {"encrypted-key.pem", "server-cert.pem", "client-key.pem"}) {
    const auto error = refusal({file("server-cert.pem"), file(name)});
    EXPECT_THAT(error.what(), testing::Not(HasSubstr("BEGIN")));
    EXPECT_THAT(error.what(), testing::Not(HasSubstr("MIG")));
  }
}

}  // namespace
}  // namespace ipm::tls::test
