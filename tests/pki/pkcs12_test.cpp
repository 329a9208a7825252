#include "pki/pkcs12.h"

#include <gtest/gtest.h>

#include "fixtures.h"

namespace ipm::pki {
namespace {

using test::error_queue_is_empty;
using test::Fixtures;
using test::thrown_by;

struct Parts {
  PrivateKey key = PrivateKey::parse(Fixtures::get().read("rsa.pem"), "rsa.pem");
  Certificate leaf = Certificate::parse(Fixtures::get().read("server.pem"), "server.pem");
  std::vector<Certificate> chain = {Certificate::parse(Fixtures::get().read("ca.pem"), "ca.pem")};
};

TEST(Pkcs12, OpensslOpensBothKinds) {
  const Fixtures& fixtures = Fixtures::get();
  const Parts parts;
  for (const bool legacy : {false, true}) {
    Pkcs12Options options;
    options.friendly_name = "Anna's B\xc3\xbcro";
    options.legacy = legacy;
    fixtures.write("ours.p12", make_pkcs12(parts.key, parts.leaf, parts.chain,
                                           Secret("pass w\xc3\xb6rd"), options));
    EXPECT_TRUE(error_queue_is_empty());
    const std::string text =
        ipm::test::run_to_success({"openssl", "pkcs12", "-in", fixtures.path("ours.p12"), "-passin",
                                   "pass:pass w\xc3\xb6rd", "-nodes"});
    EXPECT_EQ(PrivateKey::parse(text, "openssl").public_key(), parts.leaf.public_key());
    const auto certificates = Certificate::parse_all(text, "openssl");
    ASSERT_EQ(certificates.size(), 2U);
    EXPECT_EQ(certificates[0], parts.leaf);
    EXPECT_EQ(certificates[1], parts.chain[0]);
    const auto info =
        ipm::test::run_program({"openssl", "pkcs12", "-in", fixtures.path("ours.p12"), "-passin",
                                "pass:pass w\xc3\xb6rd", "-info", "-noout"});
    EXPECT_EQ(info.errors.find("AES-256-CBC") != std::string::npos, !legacy) << info.errors;
    EXPECT_EQ(info.errors.find("pbeWithSHA1And3-KeyTripleDES-CBC") != std::string::npos, legacy);
    EXPECT_NE(info.errors.find(legacy ? "MAC: sha1" : "MAC: sha256"), std::string::npos)
        << info.errors;
    EXPECT_NE(ipm::test::run_program({"openssl", "pkcs12", "-in", fixtures.path("ours.p12"),
                                      "-passin", "pass:another", "-noout"})
                  .exit_code,
              0);
  }
}

TEST(Pkcs12, RefusesWhatNobodyCouldOpen) {
  const Parts parts;
  using namespace std::string_literals;
  for (const std::string& wrong : {""s, "a\0b"s, std::string(1025, 'a')}) {
    EXPECT_EQ(
        thrown_by([&] { make_pkcs12(parts.key, parts.leaf, {}, Secret(wrong), {}); }).message(),
        Message::Pkcs12Unusable);
  }
  for (const std::string& name : {std::string(129, 'a'), "\xff"s, "a\0b"s}) {
    Pkcs12Options options;
    options.friendly_name = name;
    EXPECT_EQ(
        thrown_by([&] { make_pkcs12(parts.key, parts.leaf, {}, Secret("x"), options); }).message(),
        Message::Pkcs12Unusable);
  }
  EXPECT_TRUE(error_queue_is_empty());
}

TEST(Pkcs12, S12_TheKeyMustBelongToTheLeaf) {
  const Parts parts;
  const PrivateKey other = PrivateKey::generate(KeyKind::P256);
  EXPECT_EQ(thrown_by([&] { make_pkcs12(other, parts.leaf, {}, Secret("x"), {}); }).message(),
            Message::KeyMismatch);
  EXPECT_TRUE(error_queue_is_empty());
}

}  // namespace
}  // namespace ipm::pki
