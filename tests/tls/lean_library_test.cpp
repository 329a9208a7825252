#include "tls/lean_library.h"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <array>
#include <string>

#include "library_peer.h"
#include "pki/openssl.h"
#include "support.h"

namespace ipm::tls::test {
namespace {

using CipherPtr = pki::Ptr<EVP_CIPHER, EVP_CIPHER_free>;
using KeyKindPtr = pki::Ptr<EVP_KEYMGMT, EVP_KEYMGMT_free>;

class LeanLibrary : public ::testing::Test {
 protected:
  static bool has_cipher(const char* name) {
    const pki::ErrorQueueGuard guard;
    return CipherPtr(EVP_CIPHER_fetch(lean_library(), name, nullptr)) != nullptr;
  }
  static bool has_digest(const char* name) {
    const pki::ErrorQueueGuard guard;
    return pki::DigestPtr(EVP_MD_fetch(lean_library(), name, nullptr)) != nullptr;
  }
  static bool has_kind_of_key(const char* name) {
    const pki::ErrorQueueGuard guard;
    return KeyKindPtr(EVP_KEYMGMT_fetch(lean_library(), name, nullptr)) != nullptr;
  }
};

TEST_F(LeanLibrary, IsMadeOnceWithoutLeavingErrorsBehind) {
  ASSERT_NE(lean_library(), nullptr);
  EXPECT_EQ(lean_library(), lean_library());
  EXPECT_EQ(pki::take_openssl_errors(), "no reason given");
}

TEST_F(LeanLibrary, HasWhatOurSuitesNeed) {
  for (const auto* name : {"AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305"}) {
    EXPECT_TRUE(has_cipher(name)) << name;
  }
  for (const auto* name : {"SHA1", "SHA256", "SHA384", "SHA512"}) {
    EXPECT_TRUE(has_digest(name)) << name;
  }
  for (const auto* name : {"EC", "RSA", "RSA-PSS", "ED25519", "ED448", "X25519", "HMAC"}) {
    EXPECT_TRUE(has_kind_of_key(name)) << name;
  }
}

TEST_F(LeanLibrary, HasNothingElse) {
  for (const auto* name : {"AES-256-CBC", "ARIA-256-GCM", "DES-EDE3-CBC", "NULL"}) {
    EXPECT_FALSE(has_cipher(name)) << name;
  }
  for (const auto* name : {"MD5", "MD5-SHA1", "SM3"}) EXPECT_FALSE(has_digest(name)) << name;
  for (const auto* name : {"DH", "DSA", "SM2"}) EXPECT_FALSE(has_kind_of_key(name)) << name;
}

TEST_F(LeanLibrary, LeavesTheDefaultContextAsItIs) {
  ASSERT_NE(lean_library(), nullptr);
  EXPECT_NE(CipherPtr(EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr)), nullptr);
  EXPECT_NE(pki::DigestPtr(EVP_MD_fetch(nullptr, "MD5", nullptr)), nullptr);
}

// Certificates whose keys OpenSSL itself does not read here: each kind must be proven all the same,
// at the first meeting and where the verdict is remembered.
class KeysOfEveryKind : public ::testing::TestWithParam<const char*> {};

TEST_P(KeysOfEveryKind, ProveBothSides) {
  const std::string kind = GetParam();
  const auto server = build(server_sources(true, "server" + kind));
  const auto client = build(client_sources("client" + kind));
  for (int i = 0; i < 2; ++i) {
    const auto meeting = meet(server, client);
    EXPECT_FALSE(meeting.server_error) << meeting.server_error->what();
    EXPECT_FALSE(meeting.client_error) << meeting.client_error->what();
    ASSERT_TRUE(meeting.server_saw && meeting.client_saw);
    EXPECT_EQ(meeting.server_saw->name, "ipmclient.example.com");
    EXPECT_EQ(meeting.client_saw->name, "ipmsrv.example.com");
    EXPECT_FALSE(meeting.protection->resumed);
  }
}

INSTANTIATE_TEST_SUITE_P(Keys, KeysOfEveryKind, ::testing::Values("", "-rsa", "-p384", "-ed25519"),
                         [](const auto& one) {
                           const std::string name = one.param;
                           return name.empty() ? std::string("p256") : name.substr(1);
                         });

// A key pair of which only the public half is the certificate's.
pki::KeyPtr forge_key(const X509* certificate) {
  std::array<unsigned char, 256> point{};
  std::size_t size = 0;
  EXPECT_EQ(EVP_PKEY_get_octet_string_param(X509_get0_pubkey(certificate),
                                            OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, point.data(),
                                            point.size(), &size),
            1);
  const pki::Ptr<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  const pki::Ptr<BIGNUM, BN_free> secret(BN_new());
  BN_set_word(secret.get(), 123456789);
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), size);
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret.get());
  const pki::Ptr<OSSL_PARAM, OSSL_PARAM_free> parts(OSSL_PARAM_BLD_to_param(builder.get()));
  const pki::KeyContextPtr maker(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY_fromdata_init(maker.get());
  EVP_PKEY* key = nullptr;
  EXPECT_EQ(EVP_PKEY_fromdata(maker.get(), &key, EVP_PKEY_KEYPAIR, parts.get()), 1);
  return pki::KeyPtr(key);
}

// A certificate is no secret: whoever shows it must still prove the key, the first time and when
// its owner has been here before.
TEST(CopiedCertificate, DoesNotGetInWithoutItsKey) {
  const auto server = build(server_sources());
  for (const bool owner_was_here : {false, true}) {
    if (owner_was_here) {
      const auto meeting = meet(server, build(client_sources()));
      ASSERT_FALSE(meeting.server_error) << meeting.server_error->what();
    }
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      asio::io_context io{1};
      auto ends = connect_ends(io);
      Stream stream(net::make_transport(std::move(ends.here), "192.0.2.7:40112"));
      const auto accept = [&]() -> awaitable<void> {
        stream.expires_after(std::chrono::seconds(10));
        co_await stream.accept_tls(server);
      };
      const auto error = run_against(io, accept, [&] {
        LibraryPeer peer(std::move(ends.there), false, "client");
        SSL_CTX* const context = peer.context.get();
        LibraryPeer::check(SSL_CTX_set_min_proto_version(context, version));
        LibraryPeer::check(SSL_CTX_set_max_proto_version(context, version));
        const auto key = forge_key(SSL_CTX_get0_certificate(context));
        LibraryPeer::check(SSL_CTX_use_PrivateKey(context, key.get()));
        if (peer.handshake()) {
          EXPECT_EQ(peer.read(), "");
        }
        EXPECT_EQ(peer.alert(), SSL_AD_DECRYPT_ERROR) << peer.failure;
      });
      ASSERT_TRUE(error);
      EXPECT_EQ(error->message(), Message::HandshakeFailed) << error->what();
      EXPECT_FALSE(stream.peer());
    }
  }
}

}  // namespace
}  // namespace ipm::tls::test
