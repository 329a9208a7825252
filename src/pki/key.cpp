// What keys are: kinds, making, describing, comparing. Reading and writing them is in key_pem.cpp.
#include "pki/key.h"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>

#include <array>

#include "base/text.h"
#include "pki/limits.h"
#include "pki/openssl.h"

namespace ipm::pki {
namespace {

using NumberPtr = Ptr<BIGNUM, BN_free>;

struct KindRow {
  KeyKind kind;
  std::string_view name;
  const char* algorithm;
  std::size_t bits;   // RSA
  const char* curve;  // EC
};

constexpr std::array kKindRows = {
    KindRow{KeyKind::Rsa2048, "rsa2048", "RSA", 2048, nullptr},
    KindRow{KeyKind::Rsa3072, "rsa3072", "RSA", 3072, nullptr},
    KindRow{KeyKind::Rsa4096, "rsa4096", "RSA", 4096, nullptr},
    KindRow{KeyKind::P256, "p256", "EC", 0, "P-256"},
    KindRow{KeyKind::P384, "p384", "EC", 0, "P-384"},
    KindRow{KeyKind::Ed25519, "ed25519", "ED25519", 0, nullptr},
};

constexpr std::array kKinds = {KeyKind::Rsa2048, KeyKind::Rsa3072, KeyKind::Rsa4096,
                               KeyKind::P256,    KeyKind::P384,    KeyKind::Ed25519};

const KindRow& kind_row(KeyKind kind) {
  for (const KindRow& row : kKindRows) {
    if (row.kind == kind) return row;
  }
  return kKindRows.front();
}

// The curve's name as people write it, else as OpenSSL does; empty for a curve without a name.
std::string curve_name(const EVP_PKEY* key) {
  const ErrorQueueGuard guard;
  std::array<char, 80> name{};
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), nullptr) != 1) return {};
  const std::string_view known = name.data();
  if (known == "prime256v1" || known == "P-256") return "P-256";
  if (known == "secp384r1" || known == "P-384") return "P-384";
  if (known == "secp521r1" || known == "P-521") return "P-521";
  return std::string(known);
}

// Curve parameters written out let their author choose a generator that betrays every key.
bool has_explicit_curve(const EVP_PKEY* key) {
  const ErrorQueueGuard guard;
  int spelled_out = 0;
  return EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
                                &spelled_out) == 1 &&
         spelled_out == 1;
}

std::optional<std::string> rsa_complaint(const EVP_PKEY* key) {
  const ErrorQueueGuard guard;
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < kRsaBitsMin) return fmt::format("RSA with {} bits is too short", bits);
  if (bits > kRsaBitsMax) return fmt::format("RSA with {} bits is too long", bits);
  BIGNUM* raw = nullptr;
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &raw);
  const NumberPtr exponent(raw);
  if (!exponent || !BN_is_odd(exponent.get()) || BN_is_one(exponent.get())) {
    return "the RSA exponent is even or one";
  }
  return std::nullopt;
}

}  // namespace

KeyKind parse_key_kind(std::string_view text) {
  std::string kinds;
  for (const KindRow& row : kKindRows) {
    if (row.name == text) return row.kind;
    kinds += fmt::format("{}{}", kinds.empty() ? "" : ", ", row.name);
  }
  throw Error(Message::UsageWrong, fmt::format("\"{}\" is not a kind of key", printable(text)),
              "one of " + kinds, "give --key " + std::string(kKindRows.front().name));
}

std::string_view key_kind_name(KeyKind kind) {
  return kind_row(kind).name;
}

std::span<const KeyKind> key_kinds() {
  return kKinds;
}

PublicKey::PublicKey(evp_pkey_st* borrowed) : key_(nullptr, EVP_PKEY_free) {
  EVP_PKEY_up_ref(borrowed);
  key_.reset(borrowed, EVP_PKEY_free);
}

std::string PublicKey::describe() const {
  const EVP_PKEY* key = key_.get();
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      return fmt::format("RSA {}", bits());
    case EVP_PKEY_RSA_PSS:
      return fmt::format("RSA-PSS {}", bits());
    case EVP_PKEY_DSA:
      return fmt::format("DSA {}", bits());
    case EVP_PKEY_ED25519:
      return "Ed25519";
    case EVP_PKEY_ED448:
      return "Ed448";
    case EVP_PKEY_EC: {
      const std::string curve = curve_name(key);
      if (curve.empty()) return "EC with an unnamed curve";
      return fmt::format("EC {}{}", curve, has_explicit_curve(key) ? " (spelled out)" : "");
    }
    default:
      break;
  }
  const char* name = EVP_PKEY_get0_type_name(key);
  return fmt::format("{} {}", name != nullptr ? name : "unknown", bits());
}

bool PublicKey::is_rsa() const {
  return EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_RSA;
}

int PublicKey::bits() const {
  return EVP_PKEY_get_bits(key_.get());
}

std::string PublicKey::der() const {
  return encode(i2d_PUBKEY, key_.get());
}

Sha256 PublicKey::digest() const {
  return sha256(der());
}

std::optional<std::string> PublicKey::complaint() const {
  const EVP_PKEY* key = key_.get();
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      return rsa_complaint(key);
    case EVP_PKEY_ED25519:
      return std::nullopt;
    case EVP_PKEY_EC: {
      const std::string curve = curve_name(key);
      const bool known = curve == "P-256" || curve == "P-384" || curve == "P-521";
      if (known && !has_explicit_curve(key)) return std::nullopt;
      break;
    }
    default:
      break;
  }
  return fmt::format("{} is not supported", describe());
}

bool operator==(const PublicKey& a, const PublicKey& b) {
  const ErrorQueueGuard guard;
  return EVP_PKEY_eq(a.handle(), b.handle()) == 1;
}

PrivateKey PrivateKey::generate(KeyKind kind) {
  const KindRow& row = kind_row(kind);
  EVP_PKEY* key = nullptr;
  if (row.curve != nullptr) {
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, row.algorithm, row.curve);
  } else if (row.bits != 0) {
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, row.algorithm, row.bits);
  } else {
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, row.algorithm);
  }
  return PrivateKey(own<KeyPtr>(key, "EVP_PKEY_Q_keygen"));
}

PublicKey PrivateKey::public_key() const {
  return PublicKey(key_.get());
}

}  // namespace ipm::pki
