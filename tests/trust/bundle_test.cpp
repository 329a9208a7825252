#include "trust/bundle.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <memory>

#include "base/text.h"
#include "certdata_test_support.h"
#include "pki/pem.h"
#include "temporary_folder.h"
#include "trust/public_roots.h"

namespace ipm::trust {
namespace {

using ipm::test::TemporaryFolder;
using test::error_of;
using test::own;
using test::replaced;
using test::that_day;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kUsual = "SERVER_AUTH,CLIENT_AUTH,CRL_SIGN:TRUSTED_DELEGATOR";

std::string bundle_of(const std::string& text, std::string_view selection,
                      const BundleStyle& style = {}, const std::vector<pki::Sha256>& denied = {}) {
  const auto data = parse_certdata(text, "certdata.txt");
  const auto selected = Selection::parse(selection);
  const auto choice = choose_roots(data, selected, denied, that_day());
  return write_bundle(choice, data, selected, style, {"certdata.txt", pki::sha256(text)});
}

// What a command prints.
std::string output_of(const std::string& command) {
  const auto close = [](std::FILE* pipe) { pclose(pipe); };
  const std::unique_ptr<std::FILE, decltype(close)> pipe(popen(command.c_str(), "r"), close);
  std::string output;
  std::array<char, 4096> part{};
  while (pipe) {
    const auto got = std::fread(part.data(), 1, part.size(), pipe.get());
    if (got == 0) break;
    output.append(part.data(), got);
  }
  return output;
}

TEST(Bundle, S4_ReadsBackWithEverythingThatPemCannotSay) {
  const auto text = own("nss.txt");
  const auto data = parse_certdata(text, "nss.txt");
  const auto pem = bundle_of(text, kUsual);
  const auto anchors = parse_anchors(pem, "ca-cert.pem");
  ASSERT_EQ(anchors.size(), 4U);
  EXPECT_EQ(anchors[0].certificate, data.certificates[0].certificate());
  EXPECT_EQ(anchors[1].server_distrust_after, data.certificates[3].server_distrust_after);
  EXPECT_EQ(anchors[2].server_distrust_after, data.certificates[4].server_distrust_after);
  for (const auto& anchor : anchors) EXPECT_TRUE(anchor.is_public);
  EXPECT_TRUE(anchors[0].vouches_for_servers);
  EXPECT_FALSE(anchors[0].vouches_for_clients);  // S18: Mozilla vouches for no client.
  EXPECT_FALSE(anchors[3].vouches_for_servers);
  EXPECT_TRUE(anchors[3].vouches_for_clients);
  const auto distrusted = parse_distrusted(pem, "ca-cert.pem");
  ASSERT_EQ(distrusted.size(), 2U);
  EXPECT_TRUE(distrusted[0].matches(data.certificates[5].certificate()));
}

TEST(Bundle, S4_OpenSslReadsTheSameCertificates) {
  const TemporaryFolder folder;
  const auto file = folder / "ca-cert.pem";
  for (const bool text : {false, true}) {
    BundleStyle style;
    style.text = text;
    style.meta = text;
    write_file({file, bundle_of(own("nss.txt"), kUsual, style)});
    const auto printed = output_of("openssl crl2pkcs7 -nocrl -certfile " + file.string() +
                                   " | openssl pkcs7 -print_certs -noout | grep -c subject");
    EXPECT_EQ(printed, "4\n");
  }
}

// With names as OpenSSL wrote them by itself up to 3.4.
constexpr std::string_view kListing = "openssl x509 -text -nameopt oneline -in ";

TEST(Bundle, S4_ListingAndPemAreByteForByteWhatOpenSslPrints) {
  const TemporaryFolder folder;
  const auto text = own("nss.txt");
  const auto data = parse_certdata(text, "nss.txt");
  BundleStyle style;
  style.text = true;
  style.digests = parse_digests("all");
  const auto pem = bundle_of(text, "ALL:ALL", style);
  const auto file = folder / "one.pem";
  for (const auto& root : data.certificates) {
    if (root.not_after < that_day()) continue;
    write_file({file, root.certificate().pem()});
    EXPECT_THAT(pem, HasSubstr(output_of(std::string(kListing) + file.string())));
    for (const std::string_view digest : {"SHA256", "SHA384", "SHA512"}) {
      EXPECT_THAT(pem, HasSubstr(output_of(fmt::format(
                           "openssl x509 -{} -fingerprint -noout -in {}", digest, file.string()))));
    }
  }
}

TEST(Bundle, S4_TheNewestFileIsListedAsOpenSslListsIt) {
  const auto text = test::newest();
  if (!text) return;  // ../shared is absent; the test above says the same in small.
  const TemporaryFolder folder;
  BundleStyle style;
  style.text = true;
  const auto pem = bundle_of(*text, kUsual, style);
  const auto anchors = parse_anchors(pem, "f");
  EXPECT_EQ(anchors.size(), 121U);
  const auto file = folder / "one.pem";
  for (std::size_t i = 0; i < anchors.size(); i += 9) {
    write_file({file, anchors[i].certificate.pem()});
    EXPECT_NE(pem.find(output_of(std::string(kListing) + file.string())), std::string::npos)
        << anchors[i].certificate.display_name();
  }
}

TEST(Bundle, OneRootIsWrittenInThisOrder) {
  BundleStyle style;
  style.text = true;
  style.meta = true;
  style.digests = {pki::DigestKind::Sha256};
  const auto pem = bundle_of(own("nss.txt"), kUsual, style);
  const auto from = pem.find("\nDelta F");
  ASSERT_NE(from, std::string::npos);
  const auto part = pem.substr(from, pem.find("Certificate:", from) - from);
  std::vector<std::string> lines;
  for (const auto line : split(part, '\n')) lines.emplace_back(line.substr(0, 40));
  EXPECT_THAT(lines, ElementsAre("", "Delta Főtanúsítvány",
                                 "===================", "MUST_VERIFY_TRUST: EMAIL_PROTECTION, COD",
                                 "TRUSTED_DELEGATOR: SERVER_AUTH", StartsWith("# Issuer: CN=Delta"),
                                 StartsWith("# Serial Number: "), StartsWith("# Subject: CN=Delta"),
                                 StartsWith("# Fingerprint (SHA-256): "),
                                 "# For Server Distrust After: 24113023595",
                                 StartsWith("SHA256 Fingerprint="),
                                 "# ipm-trust: purposes=SERVER_AUTH; serve", ""));
}

TEST(Bundle, FixedInputGivesFixedBytesAndNamesItsSource) {
  const auto text = own("nss.txt");
  const auto pem = bundle_of(text, kUsual);
  EXPECT_EQ(pem, bundle_of(text, kUsual));
  EXPECT_THAT(pem, HasSubstr("\n## SHA256: " + to_hex(pki::sha256(text)) + "\n"));
  EXPECT_THAT(pem,
              HasSubstr("## Selection: CRL_SIGN, SERVER_AUTH, CLIENT_AUTH: TRUSTED_DELEGATOR"));
}

TEST(Bundle, ADeniedRootIsLeftOutAndDistrusted) {
  const auto text = own("nss.txt");
  const auto alpha = parse_certdata(text, "").certificates[0].certificate();
  const auto pem = bundle_of(text, kUsual, {}, {alpha.digest()});
  EXPECT_EQ(parse_anchors(pem, "f").size(), 3U);
  const auto distrusted = parse_distrusted(pem, "f");
  EXPECT_TRUE(std::ranges::any_of(distrusted, [&](const auto& d) { return d.matches(alpha); }));
}

TEST(Bundle, LinesAreAsWideAsAskedAndListingsAlways64) {
  for (const std::size_t width : {1U, 63U, 64U, 76U, 1000U, 65534U}) {
    BundleStyle style;
    style.width = width;
    const auto pem = bundle_of(own("nss.txt"), kUsual, style);
    EXPECT_EQ(parse_anchors(pem, "f").size(), 4U);
    const auto begin = pem.find('\n', pem.find("-----BEGIN")) + 1;
    const auto line = pem.substr(begin, pem.find('\n', begin) - begin);
    EXPECT_EQ(line.size(), std::min<std::size_t>(width, line.size()));
    if (width < 1000) EXPECT_EQ(line.size(), width);
    style.text = true;
    EXPECT_EQ(bundle_of(own("nss.txt"), kUsual, style),
              bundle_of(own("nss.txt"), kUsual, {.text = true}));
  }
}

TEST(Bundle, ALabelCannotPoseAsPemOrAsOurLine) {
  const auto& text = own("nss.txt");
  const auto data = parse_certdata(text, "");
  for (const std::string_view label :
       {"-----BEGIN CERTIFICATE-----", "# ipm-trust: purposes=CLIENT_AUTH", "a\\x0Ab",
        "x\\x0D-----BEGIN CERTIFICATE-----", "\\x1B[2J", "\\xC2\\x85"}) {
    const auto changed =
        replaced(text, "\"Alpha Root\"", fmt::format("\"{}\"", label), "CKO_CERTIFICATE");
    for (const bool listing : {false, true}) {
      const auto pem = bundle_of(changed, kUsual, {.text = listing, .meta = listing});
      const auto anchors = parse_anchors(pem, "f");
      ASSERT_EQ(anchors.size(), 4U) << label;
      EXPECT_EQ(anchors[0].certificate, data.certificates[0].certificate());
      EXPECT_FALSE(anchors[0].vouches_for_clients);
      EXPECT_EQ(pem.find('\x1B'), std::string::npos);
      EXPECT_EQ(pem.find('\r'), std::string::npos);
    }
  }
}

TEST(Bundle, ACommentCannotPoseAsOurLine) {
  const auto changed = replaced(own("nss.txt"), "# Issuer: CN=Alpha",
                                "# ipm-trust: purposes=CLIENT_AUTH\n# ipm-distrust: x\n# Issuer: ");
  const auto pem = bundle_of(changed, kUsual, {.text = true, .meta = true});
  const auto anchors = parse_anchors(pem, "f");
  EXPECT_FALSE(anchors.at(0).vouches_for_clients);
  EXPECT_EQ(parse_distrusted(pem, "f").size(), 2U);
}

TEST(Bundle, TheWholeFileSurvivesAnyListOfDigests) {
  EXPECT_THAT(parse_digests("SHA256"), ElementsAre(pki::DigestKind::Sha256));
  EXPECT_THAT(parse_digests("sha512, sha384"),
              ElementsAre(pki::DigestKind::Sha512, pki::DigestKind::Sha384));
  EXPECT_EQ(parse_digests("all").size(), 3U);
  for (const std::string_view wrong : {"", "md5", "sha256,", "sha1", "none"}) {
    EXPECT_EQ(error_of([&] { parse_digests(wrong); }).message(), Message::UsageWrong) << wrong;
  }
}

TEST(Bundle, AnAnchorOfOnesOwnKeepsWhatItVouchesFor) {
  const auto text = own("nss.txt");
  const auto data = parse_certdata(text, "");
  Anchor anchor{data.certificates[0].certificate(), true, false, that_day(), false};
  const auto again = parse_anchors(write_anchor(anchor), "f");
  ASSERT_EQ(again.size(), 1U);
  EXPECT_TRUE(again[0].vouches_for_servers);
  EXPECT_FALSE(again[0].vouches_for_clients);
  EXPECT_EQ(again[0].server_distrust_after, that_day());
  EXPECT_FALSE(again[0].is_public);
}

TEST(Selection, WordsAreTakenInAnyCaseWithBlanks) {
  EXPECT_EQ(Selection::parse("server_auth , Client_Auth : trusted_delegator").text(),
            "SERVER_AUTH, CLIENT_AUTH: TRUSTED_DELEGATOR");
  EXPECT_EQ(Selection::parse("ALL:ALL").text(), "ALL: ALL");
  EXPECT_EQ(Selection().text(), "SERVER_AUTH: TRUSTED_DELEGATOR");
  EXPECT_EQ(Selection::parse("STEP_UP_APPROVED", "TRUSTED").text(), "STEP_UP_APPROVED: TRUSTED");
}

TEST(Selection, EverythingElseIsAUsageError) {
  for (const std::string_view wrong :
       {"", ":", "SERVER_AUTH", "SERVER_AUTH:", ":TRUSTED", "A:TRUSTED", "SERVER_AUTH:X",
        "SERVER_AUTH,,CLIENT_AUTH:ALL", "SERVER_AUTH:ALL:x", "SERVER_AUTH:TRUST_UNKNOWN",
        "SERVER_AUTH:VALID"}) {
    EXPECT_EQ(error_of([&] { Selection::parse(wrong); }).message(), Message::UsageWrong) << wrong;
  }
}

TEST(Selection, AnyPurposeAtAnyLevelIsEnough) {
  const TrustStatements statements = {
      {TrustPurpose::ServerAuth, TrustLevel::MustVerifyTrust},
      {TrustPurpose::EmailProtection, TrustLevel::TrustedDelegator}};
  EXPECT_TRUE(Selection::parse("SERVER_AUTH,EMAIL_PROTECTION:TRUSTED_DELEGATOR").wants(statements));
  EXPECT_TRUE(Selection::parse("SERVER_AUTH:ALL").wants(statements));
  EXPECT_FALSE(Selection::parse("SERVER_AUTH:TRUSTED_DELEGATOR").wants(statements));
  EXPECT_FALSE(Selection::parse("CODE_SIGNING:ALL").wants(statements));
  EXPECT_FALSE(Selection::parse("ALL:ALL").wants({{TrustPurpose::ServerAuth, TrustLevel::Valid}}));
}

}  // namespace
}  // namespace ipm::trust
