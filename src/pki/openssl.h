#pragma once
// Owners for OpenSSL's objects, and the one reader of its error queue, which is empty whenever a
// function of this project returns. For pki, trust and tls alone: other floors see our own types.

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

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

using BioPtr = Ptr<BIO, BIO_free_all>;
using CertificatePtr = Ptr<X509, X509_free>;
using CrlPtr = Ptr<X509_CRL, X509_CRL_free>;
using ExtensionPtr = Ptr<X509_EXTENSION, X509_EXTENSION_free>;
using KeyPtr = Ptr<EVP_PKEY, EVP_PKEY_free>;
using KeyContextPtr = Ptr<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using NamePtr = Ptr<X509_NAME, X509_NAME_free>;
using RequestPtr = Ptr<X509_REQ, X509_REQ_free>;

// Empties the calling thread's error queue and returns its entries as one line, newest first.
std::string take_openssl_errors();

// Throws Error{message} whose text ends with OpenSSL's own words.
[[noreturn]] void throw_openssl(Message message, std::string_view happened,
                                std::string_view expected);

// Wraps a fresh object in its owner; null throws Error{CryptoFailed} saying which `call` failed.
template <class Owner>
Owner own(typename Owner::pointer object, std::string_view call) {
  if (object == nullptr) throw_openssl(Message::CryptoFailed, call, "the call to succeed");
  return Owner(object);
}

// A read-only view of `bytes`, which must outlive it.
BioPtr memory_reader(std::string_view bytes);
BioPtr memory_writer();
std::string written(BIO* writer);

}  // namespace ipm::pki
