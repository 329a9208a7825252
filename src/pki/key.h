#pragma once
// Private and public keys. A PrivateKey is never printed; its only way out is its PEM, for a file
// of mode 0600 (S13).

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "pki/digest.h"

struct evp_pkey_st;

namespace ipm::pki {

enum class KeyKind { Rsa2048, Rsa3072, Rsa4096, P256, P384, Ed25519 };

// "rsa2048" … "ed25519"; throws Error{UsageWrong} listing the kinds.
KeyKind parse_key_kind(std::string_view text);
std::string_view key_kind_name(KeyKind kind);
std::span<const KeyKind> key_kinds();

// The public half; a value that threads may share.
class PublicKey {
 public:
  // Takes a reference of its own.
  explicit PublicKey(evp_pkey_st* borrowed);

  std::string describe() const;  // "RSA 2048", "EC P-256", "Ed25519", "DSA 1024", …
  bool is_rsa() const;           // can be encrypted to: RSA, not RSA-PSS
  int bits() const;
  std::string der() const;  // SubjectPublicKeyInfo
  Sha256 digest() const;    // of der()
  evp_pkey_st* handle() const { return key_.get(); }

  // Why this key is too weak, too long or of a kind that is not supported, or nothing: RSA of 2048
  // to 8192 bits with an odd exponent from 3 on, P-256, P-384, P-521 (as named curves), Ed25519.
  std::optional<std::string> complaint() const;

  friend bool operator==(const PublicKey& a, const PublicKey& b);

 private:
  std::shared_ptr<evp_pkey_st> key_;
};

class PrivateKey {
 public:
  static PrivateKey generate(KeyKind kind);

  // Unencrypted PEM only (S12): PKCS#8, or the traditional RSA and EC forms. Encrypted, DER and
  // PKCS#12 input, a certificate or a public key in its place, several keys, and damage are told
  // apart; each throws Error{KeyUnusable} with the command that mends it, as does a key with a
  // complaint() or whose halves do not fit each other. `origin` is the file name. Text and other
  // blocks (certificates, EC PARAMETERS) around the key are tolerated.
  static PrivateKey parse(std::string_view bytes, std::string_view origin);

  // The CA's key may be encrypted (PKCS#8); an unencrypted one is taken as parse() does. Throws
  // Error{PassphraseWrong} or {KeyUnusable}.
  static PrivateKey parse_encrypted(std::string_view bytes, const Secret& passphrase,
                                    std::string_view origin);
  static bool is_encrypted(std::string_view bytes);  // PEM, in either way

  Secret pem() const;  // PKCS#8, unencrypted
  // PKCS#8, PBES2 with scrypt and AES-256-CBC. Throws Error{KeyUnusable} for an empty passphrase.
  std::string encrypted_pem(const Secret& passphrase) const;
  PublicKey public_key() const;
  std::string describe() const { return public_key().describe(); }
  evp_pkey_st* handle() const { return key_.get(); }

 private:
  explicit PrivateKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}

  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace ipm::pki
