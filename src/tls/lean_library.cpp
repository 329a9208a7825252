#include "tls/lean_library.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/provider.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "pki/openssl.h"

namespace ipm::tls {
namespace {

using LibraryPtr = pki::Ptr<OSSL_LIB_CTX, OSSL_LIB_CTX_free>;
using ProviderPtr = pki::Ptr<OSSL_PROVIDER, OSSL_PROVIDER_unload>;

// Kinds of keys that no handshake of ours uses.
constexpr std::array<std::string_view, 11> kUnusedKeys = {
    "DSA", "DH", "DHX", "SM2", "X448", "CMAC", "SIPHASH", "POLY1305", "SCRYPT", "HKDF", "TLS1-PRF"};

bool is_used_key(std::string_view name) {
  return std::ranges::find(kUnusedKeys, name) == kUnusedKeys.end();
}

// Those of our cipher suites (context.cpp).
bool is_used_cipher(std::string_view name) {
  return (name.starts_with("AES-") && name.ends_with("-GCM")) || name.starts_with("ChaCha20");
}

// SHA-1 only names certificates within OpenSSL.
bool is_used_digest(std::string_view name) {
  return name == "SHA1" || name.starts_with("SHA2-");
}

using Algorithms = std::vector<OSSL_ALGORITHM>;

// The default provider in a context of its own, and what of it is used.
struct Original {
  Original()
      : library(OSSL_LIB_CTX_new()),
        provider(library ? OSSL_PROVIDER_load(library.get(), "default") : nullptr) {
    if (!provider) return;
    keys = choose(OSSL_OP_KEYMGMT, is_used_key);
    ciphers = choose(OSSL_OP_CIPHER, is_used_cipher);
    digests = choose(OSSL_OP_DIGEST, is_used_digest);
    usable = !keys.empty() && !ciphers.empty() && !digests.empty();
  }

  // Empty when the provider has none, or reserves the right to change them.
  Algorithms choose(int operation, bool (*is_used)(std::string_view)) const {
    int may_not_be_kept = 0;
    const OSSL_ALGORITHM* one =
        OSSL_PROVIDER_query_operation(provider.get(), operation, &may_not_be_kept);
    Algorithms used;
    for (; one != nullptr && one->algorithm_names != nullptr; ++one) {
      // All names of an algorithm, the usual one first: "AES-256-GCM:id-aes256-GCM:2.16.840…".
      const std::string_view names = one->algorithm_names;
      if (is_used(names.substr(0, names.find(':')))) used.push_back(*one);
    }
    if (may_not_be_kept != 0 || used.empty()) return {};
    used.push_back({});  // the end of the list
    return used;
  }

  LibraryPtr library;
  ProviderPtr provider;
  Algorithms keys;
  Algorithms ciphers;
  Algorithms digests;
  bool usable = false;
};

// Made once and never changed; the lean context's algorithms are its.
const Original& original() {
  static const Original kOriginal;
  return kOriginal;
}

const OSSL_ALGORITHM* query(void*, int operation, int* may_not_be_kept) noexcept {
  *may_not_be_kept = 0;
  switch (operation) {
    case OSSL_OP_DECODER:
      return nullptr;
    case OSSL_OP_KEYMGMT:
      return original().keys.data();
    case OSSL_OP_CIPHER:
      return original().ciphers.data();
    case OSSL_OP_DIGEST:
      return original().digests.data();
    default:
      return OSSL_PROVIDER_query_operation(original().provider.get(), operation, may_not_be_kept);
  }
}

// The groups for key exchange, which TLS asks providers for.
int tell_capabilities(void*, const char* capability, OSSL_CALLBACK* tell, void* argument) noexcept {
  return OSSL_PROVIDER_get_capabilities(original().provider.get(), capability, tell, argument);
}

const OSSL_PARAM* list_parameters(void*) noexcept {
  return OSSL_PROVIDER_gettable_params(original().provider.get());
}

int tell_parameters(void*, OSSL_PARAM* parameters) noexcept {
  return OSSL_PROVIDER_get_params(original().provider.get(), parameters);
}

template <class Function>
OSSL_DISPATCH entry(int id, Function* function) {
  return {id, reinterpret_cast<void (*)()>(function)};
}

int start(const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH** functions,
          void** provider) noexcept {
  static const std::array kFunctions = {
      entry(OSSL_FUNC_PROVIDER_QUERY_OPERATION, query),
      entry(OSSL_FUNC_PROVIDER_GET_CAPABILITIES, tell_capabilities),
      entry(OSSL_FUNC_PROVIDER_GETTABLE_PARAMS, list_parameters),
      entry(OSSL_FUNC_PROVIDER_GET_PARAMS, tell_parameters),
      OSSL_DISPATCH{},
  };
  *functions = kFunctions.data();
  // What the algorithms were made with they also get here.
  *provider = OSSL_PROVIDER_get0_provider_ctx(original().provider.get());
  return 1;
}

bool system_chooses_providers() {
  bool others = false;
  const auto look = [](OSSL_PROVIDER* provider, void* found) {
    const std::string_view name = OSSL_PROVIDER_get0_name(provider);
    if (name != "default") *static_cast<bool*>(found) = true;
    return 1;
  };
  OSSL_PROVIDER_do_all(nullptr, look, &others);
  return others || EVP_default_properties_is_fips_enabled(nullptr) == 1;
}

struct Lean {
  Lean() {
    const pki::ErrorQueueGuard guard;
    if (system_chooses_providers() || !original().usable) return;
    LibraryPtr made(OSSL_LIB_CTX_new());
    if (!made || OSSL_PROVIDER_add_builtin(made.get(), "ipm-lean", start) != 1) return;
    provider.reset(OSSL_PROVIDER_load(made.get(), "ipm-lean"));
    if (provider) context = std::move(made);
  }

  LibraryPtr context;  // null where it could not be made
  ProviderPtr provider;
};

}  // namespace

OSSL_LIB_CTX* lean_library() {
  static const Lean kLean;
  return kLean.context.get();
}

}  // namespace ipm::tls
