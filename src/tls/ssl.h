#pragma once
// Owners for OpenSSL's TLS objects. For this floor alone.

#include <openssl/ssl.h>

#include "pki/openssl.h"

namespace ipm::tls {

using SslPtr = pki::Ptr<SSL, SSL_free>;
using SslContextPtr = pki::Ptr<SSL_CTX, SSL_CTX_free>;

}  // namespace ipm::tls
