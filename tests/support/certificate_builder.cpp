#include "certificate_builder.h"

#include <openssl/dsa.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace ipm::test {
namespace {

using KeyOwner = std::shared_ptr<EVP_PKEY>;

KeyOwner owned(EVP_PKEY* key) {
  if (key == nullptr) throw std::runtime_error("no test key");
  return KeyOwner(key, EVP_PKEY_free);
}

template <class Make>
KeyOwner once(const std::string& name, Make make) {
  static std::mutex mutex;
  static std::map<std::string, KeyOwner> keys;
  const std::lock_guard lock(mutex);
  KeyOwner& key = keys[name];
  if (!key) key = make();
  return key;
}

KeyOwner make_rsa(int bits, unsigned exponent) {
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nullptr), EVP_PKEY_CTX_free);
  const std::unique_ptr<BIGNUM, decltype(&BN_free)> e(BN_new(), BN_free);
  BN_set_word(e.get(), exponent);
  EVP_PKEY_keygen_init(context.get());
  EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), bits);
  EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), e.get());
  EVP_PKEY* key = nullptr;
  EVP_PKEY_keygen(context.get(), &key);
  return owned(key);
}

KeyOwner make_curve(const std::string& name) {
  return owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", name.c_str()));
}

KeyOwner make_dsa() {
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> parameters(
      EVP_PKEY_CTX_new_id(EVP_PKEY_DSA, nullptr), EVP_PKEY_CTX_free);
  EVP_PKEY_paramgen_init(parameters.get());
  EVP_PKEY_CTX_set_dsa_paramgen_bits(parameters.get(), 1024);
  EVP_PKEY* made = nullptr;
  EVP_PKEY_paramgen(parameters.get(), &made);
  const KeyOwner template_key = owned(made);
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new(template_key.get(), nullptr), EVP_PKEY_CTX_free);
  EVP_PKEY_keygen_init(context.get());
  EVP_PKEY* key = nullptr;
  EVP_PKEY_keygen(context.get(), &key);
  return owned(key);
}

std::string fresh_serial() {
  static std::mutex mutex;
  static long next = 1000;
  const std::lock_guard lock(mutex);
  return der::integer(++next);
}

void spoil(std::string& signature) {
  signature.back() = static_cast<char>(signature.back() ^ 1);
}

}  // namespace

Key Key::p256(int number) {
  return Key(once("p256-" + std::to_string(number), [] { return make_curve("P-256"); }));
}
Key Key::p384(int number) {
  return Key(once("p384-" + std::to_string(number), [] { return make_curve("P-384"); }));
}
Key Key::ed25519(int number) {
  return Key(once("ed25519-" + std::to_string(number),
                  [] { return owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); }));
}
Key Key::rsa(int bits, unsigned exponent) {
  return Key(once("rsa-" + std::to_string(bits) + "-" + std::to_string(exponent),
                  [&] { return make_rsa(bits, exponent); }));
}
Key Key::curve(const std::string& name) {
  return Key(once(name, [&] { return make_curve(name); }));
}
Key Key::dsa() {
  return Key(once("dsa", make_dsa));
}

std::string Key::public_der() const {
  unsigned char* bytes = nullptr;
  const int size = i2d_PUBKEY(key_.get(), &bytes);
  if (size <= 0) throw std::runtime_error("no public key");
  std::string text(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return text;
}

std::string Key::algorithm() const {
  switch (EVP_PKEY_get_base_id(key_.get())) {
    case EVP_PKEY_RSA:
      return der::sequence({der::oid("1.2.840.113549.1.1.11"), der::null()});
    case EVP_PKEY_ED25519:
      return der::sequence({der::oid("1.3.101.112")});
    case EVP_PKEY_DSA:
      return der::sequence({der::oid("2.16.840.1.101.3.4.3.2")});
    default:
      return der::sequence({der::oid("1.2.840.10045.4.3.2")});
  }
}

std::string Key::identifier() const {
  const std::string encoded = public_der();
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  EVP_Digest(encoded.data(), encoded.size(), reinterpret_cast<unsigned char*>(digest.data()), &size,
             EVP_sha1(), nullptr);
  digest.resize(size);
  return digest;
}

std::string Key::sign(std::string_view bytes, const std::string& digest) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  const bool edwards = EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_ED25519;
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t size = 0;
  std::string signature;
  if (EVP_DigestSignInit_ex(context.get(), nullptr, edwards ? nullptr : digest.c_str(), nullptr,
                            nullptr, key_.get(), nullptr) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, data, bytes.size()) != 1) {
    throw std::runtime_error("cannot sign");
  }
  signature.resize(size);
  EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, data,
                 bytes.size());
  signature.resize(size);
  return signature;
}

ExtensionsSpec& ExtensionsSpec::set(std::string oid, bool critical, std::string value) {
  const auto found = std::ranges::find(list_, oid, &ExtensionSpec::oid);
  if (found == list_.end()) return add(std::move(oid), critical, std::move(value));
  *found = {std::move(oid), critical, std::move(value)};
  return *this;
}

ExtensionsSpec& ExtensionsSpec::add(std::string oid, bool critical, std::string value) {
  list_.push_back({std::move(oid), critical, std::move(value)});
  return *this;
}

ExtensionsSpec& ExtensionsSpec::drop(std::string_view oid) {
  std::erase_if(list_, [oid](const ExtensionSpec& extension) { return extension.oid == oid; });
  return *this;
}

bool ExtensionsSpec::has(std::string_view oid) const {
  return std::ranges::find(list_, oid, &ExtensionSpec::oid) != list_.end();
}

std::string ExtensionsSpec::der() const {
  std::string content;
  for (const ExtensionSpec& extension : list_) {
    content += der::sequence({der::oid(extension.oid),
                              extension.critical ? der::boolean(true) : std::string(),
                              der::octets(extension.value)});
  }
  return der::element(0x30, content);
}

std::string build(const CertificateSpec& spec, std::string_view issuer_subject, const Key& signer) {
  const std::string algorithm = spec.inner_algorithm.value_or(signer.algorithm());
  const std::string extensions =
      spec.extensions.empty() ? std::string() : der::context_constructed(3, spec.extensions.der());
  const std::string to_sign =
      der::sequence({spec.version, spec.serial.empty() ? fresh_serial() : spec.serial, algorithm,
                     spec.issuer ? std::string_view(*spec.issuer) : issuer_subject,
                     der::sequence({spec.not_before, spec.not_after}), spec.subject,
                     spec.public_key.value_or(spec.key.public_der()), spec.unique_identifiers,
                     extensions, spec.behind_extensions});
  std::string signature = signer.sign(to_sign, spec.digest);
  if (spec.spoil_signature) spoil(signature);
  return der::sequence({to_sign, spec.outer_algorithm.value_or(algorithm), der::bits(signature)});
}

std::string build(const CrlSpec& spec, const Key& signer) {
  std::string revoked;
  for (const RevokedSpec& entry : spec.revoked) {
    revoked += der::sequence({entry.serial, entry.when,
                              entry.extensions.empty() ? std::string() : entry.extensions.der()});
  }
  const std::string to_sign =
      der::sequence({spec.version, spec.inner_algorithm.value_or(signer.algorithm()), spec.issuer,
                     spec.this_update, spec.next_update,
                     revoked.empty() ? std::string() : der::element(0x30, revoked),
                     spec.extensions.empty() ? std::string()
                                             : der::context_constructed(0, spec.extensions.der())});
  std::string signature = signer.sign(to_sign);
  if (spec.spoil_signature) spoil(signature);
  return der::sequence({to_sign, signer.algorithm(), der::bits(signature)});
}

std::string common_name(std::string_view name) {
  return distinguished_name({{"2.5.4.3", der::utf8(name)}});
}

std::string distinguished_name(const std::vector<std::pair<std::string, std::string>>& attributes) {
  std::string content;
  for (const auto& [type, value] : attributes) {
    content += der::set({der::sequence({der::oid(type), value})});
  }
  return der::element(0x30, content);
}

std::string dns(std::string_view name) {
  return der::context(2, name);
}
std::string address(std::string_view octets) {
  return der::context(7, octets);
}
std::string email(std::string_view mailbox) {
  return der::context(1, mailbox);
}
std::string uri(std::string_view uri) {
  return der::context(6, uri);
}
std::string directory(std::string_view name) {
  return der::context_constructed(4, name);
}
std::string other_name() {
  return der::context_constructed(
      0, der::joined({der::oid(oid::kUnknown), der::context_constructed(0, der::null())}));
}

std::string names(const std::vector<std::string>& general_names) {
  std::string content;
  for (const std::string& name : general_names) content += name;
  return der::element(0x30, content);
}

std::string basic_constraints(bool authority, std::optional<long> path_length) {
  return der::sequence({authority ? der::boolean(true) : std::string(),
                        path_length ? der::integer(*path_length) : std::string()});
}

std::string key_usage(unsigned bits) {
  std::string bytes(2, '\0');
  for (unsigned i = 0; i < 16; ++i) {
    if ((bits & (1U << i)) != 0) {
      bytes[i / 8] =
          static_cast<char>(static_cast<unsigned char>(bytes[i / 8]) | (0x80U >> (i % 8)));
    }
  }
  while (!bytes.empty() && bytes.back() == '\0') bytes.pop_back();
  if (bytes.empty()) return der::bits("");
  unsigned unused = 0;
  while (((static_cast<unsigned char>(bytes.back()) >> unused) & 1U) == 0) ++unused;
  return der::bits(bytes, unused);
}

std::string purposes(const std::vector<std::string>& oids) {
  std::string content;
  for (const std::string& each : oids) content += der::oid(each);
  return der::element(0x30, content);
}

std::string authority_key_id(std::string_view key_id) {
  return der::sequence({der::context(0, key_id)});
}

std::string name_constraints(const std::vector<std::string>& permitted,
                             const std::vector<std::string>& excluded) {
  const auto subtrees = [](unsigned number, const std::vector<std::string>& bases) {
    std::string content;
    for (const std::string& base : bases) content += der::sequence({base});
    return content.empty() ? std::string() : der::context_constructed(number, content);
  };
  return der::sequence({subtrees(0, permitted), subtrees(1, excluded)});
}

std::string policies(const std::vector<std::string>& oids) {
  std::string content;
  for (const std::string& each : oids) content += der::sequence({der::oid(each)});
  return der::element(0x30, content);
}

}  // namespace ipm::test
