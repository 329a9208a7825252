#pragma once
// SHA-2 fingerprints of bytes.

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace ipm::pki {

using Sha256 = std::array<unsigned char, 32>;

enum class DigestKind { Sha256, Sha384, Sha512 };

Sha256 sha256(std::string_view bytes);
Sha256 sha256(std::span<const unsigned char> bytes);

// The digest as upper-case "AA:BB:…".
std::string fingerprint(DigestKind kind, std::span<const unsigned char> bytes);

// Hashes as the bytes come. One object, one message.
class Sha256Stream {
 public:
  Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;
  ~Sha256Stream();

  void add(std::span<const unsigned char> bytes);
  Sha256 finish();

 private:
  void* context_;
};

}  // namespace ipm::pki
