#pragma once
// Signatures, verified by OpenSSL. False for everything that cannot be verified, too.

#include "pki/certificate.h"
#include "pki/crl.h"

namespace ipm::trust {

bool signature_holds(const pki::Certificate& certificate, const pki::Certificate& issuer);
bool crl_signature_holds(const pki::Crl& crl, const pki::Certificate& issuer);

}  // namespace ipm::trust
