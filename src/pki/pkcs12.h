#pragma once
// PKCS#12 files (RFC 7292), for importers that take nothing else.

#include <string>
#include <vector>

#include "base/secret.h"
#include "pki/certificate.h"

namespace ipm::pki {

struct Pkcs12Options {
  std::string friendly_name;  // What an importer shows; may be empty. At most 128 bytes of UTF-8.
  bool legacy = false;        // 3DES and SHA-1, for old importers; else AES-256 and SHA-256.
};

// DER. `chain` without the leaf. Throws Error{Pkcs12Unusable}, also for an empty passphrase, and
// Error{KeyMismatch} where the key is not the leaf's.
std::string make_pkcs12(const PrivateKey& key, const Certificate& leaf,
                        const std::vector<Certificate>& chain, const Secret& passphrase,
                        const Pkcs12Options& options);

}  // namespace ipm::pki
