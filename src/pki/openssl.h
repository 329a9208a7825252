#pragma once
// Owners for OpenSSL's objects, and the one reader of its error queue, which is empty whenever a
// function of this project returns. For pki, trust and tls alone: other floors see our own types.

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace ipm::pki {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
template <class T, auto Free>
using Ptr = std::unique_ptr<T, Freer<Free>>;

using AuthorityKeyIdPtr = Ptr<AUTHORITY_KEYID, AUTHORITY_KEYID_free>;
using BasicConstraintsPtr = Ptr<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>;
using BioPtr = Ptr<BIO, BIO_free_all>;
using BitStringPtr = Ptr<ASN1_BIT_STRING, ASN1_BIT_STRING_free>;
using CertificatePtr = Ptr<X509, X509_free>;
using CrlPtr = Ptr<X509_CRL, X509_CRL_free>;
using DigestContextPtr = Ptr<EVP_MD_CTX, EVP_MD_CTX_free>;
using DigestPtr = Ptr<EVP_MD, EVP_MD_free>;
using ExtendedKeyUsagePtr = Ptr<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>;
using ExtensionPtr = Ptr<X509_EXTENSION, X509_EXTENSION_free>;
using GeneralNamePtr = Ptr<GENERAL_NAME, GENERAL_NAME_free>;
using GeneralNamesPtr = Ptr<GENERAL_NAMES, GENERAL_NAMES_free>;
using IntegerPtr = Ptr<ASN1_INTEGER, ASN1_INTEGER_free>;
using KeyContextPtr = Ptr<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using KeyPtr = Ptr<EVP_PKEY, EVP_PKEY_free>;
using NamePtr = Ptr<X509_NAME, X509_NAME_free>;
using OctetStringPtr = Ptr<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;
using RequestPtr = Ptr<X509_REQ, X509_REQ_free>;
using TimePtr = Ptr<ASN1_TIME, ASN1_TIME_free>;

// Empties the calling thread's error queue and returns its entries as one line, newest first;
// "no reason given" when there is none.
std::string take_openssl_errors();

// Leaves the calling thread's error queue empty when its scope ends, on success too.
class ErrorQueueGuard {
 public:
  ErrorQueueGuard() = default;
  ErrorQueueGuard(const ErrorQueueGuard&) = delete;
  ErrorQueueGuard& operator=(const ErrorQueueGuard&) = delete;
  ~ErrorQueueGuard();
};

// Throws Error{message} whose text ends with OpenSSL's own words.
[[noreturn]] void throw_openssl(Message message, std::string_view happened,
                                std::string_view expected);

// Wraps a fresh object in its owner; null throws Error{CryptoFailed} saying which `call` failed.
template <class Owner>
Owner own(typename Owner::pointer object, std::string_view call) {
  if (object == nullptr) throw_openssl(Message::CryptoFailed, call, "the call to succeed");
  return Owner(object);
}

// For calls that return 1 on success.
inline void must(int result, std::string_view call) {
  if (result <= 0) throw_openssl(Message::CryptoFailed, call, "the call to succeed");
}

// A read-only view of `bytes`, which must outlive it.
BioPtr memory_reader(std::string_view bytes);
BioPtr memory_writer();
std::string written(BIO* writer);

inline const unsigned char* octets(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
inline std::string_view as_text(const unsigned char* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// The content of any ASN.1 string type, by length. Borrows.
inline std::string_view content(const ASN1_STRING* string) {
  const int size = ASN1_STRING_length(string);
  return size <= 0 ? std::string_view()
                   : as_text(ASN1_STRING_get0_data(string), static_cast<std::size_t>(size));
}

// The object that fills `der` to its last byte, or null. Clears the error queue.
template <class Owner, class Decode>
Owner decode_whole(Decode* decode, std::string_view der) {
  const ErrorQueueGuard guard;
  if (der.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return nullptr;
  const unsigned char* at = octets(der);
  Owner object((*decode)(nullptr, &at, static_cast<long>(der.size())));
  if (object && at != octets(der) + der.size()) return nullptr;
  return object;
}

// The DER of an object, by its i2d function.
template <class Encode, class Object>
std::string encode(Encode* to_der, const Object* object) {
  const int size = to_der(object, nullptr);
  if (size <= 0) throw_openssl(Message::CryptoFailed, "encoding to DER", "the call to succeed");
  std::string der(static_cast<std::size_t>(size), '\0');
  auto* at = reinterpret_cast<unsigned char*>(der.data());
  to_der(object, &at);
  return der;
}

// "1.3.6.1.5.5.7.3.1"
std::string dotted(const ASN1_OBJECT* object);

// Years 1 to 9999 in UTC, whatever the time zone of the process; absent when it is not readable.
std::optional<TimePoint> find_time(const ASN1_TIME* time);
// UTCTime until 2049, GeneralizedTime after (RFC 5280, 4.1.2.5).
TimePtr make_time(TimePoint time);

// The digest to sign with under `key`: null for EdDSA, which has its own; SHA-384 for P-384 and
// SHA-512 for P-521, so that it is not weaker than the curve; else SHA-256. Borrowed, static.
const EVP_MD* signing_digest(const EVP_PKEY* key);

}  // namespace ipm::pki
