#include "pki/signature.h"

#include <openssl/err.h>
#include <openssl/x509.h>

namespace ipm::pki {
namespace {

// Leaves the thread's error queue as empty as it found it.
bool quietly(bool verdict) {
  ERR_clear_error();
  return verdict;
}

}  // namespace

bool signature_holds(const Certificate& certificate, const Certificate& issuer) {
  EVP_PKEY* key = X509_get0_pubkey(issuer.handle());
  return quietly(key != nullptr && X509_verify(certificate.handle(), key) == 1);
}

bool key_is_sound(const Certificate& certificate) {
  return quietly(X509_get0_pubkey(certificate.handle()) != nullptr);
}

bool crl_signature_holds(const Crl& crl, const Certificate& issuer) {
  EVP_PKEY* key = X509_get0_pubkey(issuer.handle());
  return quietly(key != nullptr && X509_CRL_verify(crl.handle(), key) == 1);
}

}  // namespace ipm::pki
