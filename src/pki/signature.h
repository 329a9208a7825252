#pragma once
// Signatures and keys, as OpenSSL judges them. False for everything that it cannot verify, too.

#include "pki/certificate.h"
#include "pki/crl.h"

namespace ipm::pki {

bool signature_holds(const Certificate& certificate, const Certificate& issuer);
// Whether the certificate's key can be used at all: a point that lies on its curve, and the like.
bool key_is_sound(const Certificate& certificate);
bool crl_signature_holds(const Crl& crl, const Certificate& issuer);

}  // namespace ipm::pki
