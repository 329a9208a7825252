#include "pki/certificate.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

#include <thread>

#include "base/text.h"
#include "fixtures.h"
#include "forge.h"
#include "pki/pem.h"

namespace ipm::pki {
namespace {

using namespace std::string_literals;
using test::error_queue_is_empty;
using test::Fixtures;
using test::forge;
using test::Forgery;
using test::thrown_by;

constexpr const char* kKeyUsageOid = "2.5.29.15";
constexpr const char* kExtendedKeyUsageOid = "2.5.29.37";
constexpr const char* kBasicConstraintsOid = "2.5.29.19";
constexpr const char* kAlternativeNamesOid = "2.5.29.17";
constexpr const char* kSubjectKeyOid = "2.5.29.14";
constexpr const char* kAuthorityKeyOid = "2.5.29.35";

Certificate forged(const Forgery& wanted) {
  return Certificate::parse_der(forge(wanted), "forged");
}

Certificate with_extension(const char* oid, const std::string& der) {
  Forgery wanted;
  wanted.extensions.push_back({oid, false, der});
  return forged(wanted);
}

TEST(Certificate, SaysWhatOpensslPutIn) {
  const Fixtures& fixtures = Fixtures::get();
  const Certificate certificate = Certificate::parse(fixtures.read("server.pem"), "server.pem");
  EXPECT_EQ(certificate.subject(), "C = DE, O = Acme, CN = ipmsrv.example.com");
  EXPECT_EQ(certificate.issuer(), "O = Acme, CN = Acme CA");
  EXPECT_EQ(certificate.common_name(), "ipmsrv.example.com");
  EXPECT_EQ(certificate.serial(), "0A1B2C");
  EXPECT_EQ(certificate.version(), 3);
  EXPECT_EQ(certificate.signature_algorithm(), "ecdsa-with-SHA256");
  EXPECT_EQ(certificate.public_key().describe(), "RSA 2048");
  EXPECT_FALSE(certificate.is_self_issued());
  EXPECT_EQ(certificate.not_after() - certificate.not_before(), std::chrono::days(397));
  EXPECT_EQ(key_usage_text(certificate.key_usage().value.value()),
            "digitalSignature, keyEncipherment");
  EXPECT_TRUE(certificate.key_usage().critical);
  EXPECT_EQ(certificate.extended_key_usage().value.value(),
            (std::vector<std::string>{std::string(kServerAuth), std::string(kClientAuth)}));
  EXPECT_FALSE(certificate.basic_constraints().value.value().ca);
  EXPECT_FALSE(certificate.basic_constraints().value->path_length);
  const RawNames& raw = certificate.subject_alternative_names().value.value();
  EXPECT_EQ(raw.dns, (std::vector<std::string>{"alt1.example.com", "alt2.example.com"}));
  EXPECT_EQ(raw.addresses.size(), 2U);
  EXPECT_EQ(certificate.names().text(),
            "DNS:alt1.example.com, DNS:alt2.example.com, DNS:ipmsrv.example.com, IP:10.0.0.1, "
            "IP:fc00::1");
  EXPECT_EQ(certificate.display_name(), "ipmsrv.example.com");
  EXPECT_EQ(certificate.extensions().size(), 6U);
  EXPECT_TRUE(error_queue_is_empty());

  const std::string path = fixtures.path("server.pem");
  auto openssl = [&](const char* what) {
    return std::string(
        trim(ipm::test::run_to_success({"openssl", "x509", "-in", path, "-noout", what})));
  };
  EXPECT_EQ("serial=" + certificate.serial(), openssl("-serial"));
  EXPECT_EQ("notAfter=" + to_certificate_time(certificate.not_after()), openssl("-enddate"));
  EXPECT_EQ("sha256 Fingerprint=" + certificate.fingerprint(),
            trim(ipm::test::run_to_success(
                {"openssl", "x509", "-in", path, "-noout", "-fingerprint", "-sha256"})));
}

TEST(Certificate, KnowsACa) {
  const Certificate ca = Certificate::parse(Fixtures::get().read("ca.pem"), "ca.pem");
  const Certificate leaf = Certificate::parse(Fixtures::get().read("server.pem"), "server.pem");
  EXPECT_TRUE(ca.is_self_issued());
  EXPECT_TRUE(ca.basic_constraints().value.value().ca);
  EXPECT_EQ(ca.basic_constraints().value->path_length, 0);
  EXPECT_EQ(ca.key_usage().value, kKeyCertSign | kCrlSign);
  EXPECT_EQ(ca.subject_der(), leaf.issuer_der());
  EXPECT_EQ(ca.subject_key_identifier().value, leaf.authority_key_identifier().value);
  EXPECT_EQ(ca.subject_key_identifier().value->size(), 20U);
  EXPECT_FALSE(ca.extended_key_usage().present());
  EXPECT_FALSE(ca.subject_alternative_names().present());
  EXPECT_EQ(ca.display_name(), "Acme CA");
  EXPECT_TRUE(ca.names().empty());
}

TEST(Certificate, IsTheSameInEveryFormAndCopy) {
  const Fixtures& fixtures = Fixtures::get();
  const Certificate pem = Certificate::parse(fixtures.read("server.pem"), "a");
  const Certificate der = Certificate::parse_der(fixtures.read("server.der"), "b");
  const Certificate borrowed = Certificate::from_handle(pem.handle());
  const Certificate again = Certificate::parse(pem.pem(), "c");
  EXPECT_EQ(pem, der);
  EXPECT_EQ(pem, borrowed);
  EXPECT_EQ(pem, again);
  EXPECT_EQ(pem.pem(), fixtures.read("server.pem"));
  EXPECT_EQ(pem.der(), fixtures.read("server.der"));
  EXPECT_FALSE(pem == Certificate::parse(fixtures.read("ca.pem"), "d"));
}

TEST(Certificate, S4_S12_EachWrongFileIsRefusedWithTheMend) {
  const Fixtures& fixtures = Fixtures::get();
  const std::string good = fixtures.read("server.pem");
  fixtures.write("c-empty.pem", "");
  fixtures.write("c-certdata.txt",
                 "CVS_ID \"@(#)\"\nBEGINDATA\nCKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE\n");
  fixtures.write("c-truncated.pem", good.substr(0, 200));
  fixtures.write("c-two.pem", good + fixtures.read("ca.pem"));
  fixtures.write("c-second-cut.pem", good + fixtures.read("ca.pem").substr(0, 100));
  fixtures.write("c-garbage.pem", "-----BEGIN CERTIFICATE-----\nAA=A\n-----END CERTIFICATE-----\n");
  fixtures.write("c-key-inside.pem", pem_text("CERTIFICATE", fixtures.read("ec8.der")));
  fixtures.write("c-page.html", "\n<html><head><title>404</title>");
  fixtures.write("c-trailing.pem", pem_text("CERTIFICATE", fixtures.read("server.der") + "\0"s));
  fixtures.write("c-big.pem", pem_text("CERTIFICATE", std::string(300'000, 'x')));
  fixtures.write("c-bare.txt", good.substr(28, good.find("-----END") - 28));
  struct Case {
    std::string file;
    std::string_view found;
    std::string_view mend;
  };
  for (const auto& [file, found, mend] : std::vector<Case>{
           {"c-empty.pem", "an empty file", ""},
           {"server.der", "a DER certificate", "openssl x509 -inform DER -in "},
           {"server.p12", "a PKCS#12 file", "openssl pkcs12 -nokeys -in "},
           {"server.p7b", "a PKCS#7 collection", "openssl pkcs7 -print_certs -in "},
           {"server.p7b.der", "a DER PKCS#7", "openssl pkcs7 -inform DER -print_certs -in "},
           {"trusted.pem", "TRUSTED CERTIFICATE", "openssl x509 -in "},
           {"server.csr", "a certificate request", "ipm cert sign "},
           {"server.csr.der", "a DER certificate request", ""},
           {"rsa.pem", "a private key", "exchange them"},
           {"ec8.der", "a DER private key", "exchange them"},
           {"ec-pbkdf2.pem", "an encrypted private key", "exchange them"},
           {"ec-public.pem", "a public key", ""},
           {"list.pem", "a certificate revocation list", ""},
           {"c-certdata.txt", "Mozilla's raw certdata.txt", "ipm trust build -o ca-cert.pem "},
           {"c-truncated.pem", "the block CERTIFICATE has no END line", "again"},
           {"c-two.pem", "holds 2 certificates", "keep one"},
           {"c-second-cut.pem", "has no END line", "again"},
           {"c-garbage.pem", "the block CERTIFICATE of line 1 is not base64", "again"},
           {"c-key-inside.pem", "a DER private key", "exchange them"},
           {"c-trailing.pem", "does not hold a certificate", "again"},
           {"c-page.html", "a web page", "fetch"},
           {"c-big.pem", "more than 262144 bytes", ""},
           {"c-bare.txt", "base64 without its BEGIN and END lines",
            "| openssl x509 -inform DER -out "},
       }) {
    const Error error =
        thrown_by([&] { Certificate::parse(fixtures.read(file), fixtures.path(file)); });
    EXPECT_EQ(error.message(), Message::CertificateUnusable) << file;
    EXPECT_NE(error.happened().find(found), std::string::npos) << file << ": " << error.what();
    EXPECT_NE(error.mend().find(mend), std::string::npos) << file << ": " << error.what();
    EXPECT_TRUE(error_queue_is_empty()) << file;
  }
}

TEST(Certificate, S12_TheMendsWork) {
  const Fixtures& fixtures = Fixtures::get();
  struct Case {
    const char* file;
    const char* written;
  };
  for (const auto& [file, written] :
       std::initializer_list<Case>{{"server.der", "server-cert.pem"},
                                   {"server.p7b", "server-cert.pem"},
                                   {"server.p7b.der", "server.p7b-cert.pem"},
                                   {"trusted.pem", "trusted.new.pem"}}) {
    const Error error =
        thrown_by([&] { Certificate::parse(fixtures.read(file), fixtures.path(file)); });
    std::vector<std::string> command;
    for (const auto word : split(error.mend(), ' ')) command.emplace_back(word);
    ipm::test::run_to_success(command);
    EXPECT_EQ(Certificate::parse(fixtures.read(written), written),
              Certificate::parse(fixtures.read("server.pem"), "server.pem"))
        << error.mend();
  }
}

TEST(Certificate, DerIsExactlyOneCertificate) {
  const std::string der = Fixtures::get().read("server.der");
  for (const std::string& wrong : {""s, "\x30"s, der.substr(0, der.size() - 1), der + "\0"s,
                                   der + der, "\0"s + der, Fixtures::get().read("ec8.der"),
                                   Fixtures::get().read("server.pem"), std::string(300'000, '0')}) {
    EXPECT_EQ(thrown_by([&] { Certificate::parse_der(wrong, "peer"); }).message(),
              Message::CertificateUnusable);
    EXPECT_TRUE(error_queue_is_empty());
  }
}

TEST(Certificate, ReadsAllOfABundleInOrder) {
  const Fixtures& fixtures = Fixtures::get();
  const std::string leaf = fixtures.read("server.pem");
  const std::string ca = fixtures.read("ca.pem");
  const auto all = Certificate::parse_all(
      "\xEF\xBB\xBF# our roots\r\n" + leaf + "between\n" + fixtures.read("ec.pem") + ca + "after",
      "bundle");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].display_name(), "ipmsrv.example.com");
  EXPECT_EQ(all[1].display_name(), "Acme CA");
  EXPECT_EQ(Certificate::parse_all(leaf + ca, "bundle", 2).size(), 2U);
  EXPECT_NE(thrown_by([&] { Certificate::parse_all(leaf + ca, "bundle", 1); })
                .happened()
                .find("more than 1 blocks"),
            std::string::npos);
  // Damage anywhere is told, not skipped: a root could silently be missing.
  for (const std::string& damage :
       {leaf + fixtures.read("trusted.pem"), leaf + "-----BEGIN CERTIFICATE-----\nAAAA\n",
        "-----END CERTIFICATE-----\n" + leaf, leaf + "-----BEGIN CERTIFICATE----\nAAAA\n" + ca,
        leaf + pem_text("CERTIFICATE", "x")}) {
    EXPECT_EQ(thrown_by([&] { Certificate::parse_all(damage, "bundle"); }).message(),
              Message::CertificateUnusable);
  }
}

TEST(Certificate, EverySerialHasAText) {
  struct Case {
    std::string octets;
    bool negative;
    std::string_view text;
  };
  for (const auto& [octets, negative, text] : std::vector<Case>{
           {"\x01"s, false, "01"},
           {"\x00"s, false, "00"},
           {""s, false, "00"},
           {"\x0a\x1b"s, false, "0A1B"},
           {"\x80"s, false, "80"},
           {"\x05"s, true, "-05"},
           {std::string(21, '\xff'), false, "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"},
       }) {
    Forgery wanted;
    wanted.serial = octets;
    wanted.negative_serial = negative;
    EXPECT_EQ(forged(wanted).serial(), text);
  }
}

TEST(Certificate, EveryVersionIsTold) {
  for (const int version : {1, 2, 3, 7}) {
    Forgery wanted;
    wanted.version = version - 1;
    EXPECT_EQ(forged(wanted).version(), version);
  }
}

TEST(Certificate, TimesAreUtcWhateverTheTimeZone) {
  struct Case {
    std::string text;
    int type;
    std::string_view rfc3339;
  };
  setenv("TZ", "Pacific/Chatham", 1);
  tzset();
  for (const auto& [text, type, rfc3339] : std::vector<Case>{
           {"290521103341Z", V_ASN1_UTCTIME, "2029-05-21T10:33:41Z"},
           {"491231235959Z", V_ASN1_UTCTIME, "2049-12-31T23:59:59Z"},
           {"500101000000Z", V_ASN1_UTCTIME, "1950-01-01T00:00:00Z"},
           {"20500101000000Z", V_ASN1_GENERALIZEDTIME, "2050-01-01T00:00:00Z"},
           {"99991231235959Z", V_ASN1_GENERALIZEDTIME, "9999-12-31T23:59:59Z"},
           {"00010101000000Z", V_ASN1_GENERALIZEDTIME, "0001-01-01T00:00:00Z"},
           {"20240229120000Z", V_ASN1_GENERALIZEDTIME, "2024-02-29T12:00:00Z"},
       }) {
    Forgery wanted;
    wanted.time_type = type;
    wanted.not_before = wanted.not_after = text;
    EXPECT_EQ(to_rfc3339(forged(wanted).not_after()), rfc3339) << text;
    EXPECT_EQ(to_rfc3339(forged(wanted).not_before()), rfc3339) << text;
  }
  unsetenv("TZ");
  tzset();
}

TEST(Certificate, AnUnreadableTimeIsRefused) {
  for (const std::string& text : {""s, "20261301000000Z"s, "20260230000000Z"s, "20260101250000Z"s,
                                  "00000101000000Z"s, "tomorrow"s, "2026"s, "20260101000000Z\0"s}) {
    for (const bool before : {true, false}) {
      Forgery wanted;
      (before ? wanted.not_before : wanted.not_after) = text;
      const std::string der = forge(wanted);
      const Error error = thrown_by([&] { Certificate::parse_der(der, "x"); });
      EXPECT_EQ(error.message(), Message::CertificateUnusable) << text;
      EXPECT_TRUE(error_queue_is_empty()) << text;
    }
  }
}

TEST(Certificate, ABrokenExtensionIsNeverAbsent) {
  struct Case {
    const char* oid;
    std::string whole;
    std::string broken;
  };
  const std::vector<Case> cases = {
      {kKeyUsageOid, "\x03\x02\x07\x80"s, "\x03\x02\x09\x80"s},
      {kKeyUsageOid, "\x03\x02\x05\xa0"s, ""s},
      {kExtendedKeyUsageOid, "\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01"s,
       "\x30\x0a\x06\x08"s},
      {kBasicConstraintsOid, "\x30\x03\x01\x01\xff"s, "\x31\x00"s},
      {kBasicConstraintsOid, "\x30\x00"s, "\x30\x06\x01\x01\xff\x02\x01\xff"s /* pathlen -1 */},
      {kAlternativeNamesOid, "\x30\x03\x82\x01\x61"s, "\x30\x03\x82\x05\x61"s},
      {kSubjectKeyOid, "\x04\x01\x01"s, "\x04\x05\x01"s},
      {kAuthorityKeyOid, "\x30\x03\x80\x01\x01"s, "\x04\x01\x01"s},
  };
  auto state = [](const Certificate& certificate, std::string_view oid) {
    auto of = [](const auto& extension) {
      return std::tuple(extension.present(), extension.broken, extension.value.has_value(),
                        extension.critical);
    };
    if (oid == kKeyUsageOid) return of(certificate.key_usage());
    if (oid == kExtendedKeyUsageOid) return of(certificate.extended_key_usage());
    if (oid == kBasicConstraintsOid) return of(certificate.basic_constraints());
    if (oid == kAlternativeNamesOid) return of(certificate.subject_alternative_names());
    if (oid == kSubjectKeyOid) return of(certificate.subject_key_identifier());
    return of(certificate.authority_key_identifier());
  };
  constexpr auto kAbsent = std::tuple(false, false, false, false);
  constexpr auto kWhole = std::tuple(true, false, true, false);
  constexpr auto kBroken = std::tuple(true, true, false, false);
  constexpr auto kBrokenCritical = std::tuple(true, true, false, true);
  const Certificate none = forged({});
  for (const auto& [oid, whole, broken] : cases) {
    EXPECT_EQ(state(none, oid), kAbsent) << oid;
    EXPECT_EQ(state(with_extension(oid, whole), oid), kWhole) << oid;
    EXPECT_EQ(state(with_extension(oid, broken), oid), kBroken) << oid;
    EXPECT_EQ(state(with_extension(oid, whole + "\x05\0"s), oid), kBroken) << oid << " and more";
    Forgery twice;
    twice.extensions = {{oid, false, whole}, {oid, true, whole}};
    EXPECT_EQ(state(forged(twice), oid), kBrokenCritical) << oid << " twice";
    twice.extensions = {{oid, true, broken}, {oid, false, whole}, {oid, false, whole}};
    EXPECT_EQ(state(forged(twice), oid), kBrokenCritical) << oid << " three times";
    EXPECT_TRUE(error_queue_is_empty()) << oid;
  }
}

TEST(Certificate, KeyUsageKeepsAllNineBits) {
  EXPECT_EQ(with_extension(kKeyUsageOid, "\x03\x03\x07\xff\x80"s).key_usage().value, 0x1ff);
  EXPECT_EQ(with_extension(kKeyUsageOid, "\x03\x03\x07\x00\x80"s).key_usage().value, kDecipherOnly);
  EXPECT_EQ(with_extension(kKeyUsageOid, "\x03\x01\x00"s).key_usage().value, 0);
  EXPECT_EQ(key_usage_text(0x1ff),
            "digitalSignature, nonRepudiation, keyEncipherment, dataEncipherment, keyAgreement, "
            "keyCertSign, cRLSign, encipherOnly, decipherOnly");
  EXPECT_EQ(key_usage_text(0), "");
}

TEST(Certificate, NamesAreReadByLength) {
  // dNSName "a.example\0.evil.com", dNSName "*.com", iPAddress of 4 and 5 bytes, a URI, a mail
  // address, a registered ID.
  const std::string names =
      "\x82\x13"
      "a.example\0.evil.com"
      "\x82\x05*.com"
      "\x87\x04\x0a\0\0\x01"
      "\x87\x05\x0a\0\0\0\x01"
      "\x86\x03"
      "a:b"
      "\x81\x03"
      "a@b"
      "\x88\x01\x2a"s;
  const Certificate certificate =
      with_extension(kAlternativeNamesOid, "\x30"s + static_cast<char>(names.size()) + names);
  const RawNames& raw = certificate.subject_alternative_names().value.value();
  EXPECT_EQ(raw.dns, (std::vector<std::string>{"a.example\0.evil.com"s, "*.com"}));
  EXPECT_EQ(raw.addresses, (std::vector<std::string>{"\x0a\0\0\x01"s, "\x0a\0\0\0\x01"s}));
  EXPECT_EQ(raw.uris, std::vector<std::string>{"a:b"});
  EXPECT_EQ(raw.emails, std::vector<std::string>{"a@b"});
  EXPECT_EQ(raw.others, 1U);
  EXPECT_EQ(certificate.names().text(), "DNS:forged.example.com, IP:10.0.0.1");
}

TEST(Certificate, CommonNamesAreReadByLengthAndInUtf8) {
  Forgery wanted;
  wanted.common_names = {"good.example.com\0.evil.com"s};
  const Certificate with_nul = forged(wanted);
  EXPECT_EQ(with_nul.common_name(), "good.example.com\0.evil.com"s);
  EXPECT_TRUE(with_nul.names().empty());
  EXPECT_EQ(with_nul.display_name(), "good.example.com\\x00.evil.com");

  wanted.common_names = {std::string(300, 'l') + "a"};
  EXPECT_EQ(forged(wanted).whole_name(), std::string(300, 'l') + "a");
  wanted.common_names = {"back\\slash\x1b"};
  EXPECT_EQ(forged(wanted).whole_name(), "back\\slash\x1b");

  wanted.common_names = {"a.example.com", "b.example.com"};
  const Certificate two = forged(wanted);
  EXPECT_FALSE(two.common_name());
  EXPECT_EQ(two.common_names().size(), 2U);
  EXPECT_TRUE(two.names().empty());

  wanted.common_names = {};
  const Certificate none = forged(wanted);
  EXPECT_FALSE(none.common_name());
  EXPECT_EQ(none.subject(), "");

  wanted.common_names = {"\0B\0\xfc"s};
  wanted.name_type = V_ASN1_BMPSTRING;
  EXPECT_EQ(forged(wanted).common_name(), "B\xc3\xbc");
}

TEST(Certificate, ASubjectCannotSteerATerminal) {
  Forgery wanted;
  wanted.common_names = {"a\x1b[31m\n\xc2\x9b\x31mB\xc3\xbcro"};
  const std::string subject = forged(wanted).subject();
  for (const char* bad : {"\x1b", "\n", "\xc2\x9b"})
    EXPECT_EQ(subject.find(bad), std::string::npos);
  EXPECT_NE(subject.find("B\xc3\xbcro"), std::string::npos) << subject;
}

TEST(Certificate, AnUnknownKeyIsToldWhenAskedFor) {
  std::string der = forge({});
  // id-ecPublicKey 1.2.840.10045.2.1 becomes 1.2.840.10045.2.127.
  const auto at = der.find("\x2a\x86\x48\xce\x3d\x02\x01"s);
  ASSERT_NE(at, std::string::npos);
  der[at + 6] = '\x7f';
  const Certificate certificate = Certificate::parse_der(der, "x");
  EXPECT_EQ(thrown_by([&] { certificate.public_key(); }).message(), Message::CertificateUnusable);
  EXPECT_TRUE(error_queue_is_empty());
}

TEST(Certificate, ThreadsMayShareItFromTheFirstQuestionOn) {
  const std::string der = Fixtures::get().read("server.der");
  for (int round = 0; round < 20; ++round) {
    const Certificate certificate = Certificate::parse_der(der, "x");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([copy = certificate] {
        EXPECT_EQ(copy.names().dns.size(), 3U);
        EXPECT_EQ(copy.extensions().size(), 6U);
        EXPECT_EQ(copy.public_key().bits(), 2048);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
}

}  // namespace
}  // namespace ipm::pki
