// Damaged, truncated and hostile certdata.txt: each is refused with its line (a root that silently
// comes or goes would be worse).
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <chrono>

#include "certdata_test_support.h"
#include "trust/certdata.h"

namespace ipm::trust {
namespace {

using test::error_of;
using test::own;
using test::replaced;
using ::testing::HasSubstr;

struct Damage {
  const char* name;
  const char* old;       // The first of these …
  const char* after;     // … behind this …
  const char* with;      // … becomes this,
  const char* on_line;   // and the message names the line of the first such text behind `after`
  const char* happened;  // and says this.
};

void PrintTo(const Damage& damage, std::ostream* out) {
  *out << damage.name;
}

constexpr const char* kAlpha = "# Certificate \"Alpha Root\"";
constexpr const char* kAlphaTrust = "# Trust for \"Alpha Root\"";
constexpr const char* kBeta = "# Certificate \"Beta";

class CertdataDamage : public ::testing::TestWithParam<Damage> {};

TEST_P(CertdataDamage, IsRefusedWithItsLine) {
  const Damage& damage = GetParam();
  const auto text = replaced(own("nss.txt"), damage.old, damage.with, damage.after);
  const auto at = text.find(damage.on_line, text.find(damage.after));
  ASSERT_NE(at, std::string::npos);
  const auto error = error_of([&] { parse_certdata(text, "f.txt"); });
  EXPECT_EQ(error.message(), Message::CertdataMalformed);
  EXPECT_THAT(error.happened(), HasSubstr(fmt::format("f.txt, line {}:", test::line_of(text, at))));
  EXPECT_THAT(error.happened(), HasSubstr(damage.happened));
  EXPECT_FALSE(error.expected().empty());
}

INSTANTIATE_TEST_SUITE_P(
    Each, CertdataDamage,
    ::testing::Values(
        Damage{"octal of two digits", "\\060", kAlpha, "\\06", "\\06\\", "no octal byte"},
        Damage{"octal beyond a byte", "\\060", kAlpha, "\\460", "\\460", "no octal byte"},
        Damage{"an eight in octal", "\\060", kAlpha, "\\068", "\\068", "no octal byte"},
        Damage{"no octal at all", "\\060", kAlpha, "x060", "x060", "no octal byte"},
        Damage{"an octal line cut off", "\\060\\", kAlpha, "\\060\\\n\\", "\\060\\\n",
               "no octal byte"},
        Damage{"no END", "END\nCKA_ID", kAlpha, "CKA_ID", "CKA_ID", "has no END"},
        Damage{"END lost before a trust object", "END\nCKA_NSS_MOZILLA", kAlpha, "CKA_NSS_MOZILLA",
               "CKA_NSS_MOZILLA", "has no END"},
        Damage{"an empty value", "CKA_SUBJECT MULTILINE_OCTAL\n", kAlpha,
               "CKA_SUBJECT MULTILINE_OCTAL\nEND\n", "END", "is empty"},
        Damage{"a comment in octal", "\\060", kAlpha, "# x\n\\060", "# x", "no octal byte"},
        Damage{"an unknown escape", "\"Alpha Root\"", "CKA_CLASS CK_OBJECT_CLASS CKO_CERT",
               "\"Alpha\\qRoot\"", "\"Alpha\\q", "escape"},
        Damage{"half an escape", "\"Alpha Root\"", "CKA_CLASS CK_OBJECT_CLASS CKO_CERT",
               "\"Alpha\\x4\"", "\"Alpha\\x4", "escape"},
        Damage{"a label that does not end", "\"Alpha Root\"", "CKA_CLASS CK_OBJECT_CLASS CKO_CERT",
               "\"Alpha Root", "\"Alpha Root", "closing quote"},
        Damage{"an unknown class", "CKO_CERTIFICATE", kAlpha, "CKO_CERTIFICATF", "CKO_CERTIFICATF",
               "is not known"},
        Damage{"a lost class", "CKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE\n", kBeta, "",
               "CKA_TOKEN", "stands twice"},
        Damage{"a repeated attribute", "CKA_ID UTF8 \"0\"\n", kAlpha,
               "CKA_ID UTF8 \"0\"\nCKA_ID UTF8 \"1\"\n", "CKA_ID UTF8 \"1\"", "stands twice"},
        Damage{"a level that does not exist", "CKT_NSS_TRUSTED_DELEGATOR", kAlphaTrust,
               "CKT_NSS_TRUSTED_DELEGATE", "CKT_NSS_TRUSTED_DELEGATE", "is no trust level"},
        Damage{"a level without its vendor", "CKT_NSS_TRUSTED_DELEGATOR", kAlphaTrust,
               "TRUSTED_DELEGATOR", " TRUSTED_DELEGATOR", "is no trust level"},
        Damage{"a purpose damaged", "CKA_TRUST_SERVER_AUTH", kAlphaTrust, "CKA_TRUST_SERVER_AUTX",
               "CKA_CLASS", "does not say for what"},
        Damage{"no purposes",
               "CKA_TRUST_SERVER_AUTH CK_TRUST CKT_NSS_TRUSTED_DELEGATOR\n"
               "CKA_TRUST_EMAIL_PROTECTION CK_TRUST CKT_NSS_TRUSTED_DELEGATOR\n"
               "CKA_TRUST_CODE_SIGNING CK_TRUST CKT_NSS_MUST_VERIFY_TRUST\n",
               kAlphaTrust, "", "CKA_CLASS", "does not say for what"},
        Damage{"no value", "CK_BBOOL CK_TRUE", kAlpha, "CK_BBOOL", "CK_BBOOL\n",
               "a value is missing"},
        Damage{"two values", "CK_BBOOL CK_TRUE", kAlpha, "CK_BBOOL CK_TRUE CK_TRUE",
               "CK_BBOOL CK_TRUE CK", "behind the value"},
        Damage{"neither true nor false", "CK_BBOOL CK_TRUE", kAlpha, "CK_BBOOL CK_TRU",
               "CK_BBOOL CK_TRU\n", "is no CK_BBOOL"},
        Damage{"a type missing", "CKA_TOKEN CK_BBOOL CK_TRUE", kAlpha, "CKA_TOKEN", "CKA_TOKEN\n",
               "without type and value"},
        Damage{"an unknown line", "CKA_TOKEN", kAlpha, "XKA_TOKEN", "XKA_TOKEN", "is no line"},
        Damage{"another kind of certificate", "CKC_X_509", kAlpha, "CKC_PGP", "CKC_PGP", "CKC_PGP"},
        Damage{"a value that is no octal", "CKA_VALUE MULTILINE_OCTAL", kAlpha,
               "CKA_VALUE UTF8 \"x\"\nCKA_OTHER MULTILINE_OCTAL", "CKA_VALUE",
               "no MULTILINE_OCTAL"},
        Damage{"a value lost", "CKA_VALUE", kAlpha, "CKA_VALUF", "CKA_CLASS", "has no CKA_VALUE"},
        Damage{"an issuer lost", "CKA_ISSUER", kAlpha, "CKA_ISSUEX", "CKA_CLASS",
               "has no CKA_ISSUER"},
        Damage{"a trust object's issuer lost", "CKA_ISSUER", kAlphaTrust, "CKA_ISSUEX", "CKA_CLASS",
               "has no CKA_ISSUER"},
        Damage{"a certificate damaged", "CKA_VALUE MULTILINE_OCTAL\n\\060", kAlpha,
               "CKA_VALUE MULTILINE_OCTAL\n\\061", "CKA_CLASS", "CKA_VALUE of \"Alpha Root\""},
        Damage{"another issuer", "CKA_ISSUER MULTILINE_OCTAL\n\\060", kAlpha,
               "CKA_ISSUER MULTILINE_OCTAL\n\\061", "CKA_CLASS", "CKA_ISSUER of \"Alpha Root\""},
        Damage{"another serial", "\\002\\002\\020\\001", kAlpha, "\\002\\002\\020\\002",
               "CKA_CLASS", "CKA_SERIAL_NUMBER of \"Alpha Root\""},
        Damage{"another SHA-1", "SHA1_HASH MULTILINE_OCTAL\n\\", kAlphaTrust,
               "SHA1_HASH MULTILINE_OCTAL\n\\001\\", "CKA_CLASS", "SHA1 digest"},
        Damage{"another MD5", "MD5_HASH MULTILINE_OCTAL\n\\", kAlphaTrust,
               "MD5_HASH MULTILINE_OCTAL\n\\001\\", "CKA_CLASS", "MD5 digest"},
        Damage{"trust for nobody", "\\002\\002\\020\\001", kAlphaTrust, "\\002\\002\\020\\002",
               "CKA_CLASS", "trusts a certificate that the file does not hold"},
        Damage{"a distrust date that is true", "CKA_NSS_SERVER_DISTRUST_AFTER CK_BBOOL CK_FALSE",
               kAlpha, "CKA_NSS_SERVER_DISTRUST_AFTER CK_BBOOL CK_TRUE",
               "CKA_NSS_SERVER_DISTRUST_AFTER", "no date"},
        Damage{"a distrust date that is text", "CKA_NSS_SERVER_DISTRUST_AFTER CK_BBOOL CK_FALSE",
               kAlpha, "CKA_NSS_SERVER_DISTRUST_AFTER UTF8 \"241130235959Z\"",
               "CKA_NSS_SERVER_DISTRUST_AFTER", "no date"},
        Damage{"a month 13", "\\062\\064\\061\\061", "Server Distrust After",
               "\\062\\064\\061\\063", "CKA_NSS_SERVER_DISTRUST_AFTER", "holds no date"},
        Damage{"data twice", "CKA_CLASS", kBeta, "BEGINDATA\nCKA_CLASS", "BEGINDATA", "BEGINDATA"},
        Damage{"PEM in between", "CKA_CLASS", kAlpha, "-----BEGIN CERTIFICATE-----\nCKA_CLASS",
               "-----BEGIN", "PEM already"}),
    [](const auto& info) {
      std::string name = info.param.name;
      std::ranges::replace_if(
          name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
      return name;
    });

TEST(CertdataDamaged, ACertificateTwiceIsRefusedWithBothLines) {
  auto text = own("nss.txt");
  const auto begin = text.find("CKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE");
  const auto first_line = test::line_of(text, begin);
  const auto object = text.substr(begin, text.find("\n\n", begin) - begin);
  text += "\n" + object + "\n";
  const auto error = error_of([&] { parse_certdata(text, "f"); });
  EXPECT_THAT(error.happened(), HasSubstr(fmt::format("are those of line {} too", first_line)));
  EXPECT_THAT(error.happened(),
              HasSubstr(fmt::format("line {}:", test::line_of(text, text.rfind("CKA_CLASS")))));
}

TEST(CertdataDamaged, ASecondTrustObjectIsRefused) {
  auto text = own("nss.txt");
  const auto begin = text.find("CKA_CLASS CK_OBJECT_CLASS CKO_NSS_TRUST");
  text += "\n" + text.substr(begin, text.find("\n\n", begin) - begin) + "\n";
  const auto error = error_of([&] { parse_certdata(text, "f"); });
  EXPECT_THAT(error.happened(), HasSubstr("a second trust object"));
}

TEST(CertdataDamaged, ACertificateWithoutTrustIsRefused) {
  auto text = own("nss.txt");
  const auto begin = text.find("# Trust for \"Beta");
  text.erase(begin, text.find("#\n# Certificate \"Gamma") - begin);
  const auto error = error_of([&] { parse_certdata(text, "f"); });
  EXPECT_THAT(error.happened(), HasSubstr("\"Beta Mail Root\" has no trust object"));
}

TEST(CertdataDamaged, TrustWithoutItsCertificateIsRefusedUnlessItDistrusts) {
  auto text = own("nss.txt");
  const auto begin = text.find("#\n# Certificate \"Alpha");
  text.erase(begin, text.find("# Trust for \"Alpha") - begin);
  EXPECT_THAT(error_of([&] { parse_certdata(text, "f"); }).happened(),
              HasSubstr("trusts a certificate that the file does not hold"));
}

// A download that breaks off is noticed, unless it breaks off exactly behind a whole root: that one
// is for the floor on the number of roots. (With a single trust object there is nothing to compare
// with.)
TEST(CertdataDamaged, AFileCutOffIsNoticedOrHoldsWholeRoots) {
  const auto text = own("nss.txt");
  const auto all = parse_certdata(text, "f");
  const auto second = text.find("# Certificate \"Gamma");
  const auto last_trust = text.rfind("CKA_TRUST_SERVER_AUTH");
  std::size_t accepted = 0;
  for (std::size_t size = second; size + 1 < text.size(); size += size < last_trust ? 173 : 1) {
    try {
      const auto part = text.substr(0, size);
      const auto data = parse_certdata(part, "f");
      ++accepted;
      for (std::size_t i = 0; i < data.certificates.size(); ++i) {
        EXPECT_EQ(data.certificates[i].statements, all.certificates[i].statements)
            << "cut at " << size;
      }
      // The last trust object has no certificate: not even its first purpose may get lost.
      if (size > last_trust) ADD_FAILURE() << "cut at " << size;
    } catch (const Error& error) {
      EXPECT_EQ(error.message(), Message::CertdataMalformed);
      EXPECT_THAT(error.happened(), HasSubstr("line "));
    }
  }
  EXPECT_LT(accepted, 10U);
}

TEST(CertdataDamaged, WhatIsNoCertdataIsToldApart) {
  const auto happened = [](const std::string& text) {
    const auto error = error_of([&] { parse_certdata(text, "f"); });
    EXPECT_EQ(error.message(), Message::CertdataMalformed);
    return error.happened();
  };
  EXPECT_EQ(happened(""), "f, line 1: the file is empty");
  EXPECT_THAT(happened("\n \n\n"), HasSubstr("line 3: the file is empty"));
  EXPECT_THAT(happened("# only comments\n"), HasSubstr("holds no certificate"));
  EXPECT_THAT(happened("BEGINDATA\n"), HasSubstr("holds no certificate"));
  EXPECT_THAT(happened("<!DOCTYPE html>\n<html>"), HasSubstr("line 1: this is a web page"));
  EXPECT_THAT(happened("\n<HTML><body>404"), HasSubstr("line 2: this is a web page"));
  EXPECT_THAT(happened("-----BEGIN CERTIFICATE-----\n"), HasSubstr("PEM already"));
  EXPECT_THAT(happened(std::string(300, '\0')), HasSubstr("line 1:"));
  EXPECT_THAT(happened("\x7f"
                       "ELF\x02\x01\x01\n\n"),
              HasSubstr("line 1:"));
  EXPECT_THAT(happened("CKA_TOKEN CK_BBOOL CK_TRUE\n"), HasSubstr("before the first CKA_CLASS"));
}

TEST(CertdataDamaged, AHundredMegabytesAreRefusedSoonAndWithALine) {
  const std::string text(100U << 20U, '\n');
  const auto begun = std::chrono::steady_clock::now();
  const auto error = error_of([&] { parse_certdata(text, "f"); });
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
  EXPECT_THAT(error.happened(), HasSubstr(fmt::format("line {}:", (16U << 20U) + 1)));
  EXPECT_THAT(error.happened(), HasSubstr("goes on beyond"));
}

TEST(CertdataDamaged, ObjectsAndValuesAreBounded) {
  std::string objects;
  for (std::size_t i = 0; i <= kCertdataObjectsMax; ++i) {
    objects += "CKA_CLASS CK_OBJECT_CLASS CKO_DATA\n";
  }
  EXPECT_THAT(error_of([&] { parse_certdata(objects, "f"); }).happened(),
              HasSubstr("more than 20000 objects"));
  std::string value = "CKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE\nCKA_VALUE MULTILINE_OCTAL\n";
  for (std::size_t i = 0; i <= kCertdataValueBytesMax; i += 16) {
    for (int k = 0; k < 16; ++k) value += "\\060";
    value += '\n';
  }
  EXPECT_THAT(error_of([&] { parse_certdata(value, "f"); }).happened(),
              HasSubstr("more than 65536 bytes"));
  std::string attributes = "CKA_CLASS CK_OBJECT_CLASS CKO_DATA\n";
  for (int i = 0; i < 70; ++i) attributes += fmt::format("CKA_A{} CK_ULONG 1\n", i);
  EXPECT_THAT(error_of([&] { parse_certdata(attributes, "f"); }).happened(),
              HasSubstr("more than 64 attributes"));
}

}  // namespace
}  // namespace ipm::trust
