#include "pki/pkcs12.h"

#include <fmt/format.h>
#include <openssl/pkcs12.h>

#include "base/text.h"
#include "pki/openssl.h"

namespace ipm::pki {
namespace {

using Pkcs12Ptr = Ptr<PKCS12, PKCS12_free>;

// Rounds of the key derivation, for the key, the certificates and the check each. Some importers
// refuse files that ask for more than 600,000 in all; old ones expect what was usual.
constexpr int kIterations = 150'000;
constexpr int kLegacyIterations = 2048;
constexpr std::size_t kFriendlyNameBytesMax = 128;
constexpr std::size_t kPassphraseBytesMax = 1024;

struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_free(stack); }
};
// Borrows its members.
using StackPtr = std::unique_ptr<STACK_OF(X509), FreeStack>;

void refuse_unusable(const Secret& passphrase, const Pkcs12Options& options) {
  const std::string_view text = passphrase.reveal();
  // OpenSSL takes it as a C string, and would stop at a NUL.
  if (text.empty() || text.size() > kPassphraseBytesMax ||
      text.find('\0') != std::string_view::npos) {
    throw Error(Message::Pkcs12Unusable,
                text.empty() ? "the passphrase of the PKCS#12 file is empty"
                             : "the passphrase of the PKCS#12 file is too long or holds NUL",
                fmt::format("a passphrase of 1 to {} bytes", kPassphraseBytesMax),
                "give --passphrase-file FILE, or type one when asked");
  }
  const std::string& name = options.friendly_name;
  if (name.size() > kFriendlyNameBytesMax || !is_utf8(name) ||
      name.find('\0') != std::string::npos) {
    throw Error(Message::Pkcs12Unusable,
                fmt::format("\"{}\" cannot be the name in a PKCS#12 file", printable(name)),
                fmt::format("at most {} bytes of UTF-8", kFriendlyNameBytesMax), "");
  }
}

}  // namespace

std::string make_pkcs12(const PrivateKey& key, const Certificate& leaf,
                        const std::vector<Certificate>& chain, const Secret& passphrase,
                        const Pkcs12Options& options) {
  refuse_unusable(passphrase, options);
  if (!(key.public_key() == leaf.public_key())) {
    throw Error(Message::KeyMismatch, "the key does not belong to " + leaf.subject(),
                "the private key of that certificate");
  }
  const StackPtr others(sk_X509_new_null());
  must(others ? 1 : 0, "sk_X509_new_null");
  for (const Certificate& certificate : chain) {
    must(sk_X509_push(others.get(), certificate.handle()), "sk_X509_push");
  }
  const char* name = options.friendly_name.empty() ? nullptr : options.friendly_name.c_str();
  const int cipher = options.legacy ? NID_pbe_WithSHA1And3_Key_TripleDES_CBC : NID_aes_256_cbc;
  const int iterations = options.legacy ? kLegacyIterations : kIterations;
  // The passphrase is the whole of a std::string, hence it ends in NUL.
  const char* secret = passphrase.reveal().data();
  // -1: without a check of OpenSSL's choice, because the old one must be SHA-1.
  const Pkcs12Ptr file =
      own<Pkcs12Ptr>(PKCS12_create(secret, name, key.handle(), leaf.handle(), others.get(), cipher,
                                   cipher, iterations, -1, 0),
                     "PKCS12_create");
  must(PKCS12_set_mac(file.get(), secret, -1, nullptr, 0, iterations,
                      options.legacy ? EVP_sha1() : EVP_sha256()),
       "PKCS12_set_mac");
  return encode(i2d_PKCS12, file.get());
}

}  // namespace ipm::pki
