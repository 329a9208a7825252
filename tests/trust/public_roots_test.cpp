#include "trust/public_roots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "certdata_test_support.h"
#include "pki/pem.h"
#include "temporary_folder.h"
#include "trust/deny_list.h"

namespace ipm::trust {
namespace {

namespace fs = std::filesystem;
using ipm::test::TemporaryFolder;
using test::error_of;
using ::testing::HasSubstr;

pki::Certificate certificate(std::size_t i) {
  static const std::string text = test::own("nss.txt");
  static const Certdata data = parse_certdata(text, "nss.txt");
  return data.certificates.at(i).certificate();
}

void put(const fs::path& path, const std::string& text) {
  write_file({path, text});
}

bool knows(const PublicRoots& roots, std::size_t i) {
  return roots.contains(certificate(i).digest());
}

TEST(PublicRoots, S18_MozillasOwnFolderCountsAndTheMergedBundleDoesNot) {
  const TemporaryFolder folder;
  put(folder / "mozilla/alpha.crt", certificate(0).pem());
  put(folder / "mozilla/more/ignored.crt", certificate(3).pem());
  put(folder / "merged.crt", certificate(0).pem() + certificate(1).pem());
  const auto roots =
      load_public_roots({folder / "recorded", {folder / "mozilla"}, {folder / "merged.crt"}, {}});
  EXPECT_TRUE(knows(roots, 0));
  EXPECT_FALSE(knows(roots, 1)) << "a site's own CA in the system's store is no public root";
}

TEST(PublicRoots, S18_WithoutMozillasFolderTheMergedBundleCountsLessWhatTheSiteAdded) {
  const TemporaryFolder folder;
  put(folder / "merged.crt", certificate(0).pem() + certificate(1).pem());
  put(folder / "local/own.crt", certificate(1).pem());
  const auto roots = load_public_roots(
      {folder / "recorded", {folder / "none"}, {folder / "merged.crt"}, {folder / "local"}});
  EXPECT_TRUE(knows(roots, 0));
  EXPECT_FALSE(knows(roots, 1));
}

TEST(PublicRoots, S18_WhatWasRecordedCountsWhateverTheSystemSays) {
  const TemporaryFolder folder;
  put(folder / "recorded", to_hex(certificate(2).digest()) + "\n");
  const auto roots = load_public_roots({folder / "recorded", {}, {}, {}});
  EXPECT_EQ(roots.size(), 1U);
  EXPECT_TRUE(knows(roots, 2));
}

TEST(PublicRoots, NothingThereIsNoError) {
  const TemporaryFolder folder;
  EXPECT_TRUE(load_public_roots({folder / "a", {folder / "b"}, {folder / "c"}, {}}).empty());
}

TEST(PublicRoots, ADamagedRecordIsRefusedRatherThanForgotten) {
  const TemporaryFolder folder;
  put(folder / "recorded", "0011\n");
  const auto error = error_of([&] { load_public_roots({folder / "recorded", {}, {}, {}}); });
  EXPECT_EQ(error.message(), Message::ConfigurationWrong);
  EXPECT_THAT(error.happened(), HasSubstr("line 1"));
}

TEST(PublicRoots, TheRecordedFormIsReadBack) {
  PublicRoots roots;
  const std::vector<pki::Sha256> digests = {certificate(1).digest(), certificate(0).digest(),
                                            certificate(1).digest()};
  roots.add(digests);
  EXPECT_EQ(roots.size(), 2U);
  const auto again = PublicRoots::parse(roots.text(), "f");
  EXPECT_EQ(again.size(), 2U);
  EXPECT_TRUE(knows(again, 0));
  EXPECT_TRUE(knows(again, 1));
}

TEST(PublicRoots, S18_ARootWithoutOurLinesIsStillPublic) {
  PublicRoots roots;
  const std::vector<pki::Sha256> digests = {certificate(0).digest()};
  roots.add(digests);
  auto anchors = parse_anchors(certificate(0).pem() + certificate(1).pem(), "f");
  mark_public(anchors, roots);
  EXPECT_TRUE(anchors[0].is_public);
  EXPECT_FALSE(anchors[1].is_public);
}

TEST(PublicRoots, OnlyTheCertificateOfATrustedBlockIsHashed) {
  const auto plain = certificate(0).pem();
  const auto trusted =
      pki::pem_text("TRUSTED CERTIFICATE", certificate(0).der() + std::string("\x30\x00", 2));
  const auto key = pki::pem_text("PUBLIC KEY", "key");
  const auto digests = certificate_digests(plain + key + trusted);
  ASSERT_EQ(digests.size(), 2U);
  EXPECT_EQ(digests[0], certificate(0).digest());
  EXPECT_EQ(digests[1], certificate(0).digest());
  EXPECT_TRUE(certificate_digests("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
                  .empty());
  EXPECT_TRUE(certificate_digests("").empty());
}

TEST(DenyList, TakesFingerprintsInBothFormsWithComments) {
  const auto denied = parse_deny_list("# mine\n\n" + certificate(0).fingerprint() +
                                          " # Alpha\r\n  " + to_hex(certificate(1).digest()) + "\n",
                                      "deny");
  ASSERT_EQ(denied.size(), 2U);
  EXPECT_TRUE(is_denied(denied, certificate(0).digest()));
  EXPECT_TRUE(is_denied(denied, certificate(1).digest()));
  EXPECT_FALSE(is_denied(denied, certificate(2).digest()));
}

TEST(DenyList, RefusesAnythingElseWithItsLine) {
  for (const std::string_view text : {"\n12:34\n", "\nAlpha Root\n", "\nzz\n"}) {
    const auto error = error_of([&] { parse_deny_list(text, "deny"); });
    EXPECT_EQ(error.message(), Message::ConfigurationWrong);
    EXPECT_THAT(error.happened(), HasSubstr("deny, line 2"));
  }
}

}  // namespace
}  // namespace ipm::trust
