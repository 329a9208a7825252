#include "pki/digest.h"

#include "base/text.h"
#include "pki/openssl.h"

namespace ipm::pki {
namespace {

const char* digest_name(DigestKind kind) {
  switch (kind) {
    case DigestKind::Sha384:
      return "SHA384";
    case DigestKind::Sha512:
      return "SHA512";
    case DigestKind::Sha256:
      break;
  }
  return "SHA256";
}

// Looking an algorithm up by name takes a lock and is slower than hashing a certificate: once.
const EVP_MD* fetched_sha256() {
  static const DigestPtr kDigest =
      own<DigestPtr>(EVP_MD_fetch(nullptr, "SHA256", nullptr), "EVP_MD_fetch");
  return kDigest.get();
}

}  // namespace

Sha256 sha256(std::span<const unsigned char> bytes) {
  Sha256 digest;
  must(EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, fetched_sha256(), nullptr),
       "EVP_Digest");
  return digest;
}

std::array<unsigned char, 16> insecure_md5(std::string_view bytes) {
  const auto md5 = own<DigestPtr>(EVP_MD_fetch(nullptr, "MD5", nullptr), "EVP_MD_fetch");
  std::array<unsigned char, 16> digest{};
  must(EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, md5.get(), nullptr),
       "EVP_Digest");
  return digest;
}

Sha256 sha256(std::string_view bytes) {
  return sha256(std::span(octets(bytes), bytes.size()));
}

std::string fingerprint(DigestKind kind, std::span<const unsigned char> bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  std::size_t size = 0;
  must(EVP_Q_digest(nullptr, digest_name(kind), nullptr, bytes.data(), bytes.size(), digest.data(),
                    &size),
       "EVP_Q_digest");
  return to_hex_colons(std::span(digest).first(size));
}

void Sha256Stream::Free::operator()(evp_md_ctx_st* context) const noexcept {
  EVP_MD_CTX_free(context);
}

Sha256Stream::Sha256Stream()
    : context_(own<DigestContextPtr>(EVP_MD_CTX_new(), "EVP_MD_CTX_new").release()) {
  must(EVP_DigestInit_ex2(context_.get(), fetched_sha256(), nullptr), "EVP_DigestInit_ex2");
}

void Sha256Stream::add(std::span<const unsigned char> bytes) {
  must(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()), "EVP_DigestUpdate");
}

Sha256 Sha256Stream::finish() {
  Sha256 digest;
  must(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr), "EVP_DigestFinal_ex");
  return digest;
}

}  // namespace ipm::pki
