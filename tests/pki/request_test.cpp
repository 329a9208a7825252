#include "pki/request.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "fixtures.h"
#include "pki/openssl.h"
#include "pki/pem.h"

namespace ipm::pki {
namespace {

using test::error_queue_is_empty;
using test::Fixtures;
using test::thrown_by;

TEST(Request, S11_CarriesTheNamesAndReadsBack) {
  const Names names = Names::parse("alt1.example.com *.example.com 10.0.0.1 fc00::1");
  for (const KeyKind kind : {KeyKind::P256, KeyKind::P384, KeyKind::Ed25519}) {
    const PrivateKey key = PrivateKey::generate(kind);
    const Request made = Request::make(key, "ipmsrv.example.com", names);
    const Request read = Request::parse(made.pem(), "memory");
    EXPECT_EQ(read.common_name(), "ipmsrv.example.com");
    EXPECT_EQ(read.subject(), "CN = ipmsrv.example.com");
    EXPECT_EQ(read.names(), names);
    EXPECT_EQ(read.public_key(), key.public_key());
    EXPECT_EQ(read.der(), made.der());
    EXPECT_EQ(Request::parse_der(made.der(), "memory").der(), made.der());
    EXPECT_TRUE(error_queue_is_empty());
  }
}

TEST(Request, OpensslVerifiesOurs) {
  const Fixtures& fixtures = Fixtures::get();
  const PrivateKey key = PrivateKey::generate(KeyKind::P256);
  fixtures.write("ours.csr",
                 Request::make(key, "B\xc3\xbcro", Names::parse("a.example.com 10.0.0.1")).pem());
  const std::string text = ipm::test::run_to_success(
      {"openssl", "req", "-in", fixtures.path("ours.csr"), "-verify", "-noout", "-text"});
  EXPECT_NE(text.find("DNS:a.example.com, IP Address:10.0.0.1"), std::string::npos) << text;
}

TEST(Request, ReadsWhatOpensslMade) {
  const Request request = Request::parse(Fixtures::get().read("server.csr"), "server.csr");
  EXPECT_EQ(request.common_name(), "ipmsrv.example.com");
  EXPECT_EQ(request.names().text(),
            "DNS:alt1.example.com, DNS:alt2.example.com, IP:10.0.0.1, IP:fc00::1");
}

TEST(Request, WithoutNamesThereAreNone) {
  const Request request = Request::make(PrivateKey::generate(KeyKind::P256), "anna", {});
  EXPECT_TRUE(request.names().empty());
  EXPECT_FALSE(request.subject_alternative_names().present());
}

TEST(Request, S10_NamesThatBreakTheRulesAreRefused) {
  const Fixtures& fixtures = Fixtures::get();
  struct Case {
    const char* san;
    bool refused;
  };
  for (const auto& [san, refused] : std::initializer_list<Case>{
           {"subjectAltName=DNS:ipm*.example.com", true},
           {"subjectAltName=DNS:*.com", true},
           {"subjectAltName=DNS:10.0.0.1", true},
           {"subjectAltName=DNS:a_b.example.com", true},
           {"2.5.29.17=DER:30038705", true},
           {"2.5.29.17=DER:300387010a", true},  // an address of one byte
           {"subjectAltName=email:anna@example.com,DNS:a.example.com", false},
       }) {
    fixtures.openssl({"req", "-new", "-key", fixtures.path("ec.pem"), "-subj", "/CN=a", "-addext",
                      san, "-out", fixtures.path("names.csr")});
    const Request request = Request::parse(fixtures.read("names.csr"), "names.csr");
    if (refused) {
      EXPECT_EQ(thrown_by([&] { request.names(); }).message(), Message::NameInvalid) << san;
    } else {
      EXPECT_EQ(request.names().text(), "DNS:a.example.com");
      EXPECT_EQ(request.subject_alternative_names().value->emails.size(), 1U);
    }
    EXPECT_TRUE(error_queue_is_empty()) << san;
  }
}

TEST(Request, RefusesWrongFilesForgedSignaturesAndWeakKeys) {
  const Fixtures& fixtures = Fixtures::get();
  const std::string good = fixtures.read("server.csr");
  std::string forged = fixtures.read("server.csr.der");
  forged[forged.find("ipmsrv")] = 'x';
  fixtures.write("r-forged.pem", pem_text("CERTIFICATE REQUEST", forged));
  fixtures.write("r-two.pem", good + good);
  fixtures.write("r-cut.pem", good.substr(0, 100));
  fixtures.write("r-not.pem", pem_text("CERTIFICATE REQUEST", fixtures.read("server.der")));
  fixtures.openssl({"req", "-new", "-key", fixtures.path("rsa1024.pem"), "-subj", "/CN=a", "-out",
                    fixtures.path("r-weak.pem")});
  fixtures.openssl({"req", "-new", "-key", fixtures.path("koblitz.pem"), "-subj", "/CN=a", "-out",
                    fixtures.path("r-koblitz.pem")});
  struct Case {
    const char* file;
    std::string_view found;
    std::string_view mend;
  };
  for (const auto& [file, found, mend] : std::initializer_list<Case>{
           {"r-forged.pem", "its signature is not that of the key in it", ""},
           {"r-two.pem", "more than 1 blocks", ""},
           {"r-cut.pem", "has no END line", ""},
           {"r-not.pem", "a DER certificate, not a request", ""},
           {"r-weak.pem", "RSA with 1024 bits is too short", "ipm cert request"},
           {"r-koblitz.pem", "secp256k1 is not supported", "ipm cert request"},
           {"server.csr.der", "a DER certificate request", "openssl req -inform DER -in "},
           {"server.pem", "a certificate", ""},
           {"rsa.pem", "a private key", ""},
       }) {
    const Error error =
        thrown_by([&] { Request::parse(fixtures.read(file), fixtures.path(file)); });
    EXPECT_EQ(error.message(), Message::RequestUnusable) << file;
    EXPECT_NE(error.happened().find(found), std::string::npos) << file << ": " << error.what();
    EXPECT_NE(error.mend().find(mend), std::string::npos) << file << ": " << error.what();
    EXPECT_TRUE(error_queue_is_empty()) << file;
  }
  EXPECT_EQ(thrown_by([&] { Request::parse_der(forged + "x", "x"); }).message(),
            Message::RequestUnusable);
  EXPECT_EQ(thrown_by([&] { Request::parse_der("", "x"); }).message(), Message::RequestUnusable);
}

TEST(Request, ACommonNameHasBounds) {
  const PrivateKey key = PrivateKey::generate(KeyKind::P256);
  using namespace std::string_literals;
  for (const std::string& wrong :
       {""s, std::string(65, 'a'), "a\nb"s, "a\0b"s, "\xff"s, "a\x7f"s}) {
    EXPECT_EQ(thrown_by([&] { Request::make(key, wrong, {}); }).message(), Message::NameInvalid);
    EXPECT_TRUE(error_queue_is_empty());
  }
  EXPECT_EQ(Request::make(key, std::string(64, 'a'), {}).common_name()->size(), 64U);
}

}  // namespace
}  // namespace ipm::pki
