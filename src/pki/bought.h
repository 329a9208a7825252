#pragma once
// What a certificate from elsewhere comes as: PKCS#12, PKCS#7, DER, or PEM with an encrypted key; as
// certificates and, where it has one, a key.

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "pki/certificate.h"
#include "pki/key.h"

namespace ipm::pki {

struct Bought {
  std::vector<Certificate> certificates;  // in the file's order; may be empty
  std::optional<PrivateKey> key;
};

// `ask` is called where a passphrase is needed, at most once. Throws Error{Pkcs12Unusable,
// CertificateUnusable, KeyUnusable, PassphraseWrong}; what is none of these kinds is
// Error{CertificateUnusable} with what it is.
Bought read_bought(std::string_view bytes, std::string_view origin,
                   const std::function<Secret()>& ask);

}  // namespace ipm::pki
