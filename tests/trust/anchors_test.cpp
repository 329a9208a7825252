#include "trust/anchors.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/text.h"
#include "certdata_test_support.h"
#include "pki/pem.h"

namespace ipm::trust {
namespace {

using test::error_of;
using ::testing::HasSubstr;

// Certificates of the test data, by their place in the file.
const StoreCertificate& root(std::size_t i) {
  static const std::string text = test::own("nss.txt");
  static const Certdata data = parse_certdata(text, "nss.txt");
  return data.certificates.at(i);
}
std::string pem(std::size_t i) {
  return root(i).certificate().pem();
}

Error refusal(std::string_view text) {
  auto error = error_of([&] { parse_anchors(text, "ca-cert.pem"); });
  EXPECT_EQ(error.message(), Message::AnchorsUnusable);
  return error;
}

TEST(Anchors, APlainCertificateVouchesForEverything) {
  const auto anchors = parse_anchors("My own CA\n=========\n" + pem(0), "f");
  ASSERT_EQ(anchors.size(), 1U);
  EXPECT_EQ(anchors[0].certificate, root(0).certificate());
  EXPECT_TRUE(anchors[0].vouches_for_servers);
  EXPECT_TRUE(anchors[0].vouches_for_clients);
  EXPECT_FALSE(anchors[0].is_public);
  EXPECT_FALSE(anchors[0].server_distrust_after);
}

TEST(Anchors, B12_S18_OurLineSaysWhatPemCannot) {
  const auto anchors = parse_anchors(
      "# ipm-trust: purposes=SERVER_AUTH,EMAIL_PROTECTION; "
      "server-distrust-after=2024-11-30T23:59:59Z; public\nCertificate:\n    Data:\n" +
          pem(0) + "# ipm-trust: purposes=CLIENT_AUTH\n" + pem(1) + "# ipm-trust: purposes=\n" +
          pem(2) + pem(3),
      "f");
  ASSERT_EQ(anchors.size(), 4U);
  EXPECT_TRUE(anchors[0].vouches_for_servers);
  EXPECT_FALSE(anchors[0].vouches_for_clients);
  EXPECT_TRUE(anchors[0].is_public);
  ASSERT_TRUE(anchors[0].server_distrust_after);
  EXPECT_EQ(to_rfc3339(*anchors[0].server_distrust_after), "2024-11-30T23:59:59Z");
  EXPECT_FALSE(anchors[1].vouches_for_servers);
  EXPECT_TRUE(anchors[1].vouches_for_clients);
  EXPECT_FALSE(anchors[2].vouches_for_servers);
  EXPECT_FALSE(anchors[2].vouches_for_clients);
  EXPECT_TRUE(anchors[3].vouches_for_clients);  // A line speaks of the next certificate alone.
}

TEST(Anchors, LineEndsOfOtherSystemsLoseNoRestriction) {
  const std::string text = "# ipm-trust: purposes=SERVER_AUTH; public\n" + pem(0);
  for (const std::string_view end : {"\r\n", "\r"}) {
    std::string changed;
    for (const char c : text) changed += c == '\n' ? std::string(end) : std::string(1, c);
    const auto anchors = parse_anchors(changed, "f");
    ASSERT_EQ(anchors.size(), 1U);
    EXPECT_TRUE(anchors[0].is_public);
    EXPECT_FALSE(anchors[0].vouches_for_clients);
  }
}

TEST(Anchors, WhatStandsTwiceKeepsTheRestrictionsOfBothInAnyOrder) {
  const std::string restricted =
      "# ipm-trust: purposes=SERVER_AUTH; server-distrust-after=2024-11-30T23:59:59Z; public\n" +
      pem(0);
  const std::string earlier =
      "# ipm-trust: purposes=SERVER_AUTH; server-distrust-after=2020-01-01T00:00:00Z\n" + pem(0);
  for (const auto& text : {restricted + pem(0) + earlier, earlier + pem(0) + restricted}) {
    const auto anchors = parse_anchors(text, "f");
    ASSERT_EQ(anchors.size(), 1U);
    EXPECT_FALSE(anchors[0].vouches_for_clients);
    EXPECT_TRUE(anchors[0].is_public);
    EXPECT_EQ(to_rfc3339(*anchors[0].server_distrust_after), "2020-01-01T00:00:00Z");
  }
}

TEST(Anchors, S18_ClientsAreVouchedForByPublicRootsOnlyWhenLet) {
  auto anchors = parse_anchors("# ipm-trust: purposes=SERVER_AUTH; public\n" + pem(0) +
                                   "# ipm-trust: purposes=EMAIL_PROTECTION; public\n" + pem(1) +
                                   "# ipm-trust: purposes=SERVER_AUTH\n" + pem(2),
                               "f");
  let_public_vouch_for_clients(anchors);
  EXPECT_TRUE(anchors[0].vouches_for_clients);
  EXPECT_FALSE(anchors[1].vouches_for_clients);  // A root for mail alone.
  EXPECT_FALSE(anchors[2].vouches_for_clients);  // A private CA that the site limited to servers.
}

TEST(Anchors, DistrustsAreReadAndMatchByIssuerAndSerialOrDigest) {
  const auto line = fmt::format("# ipm-distrust: issuer-serial={}; label=Bad; CA=1\n",
                                to_hex(issuer_and_serial_digest(root(1).certificate())));
  const auto with_digest =
      fmt::format("# ipm-distrust: issuer-serial={}; sha256={}\n", std::string(64, '0'),
                  to_hex(root(2).certificate().digest()));
  const auto distrusted = parse_distrusted(line + pem(0) + with_digest, "f");
  ASSERT_EQ(distrusted.size(), 2U);
  EXPECT_EQ(distrusted[0].label, "Bad; CA=1");
  EXPECT_TRUE(distrusted[0].matches(root(1).certificate()));
  EXPECT_FALSE(distrusted[0].matches(root(0).certificate()));
  EXPECT_TRUE(distrusted[1].matches(root(2).certificate()));
  EXPECT_TRUE(parse_distrusted(pem(0), "f").empty());
}

TEST(Anchors, ALineThatIsNotUnderstoodIsRefusedWithItsNumber) {
  const auto happened = [](std::string_view fields) {
    return refusal(fmt::format("x\n# ipm-trust: {}\n{}", fields, pem(0))).happened();
  };
  EXPECT_THAT(happened("purposes=SERVER_AUTH; name-constraints=x"),
              HasSubstr("ca-cert.pem, line 2: \"name-constraints=x\" is not understood"));
  EXPECT_THAT(happened("server-distrust-after=yesterday"), HasSubstr("is not understood"));
  EXPECT_THAT(happened("server-distrust-after"), HasSubstr("is not understood"));
  EXPECT_THAT(happened("public=no"), HasSubstr("is not understood"));
  EXPECT_THAT(happened("email-distrust-after=2024-13-01T00:00:00Z"), HasSubstr("not understood"));
  EXPECT_THAT(refusal("# ipm-trust: public\n# ipm-trust: public\n" + pem(0)).happened(),
              HasSubstr("line 2: two ipm-trust lines"));
  EXPECT_THAT(refusal(pem(0) + "# ipm-trust: public\n").happened(),
              HasSubstr("behind the last certificate"));
  for (const std::string_view fields :
       {"issuer-serial=12", "sha256=00", "x", "label=only a name"}) {
    const auto error =
        error_of([&] { parse_distrusted(fmt::format("\n\n# ipm-distrust: {}\n", fields), "f"); });
    EXPECT_EQ(error.message(), Message::AnchorsUnusable);
    EXPECT_THAT(error.happened(), HasSubstr("f, line 3:"));
  }
}

TEST(Anchors, S4_ARawCertdataIsToldApart) {
  const auto error = refusal(test::own("nss.txt"));
  EXPECT_THAT(error.happened(), HasSubstr("raw certdata.txt"));
  EXPECT_THAT(error.mend(), HasSubstr("ipm trust build"));
}

TEST(Anchors, OtherFilesAreRefusedWithTheirMend) {
  EXPECT_THAT(refusal("").happened(), HasSubstr("empty"));
  EXPECT_FALSE(refusal("no PEM at all").happened().empty());
  EXPECT_THAT(refusal(root(0).certificate().der()).mend(), HasSubstr("-inform DER"));
  const std::string key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
  const auto with_key = refusal(pem(0) + key);
  EXPECT_THAT(with_key.happened(), HasSubstr("it holds a PRIVATE KEY"));
  EXPECT_THAT(with_key.mend(), HasSubstr("take the key out"));
  EXPECT_THAT(refusal(pem(0) + "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n").mend(),
              HasSubstr("crl.pem"));
}

TEST(Anchors, DamageIsNeverPassedOver) {
  const auto whole = pem(0) + pem(1);
  EXPECT_THAT(refusal(whole.substr(0, whole.size() - 10)).happened(), HasSubstr("line "));
  auto no_end = whole;
  no_end.erase(no_end.find("-----END"), std::string_view("-----END CERTIFICATE-----\n").size());
  EXPECT_THAT(refusal(no_end).happened(), HasSubstr("no END"));
  EXPECT_THAT(refusal(test::replaced(whole, "-----BEGIN CERTIFICATE-----\n", "")).happened(),
              HasSubstr("BEGIN"));
  EXPECT_THAT(refusal(test::replaced(whole, "MII", "M!I")).happened(), HasSubstr("base64"));
  EXPECT_THAT(refusal(test::replaced(whole, "MII", "AAA")).happened(), HasSubstr("line 1"));
}

// What openssl x509 -addtrust and -addreject make of a root (X.509 auxiliary data).
std::string trusted_block(std::size_t i, std::string_view settings_der) {
  return pki::pem_text("TRUSTED CERTIFICATE",
                       root(i).certificate().der() + std::string(settings_der));
}

TEST(Anchors, OpenSslsTrustSettingsAreObeyed) {
  const std::string server_auth = "\x06\x08\x2B\x06\x01\x05\x05\x07\x03\x01";
  const std::string trust_server = "\x30\x0C\x30\x0A" + server_auth;
  const std::string reject_server = "\x30\x0C\xA0\x0A" + server_auth;
  const auto anchors = parse_anchors(
      trusted_block(0, trust_server) + trusted_block(1, reject_server) + trusted_block(2, ""), "f");
  ASSERT_EQ(anchors.size(), 3U);
  EXPECT_TRUE(anchors[0].vouches_for_servers);
  EXPECT_FALSE(anchors[0].vouches_for_clients);
  EXPECT_FALSE(anchors[1].vouches_for_servers);
  EXPECT_TRUE(anchors[1].vouches_for_clients);
  EXPECT_TRUE(anchors[2].vouches_for_servers);
  EXPECT_TRUE(anchors[2].vouches_for_clients);
  EXPECT_THAT(refusal(trusted_block(0, "\x30\x01")).happened(), HasSubstr("cannot be read"));
}

}  // namespace
}  // namespace ipm::trust
