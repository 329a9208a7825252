// What a certificate from elsewhere comes as, each form as the openssl program writes it.
#include "pki/bought.h"

#include <gtest/gtest.h>

#include "fixtures.h"
#include "pki/pkcs12.h"

namespace ipm::pki {
namespace {

using test::error_queue_is_empty;
using test::Fixtures;
using test::thrown_by;

Secret no_passphrase() {
  ADD_FAILURE() << "a passphrase was asked for";
  return Secret("none");
}

struct BoughtTest : ::testing::Test {
  const Fixtures& fixtures = Fixtures::get();
  PrivateKey key = PrivateKey::parse(fixtures.read("rsa.pem"), "rsa.pem");
  Certificate leaf = Certificate::parse(fixtures.read("server.pem"), "server.pem");
  Certificate ca = Certificate::parse(fixtures.read("ca.pem"), "ca.pem");

  std::string made(const std::vector<std::string>& words) {
    std::vector<std::string> all = {"openssl"};
    all.insert(all.end(), words.begin(), words.end());
    all.insert(all.end(), {"-out", fixtures.path("bought")});
    ipm::test::run_to_success(all);
    return fixtures.read("bought");
  }
};

TEST_F(BoughtTest, Pkcs12GivesKeyLeafAndChain) {
  for (const bool legacy : {false, true}) {
    Pkcs12Options options;
    options.legacy = legacy;
    const auto file = make_pkcs12(key, leaf, {ca}, Secret("pass w\xc3\xb6rd"), options);
    int asked = 0;
    const auto bought = read_bought(file, "a.pfx", [&] {
      ++asked;
      return Secret("pass w\xc3\xb6rd");
    });
    EXPECT_EQ(asked, 1);
    ASSERT_TRUE(bought.key);
    EXPECT_EQ(bought.key->public_key(), leaf.public_key());
    ASSERT_EQ(bought.certificates.size(), 2U);
    EXPECT_EQ(bought.certificates[0], leaf);
    EXPECT_EQ(bought.certificates[1], ca);
    EXPECT_EQ(
        thrown_by([&] { read_bought(file, "a.pfx", [] { return Secret("wrong"); }); }).message(),
        Message::PassphraseWrong);
    EXPECT_TRUE(error_queue_is_empty());
  }
}

TEST_F(BoughtTest, Pkcs12WithoutAPassphraseAsksForNone) {
  const auto file = made({"pkcs12", "-export", "-inkey", fixtures.path("rsa.pem"), "-in",
                          fixtures.path("server.pem"), "-passout", "pass:"});
  EXPECT_TRUE(read_bought(file, "a.p12", no_passphrase).key);
}

TEST_F(BoughtTest, Pkcs12WithoutAMacIsOpened) {
  const std::vector<std::string> words = {"pkcs12",
                                          "-export",
                                          "-nomac",
                                          "-inkey",
                                          fixtures.path("rsa.pem"),
                                          "-in",
                                          fixtures.path("server.pem")};
  auto open = words;
  open.insert(open.end(), {"-keypbe", "NONE", "-certpbe", "NONE", "-passout", "pass:"});
  EXPECT_TRUE(read_bought(made(open), "a.p12", no_passphrase).key);
  auto closed = words;
  closed.insert(closed.end(), {"-passout", "pass:sesame"});
  const auto file = made(closed);
  const auto bought = read_bought(file, "a.p12", [] { return Secret("sesame"); });
  ASSERT_TRUE(bought.key);
  EXPECT_EQ(bought.certificates[0], leaf);
  EXPECT_EQ(
      thrown_by([&] { read_bought(file, "a.p12", [] { return Secret("wrong"); }); }).message(),
      Message::PassphraseWrong);
  EXPECT_TRUE(error_queue_is_empty());
}

TEST_F(BoughtTest, Pkcs7AndDerGiveCertificates) {
  for (const std::string form : {"PEM", "DER"}) {
    const auto file = made({"crl2pkcs7", "-nocrl", "-certfile", fixtures.path("server.pem"),
                            "-certfile", fixtures.path("ca.pem"), "-outform", form});
    const auto bought = read_bought(file, "a.p7b", no_passphrase);
    EXPECT_EQ(bought.certificates.size(), 2U) << form;
    EXPECT_FALSE(bought.key);
  }
  const auto bought = read_bought(leaf.der(), "a.cer", no_passphrase);
  ASSERT_EQ(bought.certificates.size(), 1U);
  EXPECT_EQ(bought.certificates[0], leaf);
}

TEST_F(BoughtTest, KeysInEveryFormAreTheSame) {
  const auto rsa = fixtures.path("rsa.pem");
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"pkey", "-in", rsa},
           {"pkey", "-in", rsa, "-outform", "DER"},
           {"rsa", "-in", rsa, "-traditional", "-outform", "DER"},
           {"pkcs8", "-topk8", "-in", rsa, "-passout", "pass:secret"},
           {"pkcs8", "-topk8", "-in", rsa, "-passout", "pass:secret", "-outform", "DER"}}) {
    const auto bought = read_bought(made(words), "key", [] { return Secret("secret"); });
    ASSERT_TRUE(bought.key) << words[0];
    EXPECT_EQ(bought.key->public_key(), leaf.public_key());
    EXPECT_TRUE(bought.certificates.empty());
  }
}

TEST_F(BoughtTest, PemMayHoldAllInOneFile) {
  const auto bought = read_bought(leaf.pem() + ca.pem() + std::string(key.pem().reveal()),
                                  "all.pem", no_passphrase);
  EXPECT_TRUE(bought.key);
  EXPECT_EQ(bought.certificates.size(), 2U);
}

TEST_F(BoughtTest, WhatIsNoneOfTheseIsToldApart) {
  EXPECT_EQ(thrown_by([&] { read_bought("", "a", no_passphrase); }).message(),
            Message::CertificateUnusable);
  EXPECT_EQ(thrown_by([&] { read_bought("<html></html>", "a", no_passphrase); }).message(),
            Message::CertificateUnusable);
  const auto file = make_pkcs12(key, leaf, {ca}, Secret("secret"), {});
  EXPECT_NE(thrown_by([&] {
              read_bought(file.substr(0, file.size() / 2), "a.pfx",
                          [] { return Secret("secret"); });
            }).message(),
            Message::Unexpected);
}

}  // namespace
}  // namespace ipm::pki
