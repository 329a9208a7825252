#pragma once
// SHA-2 fingerprints of bytes.

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace ipm::pki {

using Sha256 = std::array<unsigned char, 32>;

enum class DigestKind { Sha256, Sha384, Sha512 };

Sha256 sha256(std::string_view bytes);
Sha256 sha256(std::span<const unsigned char> bytes);

// For HTTP Digest authentication as old devices do it (RFC 7616), over TLS, and nothing else.
std::array<unsigned char, 16> insecure_md5(std::string_view bytes);

// The digest as upper-case "AA:BB:…".
std::string fingerprint(DigestKind kind, std::span<const unsigned char> bytes);

// Hashes as the bytes come. One object, one message.
class Sha256Stream {
 public:
  Sha256Stream();

  void add(std::span<const unsigned char> bytes);
  // Once; nothing may be added after it.
  Sha256 finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace ipm::pki
