#include "pki/key.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "base/text.h"
#include "fixtures.h"
#include "pki/openssl.h"
#include "pki/pem.h"

namespace ipm::pki {
namespace {

using test::error_queue_is_empty;
using test::Fixtures;
using test::thrown_by;

TEST(Key, GeneratesEachKindAndReadsItsOwnPem) {
  struct Case {
    KeyKind kind;
    std::string_view words;
  };
  // The longer RSA keys take seconds each, and differ by a number alone.
  for (const auto& [kind, words] : std::initializer_list<Case>{{KeyKind::Rsa2048, "RSA 2048"},
                                                               {KeyKind::P256, "EC P-256"},
                                                               {KeyKind::P384, "EC P-384"},
                                                               {KeyKind::Ed25519, "Ed25519"}}) {
    const PrivateKey key = PrivateKey::generate(kind);
    EXPECT_EQ(key.describe(), words);
    EXPECT_FALSE(key.public_key().complaint());
    const PrivateKey again = PrivateKey::parse(key.pem().reveal(), "memory");
    EXPECT_EQ(again.public_key(), key.public_key());
    EXPECT_EQ(again.public_key().digest(), key.public_key().digest());
    EXPECT_EQ(key.public_key().is_rsa(), kind == KeyKind::Rsa2048);
    EXPECT_FALSE(key.public_key() == PrivateKey::generate(KeyKind::P256).public_key());
    EXPECT_TRUE(error_queue_is_empty());
  }
}

TEST(Key, KindsHaveNames) {
  for (const KeyKind kind : key_kinds()) EXPECT_EQ(parse_key_kind(key_kind_name(kind)), kind);
  for (const char* wrong : {"", "rsa1024", "RSA2048", "p-256", "ed448", "dsa"}) {
    const Error error = thrown_by([&] { parse_key_kind(wrong); });
    EXPECT_EQ(error.message(), Message::UsageWrong);
    EXPECT_NE(error.expected().find("rsa2048, rsa3072, rsa4096, p256, p384, ed25519"),
              std::string::npos);
  }
}

TEST(Key, ReadsWhatOpensslWrites) {
  const Fixtures& fixtures = Fixtures::get();
  for (const char* name : {"ec.pem", "ec8.pem", "rsa.pem", "rsa-traditional.pem", "ed25519.pem",
                           "p384.pem", "p521.pem"}) {
    const PrivateKey key = PrivateKey::parse(fixtures.read(name), name);
    EXPECT_FALSE(key.describe().empty());
    EXPECT_TRUE(error_queue_is_empty()) << name;
  }
  EXPECT_EQ(PrivateKey::parse(fixtures.read("ec.pem"), "a").public_key(),
            PrivateKey::parse(fixtures.read("ec8.pem"), "b").public_key());
}

TEST(Key, OpensslReadsWhatWeWrite) {
  const Fixtures& fixtures = Fixtures::get();
  const PrivateKey key = PrivateKey::generate(KeyKind::P256);
  fixtures.write("ours.pem", key.pem().reveal());
  fixtures.openssl({"pkey", "-in", fixtures.path("ours.pem"), "-check", "-noout"});
  fixtures.write("ours-encrypted.pem", key.encrypted_pem(Secret("secret")));
  fixtures.openssl({"pkey", "-in", fixtures.path("ours-encrypted.pem"), "-passin", "pass:secret",
                    "-out", fixtures.path("ours-decrypted.pem")});
  EXPECT_EQ(fixtures.read("ours-decrypted.pem"), key.pem().reveal());
}

// Each wrong file: what it is, and the command that mends it.
struct WrongFile {
  std::string_view file;
  std::string_view found;
  std::string_view mend;
};

TEST(Key, S12_EachWrongFileIsRefusedWithTheMend) {
  const Fixtures& fixtures = Fixtures::get();
  const std::string key = fixtures.read("ec8.pem");
  fixtures.write("empty.pem", "");
  fixtures.write("blank.pem", " \n\n\t");
  fixtures.write("store.jks", std::string("\xFE\xED\xFE\xED\0\0\0\2", 8));
  fixtures.write(
      "openssh.pem",
      "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r\n-----END OPENSSH PRIVATE KEY-----\n");
  fixtures.write("id.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 anna@example.com\n");
  fixtures.write("putty.ppk", "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n");
  fixtures.write("page.pem", "<!DOCTYPE html><html><body>Log in</body></html>");
  fixtures.write("utf16.pem", [&] {
    std::string wide = "\xFF\xFE";
    for (const char c : key) wide.append({c, '\0'});
    return wide;
  }());
  fixtures.write("indented.pem", [&] {
    std::string text;
    for (const auto line : split(key, '\n')) text.append("    ").append(line).append("\n");
    return text;
  }());
  fixtures.write("truncated.pem", key.substr(0, key.size() / 2));
  fixtures.write("headless.pem", key.substr(key.find('\n') + 1));
  fixtures.write("two.pem", key + fixtures.read("ed25519.pem"));
  fixtures.write("garbage.pem", "-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n");
  fixtures.write("nothing.pem", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n");
  fixtures.write("other-bytes.pem", pem_text("PRIVATE KEY", "hello, world"));
  fixtures.write("wrong-end.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END CERTIFICATE-----\n");
  fixtures.write("random.bin", std::string(300, '\x07'));
  fixtures.write("text.pem", "the key is on the other disk\n");
  fixtures.write("bare.txt", [&] {
    const auto start = key.find('\n') + 1;
    return key.substr(start, key.find("-----END") - start);
  }());
  fixtures.write("dh.pem", "-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n");
  fixtures.write("dsa.pem",
                 "-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----\n");
  fixtures.write("certdata.txt",
                 "CVS_ID \"@(#)\"\nBEGINDATA\nCKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE\n");

  for (const auto& [file, found, mend] : std::initializer_list<WrongFile>{
           {"empty.pem", "an empty file", "again"},
           {"blank.pem", "an empty file", "again"},
           {"ec-pbkdf2.pem", "an encrypted private key (PKCS#8)", "openssl pkey -in"},
           {"ec-scrypt.pem", "an encrypted private key (PKCS#8)", "openssl pkey -in"},
           {"ec-traditional-encrypted.pem", "Proc-Type: 4,ENCRYPTED", "openssl pkey -in"},
           {"ec.der", "a DER private key", "openssl pkey -inform DER -in"},
           {"ec8.der", "a DER private key", "openssl pkey -inform DER -in"},
           {"ec-encrypted.der", "an encrypted DER private key", "openssl pkcs8 -inform DER -in"},
           {"server.p12", "a PKCS#12 file", "openssl pkcs12 -nodes -nocerts -in"},
           {"server.pem", "is a certificate", "exchange them"},
           {"server.der", "a DER certificate", "exchange them"},
           {"server.csr", "a certificate request", "exchange them"},
           {"list.pem", "a certificate revocation list", ""},
           {"list.der", "a DER certificate revocation list", ""},
           {"ec-public.pem", "a public key", "name the private key"},
           {"ec-public.der", "a DER public key", "name the private key"},
           {"server.p7b", "PKCS#7", ""},
           {"openssh.pem", "a private key of OpenSSH", "ssh-keygen -p -N '' -m PKCS8"},
           {"id.pub", "a public key of OpenSSH", "ipm cert"},
           {"putty.ppk", "a private key of PuTTY", "ipm cert"},
           {"store.jks", "a Java keystore", "keytool -importkeystore"},
           {"page.pem", "a web page", "fetch the file again"},
           {"utf16.pem", "UTF-16 text", "iconv -f UTF-16 -t UTF-8"},
           {"indented.pem", "does not stand at the start of a line", "sed "},
           {"bare.txt", "base64 without its BEGIN and END lines", "base64 -d"},
           {"truncated.pem", "line 1: the block PRIVATE KEY has no END line", "again"},
           {"headless.pem", "has no BEGIN line before it", "again"},
           {"wrong-end.pem", "ends with \"-----END CERTIFICATE-----\"", "again"},
           {"two.pem", "holds 2 private keys", "keep the one"},
           {"garbage.pem", "line 1 is not base64", "again"},
           {"nothing.pem", "line 1 is not base64", "again"},
           {"other-bytes.pem", "does not hold a private key", "again"},
           {"random.bin", "neither PEM nor anything else that is known", ""},
           {"text.pem", "neither PEM nor anything else that is known", ""},
           {"certdata.txt", "certdata.txt", ""},
           {"dh.pem", "PEM of another kind", ""},
           {"dsa.pem", "holds a block DSA PRIVATE KEY", "ipm cert"},
           {"rsa1024.pem", "RSA with 1024 bits is too short", "ipm cert issue server"},
           {"p192.pem", "EC prime192v1 is not supported", "ipm cert"},
           {"koblitz.pem", "EC secp256k1 is not supported", "ipm cert"},
           {"explicit.pem", "(spelled out) is not supported", "ipm cert"},
           {"ed448.pem", "Ed448 is not supported", "ipm cert"},
           {"x25519.pem", "X25519 253 is not supported", "ipm cert"},
       }) {
    const std::string path = fixtures.path(std::string(file));
    const Error error =
        thrown_by([&] { PrivateKey::parse(fixtures.read(std::string(file)), path); });
    EXPECT_EQ(error.message(), Message::KeyUnusable) << file;
    EXPECT_NE(error.happened().find(found), std::string::npos) << file << ": " << error.what();
    EXPECT_NE(error.mend().find(mend), std::string::npos) << file << ": " << error.what();
    EXPECT_NE(error.happened().find(file), std::string::npos) << file << ": " << error.what();
    EXPECT_TRUE(error_queue_is_empty()) << file;
  }
}

// The words of the mend, run as they stand.
TEST(Key, S12_TheMendsWork) {
  const Fixtures& fixtures = Fixtures::get();
  struct Case {
    const char* file;
    const char* written;
    bool asks;
  };
  for (const auto& [file, written, asks] : std::initializer_list<Case>{
           {"ec.der", "ec-key.pem", false},
           {"ec8.der", "ec8-key.pem", false},
           {"ec-pbkdf2.pem", "ec-pbkdf2.new.pem", true},
           {"ec-traditional-encrypted.pem", "ec-traditional-encrypted.new.pem", true},
           {"ec-encrypted.der", "ec-encrypted-key.pem", true},
           {"server.p12", "server-key.pem", true},
       }) {
    const Error error =
        thrown_by([&] { PrivateKey::parse(fixtures.read(file), fixtures.path(file)); });
    std::vector<std::string> command;
    for (const auto word : split(error.mend(), ' ')) command.emplace_back(word);
    if (asks) command.insert(command.end(), {"-passin", "pass:secret"});
    ipm::test::run_to_success(command);
    EXPECT_NO_THROW(PrivateKey::parse(fixtures.read(written), written)) << error.mend();
  }
}

TEST(Key, ToleratesTextMarksAndLineEndsAroundTheBlock) {
  const Fixtures& fixtures = Fixtures::get();
  const std::string key = fixtures.read("ec8.pem");
  std::string crlf;
  std::string cr;
  for (const char c : key) {
    crlf += c == '\n' ? "\r\n" : std::string(1, c);
    cr += c == '\n' ? '\r' : c;
  }
  for (const std::string& text :
       {"\xEF\xBB\xBF" + key, crlf, "\xEF\xBB\xBF" + crlf, cr,
        "Bag Attributes\n  x: y\n" + key + "\nend\n", key.substr(0, key.size() - 1),
        fixtures.read("server.pem") + key, fixtures.read("ec.pem") /* EC PARAMETERS first */}) {
    EXPECT_NO_THROW(PrivateKey::parse(text, "memory")) << text.substr(0, 80);
  }
}

TEST(Key, RefusesHalvesThatDoNotFit) {
  // The public point of another key inside a traditional EC key.
  const Fixtures& fixtures = Fixtures::get();
  const std::string pem = fixtures.read("ec.pem");
  const auto blocks = scan_pem(pem, 10).blocks;
  ASSERT_EQ(blocks.size(), 2U);
  std::string der = *decode_pem(blocks[1]);
  const std::string other = PrivateKey::generate(KeyKind::P256).public_key().der();
  der.replace(der.size() - 64, 64, other.substr(other.size() - 64));
  const Error error =
      thrown_by([&] { PrivateKey::parse(pem_text("EC PRIVATE KEY", der), "mixed.pem"); });
  EXPECT_NE(error.happened().find("halves do not fit"), std::string::npos) << error.what();
  EXPECT_TRUE(error_queue_is_empty());
}

TEST(Key, RefusesBytesAfterTheKey) {
  const Fixtures& fixtures = Fixtures::get();
  const std::string der = fixtures.read("ec8.der") + "x";
  EXPECT_EQ(thrown_by([&] { PrivateKey::parse(pem_text("PRIVATE KEY", der), "x"); }).message(),
            Message::KeyUnusable);
  const std::string big = pem_text("PRIVATE KEY", std::string(100'000, 'x'));
  EXPECT_NE(
      thrown_by([&] { PrivateKey::parse(big, "x"); }).happened().find("more than 65536 bytes"),
      std::string::npos);
}

TEST(Key, OpensAnEncryptedKeyWithItsPassphraseAlone) {
  const Fixtures& fixtures = Fixtures::get();
  const PrivateKey plain = PrivateKey::parse(fixtures.read("ec8.pem"), "ec8.pem");
  for (const char* name : {"ec-pbkdf2.pem", "ec-scrypt.pem"}) {
    const std::string text = fixtures.read(name);
    EXPECT_TRUE(PrivateKey::is_encrypted(text));
    EXPECT_EQ(PrivateKey::parse_encrypted(text, Secret("secret"), name).public_key(),
              plain.public_key());
    for (const char* wrong : {"", "Secret", "secret ", "secre"}) {
      EXPECT_EQ(
          thrown_by([&] { PrivateKey::parse_encrypted(text, Secret(wrong), name); }).message(),
          Message::PassphraseWrong);
      EXPECT_TRUE(error_queue_is_empty());
    }
  }
  EXPECT_FALSE(PrivateKey::is_encrypted(fixtures.read("ec8.pem")));
  EXPECT_FALSE(PrivateKey::is_encrypted("garbage"));
  EXPECT_TRUE(PrivateKey::is_encrypted(fixtures.read("ec-traditional-encrypted.pem")));
  EXPECT_EQ(PrivateKey::parse_encrypted(fixtures.read("ec8.pem"), Secret(), "x").public_key(),
            plain.public_key());
}

TEST(Key, RefusesWeakTraditionalEncryptionEvenWithThePassphrase) {
  const Fixtures& fixtures = Fixtures::get();
  const Error error = thrown_by([&] {
    PrivateKey::parse_encrypted(fixtures.read("ec-traditional-encrypted.pem"), Secret("secret"),
                                "ca-key.pem");
  });
  EXPECT_EQ(error.message(), Message::KeyUnusable);
  EXPECT_EQ(error.mend(), "openssl pkcs8 -topk8 -scrypt -in ca-key.pem -out ca-key.new.pem");
}

TEST(Key, RefusesAnEndlessKeyDerivation) {
  const Fixtures& fixtures = Fixtures::get();
  fixtures.openssl({"pkcs8", "-topk8", "-in", fixtures.path("ec.pem"), "-iter", "66051", "-passout",
                    "pass:secret", "-outform", "DER", "-out", fixtures.path("iterations.der")});
  std::string der = fixtures.read("iterations.der");
  const auto at = der.find(std::string("\x02\x03\x01\x02\x03", 5));  // INTEGER 66051
  ASSERT_NE(at, std::string::npos);
  der.replace(at + 2, 3, "\x7f\xff\xff");  // 8388607: slow, and still allowed
  EXPECT_NO_THROW(PrivateKey::is_encrypted(pem_text("ENCRYPTED PRIVATE KEY", der)));
  // A count of four octets needs room: the salt, of 8 octets or (OpenSSL 3.5) 16, gives up one, and
  // so do the lengths around it.
  const std::size_t octets = der.substr(at - 10, 2) == "\x04\x08" ? 8 : 16;
  const auto salt = at - octets - 2;
  ASSERT_EQ(der.at(salt), '\x04');
  ASSERT_EQ(static_cast<std::size_t>(der.at(salt + 1)), octets);
  const std::string shorter =
      std::string(1, static_cast<char>(octets - 1)) + std::string(octets - 1, 's');
  der.replace(salt, octets + 2 + 5, "\x04" + shorter + "\x02\x04\x7f\xff\xff\xff");
  const Error error = thrown_by([&] {
    PrivateKey::parse_encrypted(pem_text("ENCRYPTED PRIVATE KEY", der), Secret("secret"),
                                "slow.pem");
  });
  EXPECT_EQ(error.message(), Message::KeyUnusable);
  EXPECT_NE(error.happened().find("too many rounds"), std::string::npos) << error.what();
  EXPECT_TRUE(error_queue_is_empty());
}

TEST(Key, AnEmptyPassphraseIsNoEncryption) {
  const PrivateKey key = PrivateKey::generate(KeyKind::P256);
  EXPECT_EQ(thrown_by([&] { key.encrypted_pem(Secret()); }).message(), Message::KeyUnusable);
}

// RSA public keys of any shape, without the minutes that generating them would take.
PublicKey rsa_public_key(int bits, unsigned long exponent) {
  const Ptr<BIGNUM, BN_free> modulus(BN_new());
  const Ptr<BIGNUM, BN_free> e(BN_new());
  BN_one(modulus.get());
  BN_lshift(modulus.get(), modulus.get(), bits - 1);
  BN_add_word(modulus.get(), 12345);
  BN_set_word(e.get(), exponent);
  const Ptr<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  const Ptr<OSSL_PARAM, OSSL_PARAM_free> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  EVP_PKEY_fromdata_init(context.get());
  EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get());
  const KeyPtr owner(key);
  return PublicKey(key);
}

TEST(Key, ComplainsAboutWeakAndUnreasonableRsa) {
  EXPECT_FALSE(rsa_public_key(2048, 65537).complaint());
  EXPECT_FALSE(rsa_public_key(8192, 3).complaint());
  EXPECT_EQ(rsa_public_key(2047, 65537).complaint(), "RSA with 2047 bits is too short");
  EXPECT_EQ(rsa_public_key(8193, 65537).complaint(), "RSA with 8193 bits is too long");
  EXPECT_EQ(rsa_public_key(2048, 1).complaint(), "the RSA exponent is even or one");
  EXPECT_EQ(rsa_public_key(2048, 65536).complaint(), "the RSA exponent is even or one");
}

}  // namespace
}  // namespace ipm::pki
