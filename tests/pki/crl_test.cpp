#include "pki/crl.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "fixtures.h"
#include "forge.h"
#include "pki/pem.h"
#include "pki/signature.h"

namespace ipm::pki {
namespace {

using namespace std::string_literals;
using test::error_queue_is_empty;
using test::Fixtures;
using test::thrown_by;

TimePoint at(std::string_view text) {
  return *parse_rfc3339(text);
}

Certificate ca() {
  return Certificate::parse(Fixtures::get().read("ca.pem"), "ca.pem");
}
PrivateKey ca_key() {
  return PrivateKey::parse(Fixtures::get().read("ec.pem"), "ec.pem");
}

TEST(Crl, ReadsWhatOpensslSigned) {
  const Crl list = Crl::parse(Fixtures::get().read("list.pem"), "list.pem");
  EXPECT_EQ(list.version(), 2);
  EXPECT_EQ(list.issuer(), "O = Acme, CN = Acme CA");
  EXPECT_EQ(list.issuer_der(), ca().subject_der());
  EXPECT_EQ(list.number(), "4096");
  EXPECT_EQ(list.next_update().value() - list.this_update(), std::chrono::days(30));
  EXPECT_EQ(list.authority_key_identifier(), ca().subject_key_identifier().value);
  EXPECT_TRUE(crl_signature_holds(list, ca()));
  EXPECT_FALSE(
      crl_signature_holds(list, Certificate::parse(Fixtures::get().read("server.pem"), "x")));
  EXPECT_EQ(list.revocations(),
            (std::vector<Revocation>{
                {"02", at("2026-01-02T00:00:00Z"), "unspecified"},
                {"0A1B2C", at("2026-01-01T00:00:00Z"), "keyCompromise"},
                {"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", at("2026-01-03T00:00:00Z"), "superseded"}}));
  EXPECT_TRUE(error_queue_is_empty());
}

TEST(Crl, OpensslVerifiesOursAndReadsEveryEntry) {
  const Fixtures& fixtures = Fixtures::get();
  std::vector<Revocation> revoked;
  int serial = 0x10;
  for (const std::string_view reason : revocation_reasons()) {
    revoked.push_back({to_hex(std::array{static_cast<unsigned char>(serial++)}),
                       at("2026-05-21T10:33:41Z"), std::string(reason)});
  }
  revoked.push_back({"0A1B2C", at("2051-01-01T00:00:00Z"), "keyCompromise"});
  revoked.push_back({"-05", at("2026-01-01T00:00:00Z"), "superseded"});
  revoked.push_back({"00", at("2026-01-01T00:00:00Z"), "superseded"});
  const Crl list = Crl::sign(ca(), ca_key(), revoked, 18446744073709551615U,
                             at("2026-06-01T00:00:00Z"), at("2026-06-08T00:00:00Z"));
  EXPECT_EQ(list.number(), "18446744073709551615");
  EXPECT_EQ(list.size(), revoked.size());
  EXPECT_EQ(list.this_update(), at("2026-06-01T00:00:00Z"));
  EXPECT_EQ(list.next_update(), at("2026-06-08T00:00:00Z"));
  EXPECT_TRUE(crl_signature_holds(list, ca()));
  for (const Revocation& one : list.revocations()) {
    const auto same = std::find_if(revoked.begin(), revoked.end(), [&](const Revocation& given) {
      return equal_ascii_nocase(given.serial, one.serial);
    });
    ASSERT_NE(same, revoked.end()) << one.serial;
    EXPECT_EQ(same->when, one.when);
    EXPECT_EQ(same->reason, one.reason);
  }
  EXPECT_EQ(Crl::parse(list.pem(), "again").der(), list.der());

  fixtures.write("ours.crl", list.pem());
  const std::string text =
      ipm::test::run_to_success({"openssl", "crl", "-in", fixtures.path("ours.crl"), "-CAfile",
                                 fixtures.path("ca.pem"), "-noout", "-text"});
  EXPECT_NE(text.find("Version 2"), std::string::npos);
  EXPECT_NE(text.find("Privilege Withdrawn"), std::string::npos) << text;
  EXPECT_NE(text.find("X509v3 Authority Key Identifier"), std::string::npos);
  EXPECT_EQ(text.find("Unspecified"), std::string::npos) << "left out, as RFC 5280, 5.3.1 advises";
}

TEST(Crl, TellsWhatALaterOneLacksOfManyInAnyOrder) {
  std::vector<Revocation> revoked;
  for (int i = 999; i >= 0; --i) {
    const std::array<unsigned char, 2> octets = {static_cast<unsigned char>(i >> 8),
                                                 static_cast<unsigned char>(i & 255)};
    revoked.push_back({"01" + to_hex(octets), at("2026-01-01T00:00:00Z"), "unspecified"});
  }
  const auto sign = [&] {
    return Crl::sign(ca(), ca_key(), revoked, 1, at("2026-01-01T00:00:00Z"),
                     at("2026-02-01T00:00:00Z"));
  };
  const Crl whole = sign();
  std::reverse(revoked.begin(), revoked.end());
  EXPECT_EQ(whole.missing_in(sign()).count, 0U);
  std::erase_if(revoked, [](const Revocation& one) { return one.serial.ends_with("7"); });
  const auto missing = whole.missing_in(sign());
  EXPECT_EQ(missing.count, 63U);
  EXPECT_EQ(missing.serials,
            (std::vector<std::string>{"010007", "010017", "010027", "010037", "010047"}));
  EXPECT_EQ(sign().missing_in(whole).count, 0U);
}

TEST(Crl, AnEmptyListIsOne) {
  const Crl list =
      Crl::sign(ca(), ca_key(), {}, 0, at("2026-01-01T00:00:00Z"), at("2026-02-01T00:00:00Z"));
  EXPECT_EQ(list.size(), 0U);
  EXPECT_EQ(list.number(), "0");
  EXPECT_TRUE(list.revocations().empty());
}

TEST(Crl, SigningRefusesNonsense) {
  const TimePoint now = at("2026-01-01T00:00:00Z");
  const TimePoint later = at("2026-02-01T00:00:00Z");
  auto sign = [&](const std::string& serial, const std::string& reason) {
    return thrown_by([&] { Crl::sign(ca(), ca_key(), {{serial, now, reason}}, 1, now, later); })
        .message();
  };
  for (const char* serial : {"", "-", "xyz", "0", "123", "--01", " 01"}) {
    EXPECT_EQ(sign(serial, "superseded"), Message::CrlUnusable) << serial;
  }
  for (const char* reason : {"", "removeFromCRL", "KeyCompromise", "reason 7"}) {
    EXPECT_EQ(sign("01", reason), Message::CrlUnusable) << reason;
  }
  EXPECT_EQ(thrown_by([&] { Crl::sign(ca(), ca_key(), {}, 1, now, now); }).message(),
            Message::CrlUnusable);
  EXPECT_EQ(thrown_by([&] {
              Crl::sign(ca(), PrivateKey::generate(KeyKind::P256), {}, 1, now, later);
            }).message(),
            Message::KeyMismatch);
  EXPECT_TRUE(error_queue_is_empty());
}

TEST(Crl, EachWrongFileIsRefusedWithTheMend) {
  const Fixtures& fixtures = Fixtures::get();
  const std::string good = fixtures.read("list.pem");
  fixtures.write("l-empty.pem", "");
  fixtures.write("l-two.pem", good + good);
  fixtures.write("l-cut.pem", good.substr(0, 100));
  fixtures.write("l-not.pem", pem_text("X509 CRL", fixtures.read("server.der")));
  fixtures.write("l-trailing.pem", pem_text("X509 CRL", fixtures.read("list.der") + "x"));
  struct Case {
    const char* file;
    std::string_view found;
    std::string_view mend;
  };
  for (const auto& [file, found, mend] : std::initializer_list<Case>{
           {"l-empty.pem", "an empty file", ""},
           {"l-two.pem", "holds 2 revocation lists", "newest"},
           {"l-cut.pem", "has no END line", ""},
           {"l-not.pem", "the block of line 1 does not hold a list", ""},
           {"l-trailing.pem", "does not hold a list", ""},
           {"list.der", "a DER certificate revocation list", "openssl crl -inform DER -in "},
           {"server.pem", "a certificate", ""},
       }) {
    const Error error = thrown_by([&] { Crl::parse(fixtures.read(file), fixtures.path(file)); });
    EXPECT_EQ(error.message(), Message::CrlUnusable) << file;
    EXPECT_NE(error.happened().find(found), std::string::npos) << file << ": " << error.what();
    EXPECT_NE(error.mend().find(mend), std::string::npos) << file << ": " << error.what();
    EXPECT_TRUE(error_queue_is_empty()) << file;
  }
  EXPECT_EQ(Crl::parse_all(good + fixtures.read("server.pem") + good, "lists").size(), 2U);
  for (const std::string& der :
       {""s, "x"s, fixtures.read("list.der") + "x", fixtures.read("server.der")}) {
    EXPECT_EQ(thrown_by([&] { Crl::parse_der(der, "x"); }).message(), Message::CrlUnusable);
  }
}

// Lists with extensions of any kind, which openssl's program would not write.
std::string odd_list(const std::vector<test::Forgery::Extension>& of_list,
                     const std::vector<test::Forgery::Extension>& of_entry,
                     const std::string& this_update = "260101000000Z",
                     const std::string& next_update = "270101000000Z") {
  const Certificate issuer = ca();
  const PrivateKey key = ca_key();
  auto make = [](const test::Forgery::Extension& wanted) {
    const OctetStringPtr value = own<OctetStringPtr>(ASN1_OCTET_STRING_new(), "value");
    ASN1_OCTET_STRING_set(value.get(), octets(wanted.der), static_cast<int>(wanted.der.size()));
    const Ptr<ASN1_OBJECT, ASN1_OBJECT_free> kind(OBJ_txt2obj(wanted.oid.c_str(), 1));
    return own<ExtensionPtr>(
        X509_EXTENSION_create_by_OBJ(nullptr, kind.get(), wanted.critical ? 1 : 0, value.get()),
        "extension");
  };
  auto time = [](const std::string& text) {
    TimePtr made = own<TimePtr>(ASN1_STRING_type_new(V_ASN1_UTCTIME), "time");
    ASN1_STRING_set(made.get(), text.data(), static_cast<int>(text.size()));
    return made;
  };
  const CrlPtr list = own<CrlPtr>(X509_CRL_new(), "list");
  X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(issuer.handle()));
  X509_CRL_set1_lastUpdate(list.get(), time(this_update).get());
  if (!next_update.empty()) X509_CRL_set1_nextUpdate(list.get(), time(next_update).get());
  Ptr<X509_REVOKED, X509_REVOKED_free> entry(X509_REVOKED_new());
  const IntegerPtr serial(ASN1_INTEGER_new());
  ASN1_INTEGER_set(serial.get(), 5);
  X509_REVOKED_set_serialNumber(entry.get(), serial.get());
  X509_REVOKED_set_revocationDate(entry.get(), time("260101000000Z").get());
  for (const auto& wanted : of_entry) X509_REVOKED_add_ext(entry.get(), make(wanted).get(), -1);
  X509_CRL_add0_revoked(list.get(), entry.release());
  for (const auto& wanted : of_list) X509_CRL_add_ext(list.get(), make(wanted).get(), -1);
  must(X509_CRL_sign(list.get(), key.handle(), EVP_sha256()), "sign");
  return encode(i2d_X509_CRL, list.get());
}

TEST(Crl, UnreadableTimesAreRefusedAndAMissingNextUpdateIsTold) {
  EXPECT_FALSE(Crl::parse_der(odd_list({}, {}, "260101000000Z", ""), "x").next_update());
  EXPECT_EQ(thrown_by([] { Crl::parse_der(odd_list({}, {}, "garbage"), "x"); }).message(),
            Message::CrlUnusable);
  EXPECT_EQ(thrown_by([] {
              Crl::parse_der(odd_list({}, {}, "260101000000Z", "261301000000Z"), "x");
            }).message(),
            Message::CrlUnusable);
  EXPECT_TRUE(error_queue_is_empty());
}

}  // namespace
}  // namespace ipm::pki
