// Reading and writing private keys (declared in key.h): S12's diagnosis, and PKCS#8 both ways.
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include <array>

#include "base/text.h"
#include "pki/key.h"
#include "pki/limits.h"
#include "pki/openssl.h"
#include "pki/pem.h"
#include "pki/wanted.h"

namespace ipm::pki {
namespace {

using AlgorithmPtr = Ptr<X509_ALGOR, X509_ALGOR_free>;
using EncryptedKeyPtr = Ptr<X509_SIG, X509_SIG_free>;
using Pbes2Ptr = Ptr<PBE2PARAM, PBE2PARAM_free>;
using Pbkdf2Ptr = Ptr<PBKDF2PARAM, PBKDF2PARAM_free>;
using Pkcs8Ptr = Ptr<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;

// scrypt: 16 MiB of memory, some tenths of a second. Within what OpenSSL reads without being told.
constexpr std::uint64_t kScryptCost = 1U << 14U;
constexpr std::uint64_t kScryptBlockSize = 8;
constexpr std::uint64_t kScryptParallel = 5;
constexpr int kSaltBytes = 16;

constexpr std::string_view kPlainLabel = "PRIVATE KEY";
constexpr std::string_view kEncryptedLabel = "ENCRYPTED PRIVATE KEY";
constexpr std::string_view kRsaLabel = "RSA PRIVATE KEY";
constexpr std::string_view kOpenSshLabel = "OPENSSH PRIVATE KEY";
constexpr std::string_view kEcLabel = "EC PRIVATE KEY";

bool is_private_key(const PemBlock& block) {
  return block.label.ends_with(kPlainLabel);
}

// The one private key block of a text; whatever stands against it is thrown.
PemBlock only_key_block(const PemText& text, std::string_view bytes, Wanted wanted,
                        std::string_view origin) {
  std::optional<PemBlock> found;
  std::size_t keys = 0;
  for (const PemBlock& block : text.blocks) {
    if (!is_private_key(block)) continue;
    ++keys;
    if (!found) found = block;
  }
  // The blocks before the damage do not count: what follows may be another key.
  if (!text.damage.empty()) throw damaged(wanted, text.damage, origin);
  if (!found) throw wrong_kind(wanted, bytes, origin);
  if (keys > 1) {
    throw Error(Message::KeyUnusable,
                fmt::format("{} holds {} private keys", printable(origin, 4096), keys),
                "exactly one private key in PEM (S12)",
                "keep the one that belongs to the certificate");
  }
  return *found;
}

Secret block_bytes(const PemBlock& block, Wanted wanted, std::string_view origin) {
  auto der = decode_pem(block);
  const std::size_t size = der ? der->size() : 0;
  Secret bytes(der ? *std::move(der) : std::string());
  if (size == 0) {
    throw damaged(
        wanted,
        fmt::format("the block {} of line {} is not base64", printable(block.label), block.line),
        origin);
  }
  if (size > kKeyBytesMax) throw beyond_limit(wanted, "bytes", kKeyBytesMax, origin);
  return bytes;
}

KeyPtr key_from(const PKCS8_PRIV_KEY_INFO* info) {
  const ErrorQueueGuard guard;
  return KeyPtr(EVP_PKCS82PKEY(info));
}

KeyPtr traditional_key(int kind, std::string_view der) {
  auto decode = [kind](EVP_PKEY** key, const unsigned char** at, long size) {
    return d2i_PrivateKey(kind, key, at, size);
  };
  return decode_whole<KeyPtr>(&decode, der);
}

// Null where the bytes are not a key in the form that the label names.
KeyPtr decode_key(std::string_view label, std::string_view der) {
  if (label == kRsaLabel) return traditional_key(EVP_PKEY_RSA, der);
  if (label == kEcLabel) return traditional_key(EVP_PKEY_EC, der);
  const auto info = decode_whole<Pkcs8Ptr>(d2i_PKCS8_PRIV_KEY_INFO, der);
  return info ? key_from(info.get()) : KeyPtr();
}

// Signs and verifies: that shows at once that the private half works and fits the public one. It
// costs a signature; OpenSSL's own check of an RSA key tests its primes, which takes forty
// times as long.
bool halves_fit(EVP_PKEY* key) {
  static constexpr std::string_view kProbe = "Imprimatur: do the halves of this key fit?";
  const ErrorQueueGuard guard;
  const DigestContextPtr signer(EVP_MD_CTX_new());
  const DigestContextPtr checker(EVP_MD_CTX_new());
  std::array<unsigned char, kRsaBitsMax / 8> signature{};
  std::size_t size = signature.size();
  const EVP_MD* digest = signing_digest(key);
  return signer && checker &&
         EVP_DigestSignInit(signer.get(), nullptr, digest, nullptr, key) == 1 &&
         EVP_DigestSign(signer.get(), signature.data(), &size, octets(kProbe), kProbe.size()) ==
             1 &&
         EVP_DigestVerifyInit(checker.get(), nullptr, digest, nullptr, key) == 1 &&
         EVP_DigestVerify(checker.get(), signature.data(), size, octets(kProbe), kProbe.size()) ==
             1;
}

std::shared_ptr<EVP_PKEY> usable(KeyPtr key, Wanted wanted, std::string_view origin) {
  if (!key) throw damaged(wanted, "its block does not hold a private key", origin);
  if (const auto complaint = PublicKey(key.get()).complaint()) {
    throw Error(Message::KeyUnusable, fmt::format("{}: {}", printable(origin, 4096), *complaint),
                fmt::format("RSA of {} to {} bits, P-256, P-384, P-521 or Ed25519", kRsaBitsMin,
                            kRsaBitsMax),
                "make a new key with its certificate: ipm cert issue server, or ipm cert request");
  }
  if (!halves_fit(key.get())) {
    throw damaged(wanted, "its private and public halves do not fit each other", origin);
  }
  return key;
}

// A hostile iteration count would keep us busy for hours.
bool costs_too_much(const X509_SIG* encrypted) {
  const ErrorQueueGuard guard;
  const X509_ALGOR* algorithm = nullptr;
  X509_SIG_get0(encrypted, &algorithm, nullptr);
  const ASN1_OBJECT* scheme = nullptr;
  int type = 0;
  const void* parameters = nullptr;
  X509_ALGOR_get0(&scheme, &type, &parameters, algorithm);
  if (OBJ_obj2nid(scheme) != NID_pbes2 || type != V_ASN1_SEQUENCE) return false;
  const auto pbes2 =
      decode_whole<Pbes2Ptr>(d2i_PBE2PARAM, content(static_cast<const ASN1_STRING*>(parameters)));
  if (!pbes2) return false;
  X509_ALGOR_get0(&scheme, &type, &parameters, pbes2->keyfunc);
  if (OBJ_obj2nid(scheme) != NID_id_pbkdf2 || type != V_ASN1_SEQUENCE) return false;
  const auto pbkdf2 = decode_whole<Pbkdf2Ptr>(d2i_PBKDF2PARAM,
                                              content(static_cast<const ASN1_STRING*>(parameters)));
  return pbkdf2 && ASN1_INTEGER_get(pbkdf2->iter) > kKeyIterationsMax;
}

// Whether the newest failure is that the cipher or the derivation is not there, and not that the
// passphrase is another one.
bool is_unsupported(unsigned long error) {
  const int reason = ERR_GET_REASON(error);
  return reason == ERR_R_UNSUPPORTED || reason == EVP_R_UNKNOWN_PBE_ALGORITHM ||
         reason == EVP_R_UNSUPPORTED_KEY_DERIVATION_FUNCTION || reason == EVP_R_UNSUPPORTED_PRF ||
         reason == EVP_R_UNSUPPORTED_CIPHER || reason == EVP_R_UNSUPPORTED_KEYLENGTH;
}

KeyPtr decrypt_key(std::string_view der, const Secret& passphrase, std::string_view origin) {
  const auto encrypted = decode_whole<EncryptedKeyPtr>(d2i_X509_SIG, der);
  if (!encrypted) {
    throw damaged(Wanted::EncryptedKey, "its block does not hold an encrypted key", origin);
  }
  if (costs_too_much(encrypted.get())) {
    throw Error(
        Message::KeyUnusable,
        fmt::format("{} asks for too many rounds of key derivation", printable(origin, 4096)),
        fmt::format("at most {} rounds", kKeyIterationsMax),
        "encrypt the key again: openssl pkcs8 -topk8 -scrypt");
  }
  const ErrorQueueGuard guard;
  const Pkcs8Ptr info(PKCS8_decrypt(encrypted.get(), passphrase.reveal().data(),
                                    static_cast<int>(passphrase.reveal().size())));
  if (info) return key_from(info.get());
  if (is_unsupported(ERR_peek_error()) || is_unsupported(ERR_peek_last_error())) {
    throw Error(
        Message::KeyUnusable,
        fmt::format("{} is encrypted in a way that is not supported", printable(origin, 4096)),
        "PKCS#8 with PBES2 (AES)", "encrypt the key again: openssl pkcs8 -topk8 -scrypt");
  }
  throw Error(Message::PassphraseWrong,
              fmt::format("the passphrase does not open {}", printable(origin, 4096)),
              "the passphrase that the key was encrypted with");
}

}  // namespace

PrivateKey PrivateKey::parse(std::string_view bytes, std::string_view origin) {
  const PemText text = scan_pem(bytes, kPemBlocksMax);
  const PemBlock block = only_key_block(text, bytes, Wanted::PrivateKey, origin);
  const bool known =
      block.label == kPlainLabel || block.label == kRsaLabel || block.label == kEcLabel;
  if (block.has_encryption_header() || block.label == kEncryptedLabel ||
      block.label == kOpenSshLabel) {
    throw wrong_kind(Wanted::PrivateKey, bytes, origin);
  }
  if (!known) {
    throw Error(Message::KeyUnusable,
                fmt::format("{} holds a block {}", printable(origin, 4096), printable(block.label)),
                "an unencrypted private key in PEM (S12): RSA, P-256, P-384, P-521 or Ed25519",
                "make a new key with its certificate: ipm cert issue server, or ipm cert request");
  }
  const Secret der = block_bytes(block, Wanted::PrivateKey, origin);
  return PrivateKey(usable(decode_key(block.label, der.reveal()), Wanted::PrivateKey, origin));
}

PrivateKey PrivateKey::parse_encrypted(std::string_view bytes, const Secret& passphrase,
                                       std::string_view origin) {
  const PemText text = scan_pem(bytes, kPemBlocksMax);
  const PemBlock block = only_key_block(text, bytes, Wanted::EncryptedKey, origin);
  if (block.has_encryption_header()) throw wrong_kind(Wanted::EncryptedKey, bytes, origin);
  if (block.label != kEncryptedLabel) return parse(bytes, origin);
  const Secret der = block_bytes(block, Wanted::EncryptedKey, origin);
  return PrivateKey(
      usable(decrypt_key(der.reveal(), passphrase, origin), Wanted::EncryptedKey, origin));
}

bool PrivateKey::is_encrypted(std::string_view bytes) {
  for (const PemBlock& block : scan_pem(bytes, kPemBlocksMax).blocks) {
    if (is_private_key(block)) {
      return block.label == kEncryptedLabel || block.has_encryption_header();
    }
  }
  return false;
}

Secret PrivateKey::pem() const {
  const BioPtr writer = memory_writer();
  const Pkcs8Ptr info = own<Pkcs8Ptr>(EVP_PKEY2PKCS8(key_.get()), "EVP_PKEY2PKCS8");
  must(PEM_write_bio_PKCS8_PRIV_KEY_INFO(writer.get(), info.get()),
       "PEM_write_bio_PKCS8_PRIV_KEY_INFO");
  return Secret(written(writer.get()));
}

std::string PrivateKey::encrypted_pem(const Secret& passphrase) const {
  if (passphrase.empty()) {
    throw Error(Message::KeyUnusable, "the passphrase for the key is empty", "a passphrase",
                "give one, or write the key unencrypted");
  }
  AlgorithmPtr algorithm =
      own<AlgorithmPtr>(PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), nullptr, kSaltBytes, nullptr,
                                              kScryptCost, kScryptBlockSize, kScryptParallel),
                        "PKCS5_pbe2_set_scrypt");
  const Pkcs8Ptr info = own<Pkcs8Ptr>(EVP_PKEY2PKCS8(key_.get()), "EVP_PKEY2PKCS8");
  const EncryptedKeyPtr encrypted = own<EncryptedKeyPtr>(
      PKCS8_set0_pbe(passphrase.reveal().data(), static_cast<int>(passphrase.reveal().size()),
                     info.get(), algorithm.get()),
      "PKCS8_set0_pbe");
  algorithm.release();  // It is part of `encrypted` now.
  return pem_text(kEncryptedLabel, encode(i2d_X509_SIG, encrypted.get()));
}

}  // namespace ipm::pki
