#pragma once
// Private and public keys. A PrivateKey is never printed; its only way out is its PEM, for a file
// of mode 0600 (S13).

#include <memory>
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

// The public half; a value that threads may share.
class PublicKey {
 public:
  // Takes a reference of its own.
  explicit PublicKey(evp_pkey_st* borrowed);

  std::string describe() const;  // "RSA 2048", "EC P-256", "Ed25519", "DSA 1024", …
  bool is_rsa() const;
  int bits() const;
  std::string der() const;  // SubjectPublicKeyInfo
  Sha256 digest() const;    // of der()
  evp_pkey_st* handle() const { return key_.get(); }

  friend bool operator==(const PublicKey& a, const PublicKey& b);

 private:
  std::shared_ptr<evp_pkey_st> key_;
};

class PrivateKey {
 public:
  static PrivateKey generate(KeyKind kind);

  // Unencrypted PEM only (S12): PKCS#8, or the traditional RSA and EC forms. Encrypted, DER and
  // PKCS#12 input, a certificate or a public key in its place, several keys, and damage are told
  // apart; each throws Error{KeyUnusable} with the command that mends it. `origin` is the file name.
  static PrivateKey parse(std::string_view bytes, std::string_view origin);

  // The CA's key may be encrypted (PKCS#8). Throws Error{PassphraseWrong} or {KeyUnusable}.
  static PrivateKey parse_encrypted(std::string_view bytes, const Secret& passphrase,
                                    std::string_view origin);
  static bool is_encrypted(std::string_view bytes);

  Secret pem() const;                                      // PKCS#8, unencrypted
  std::string encrypted_pem(const Secret& passphrase) const;  // PKCS#8, PBES2, scrypt or PBKDF2, AES-256
  PublicKey public_key() const;
  std::string describe() const { return public_key().describe(); }
  evp_pkey_st* handle() const { return key_.get(); }

 private:
  explicit PrivateKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}

  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace ipm::pki
