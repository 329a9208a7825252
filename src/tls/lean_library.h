#pragma once
// OpenSSL's library context for TLS: its default provider, without what handshakes do not need.
//
// OpenSSL 3.0 reads the key of each certificate that a peer presents, and looks for that at each of
// its eighty decoders and copies the list of all algorithms that it has ever looked for: a third of
// a handshake with mutual authentication (measured). In this context it has no decoders, so it
// reads no keys, and few algorithms; the judge knows a peer's certificate with its key from the
// first time on, and OpenSSL goes on with that one (see handshake.cpp). Private keys and anchors
// are read in OpenSSL's default context. The algorithms themselves are OpenSSL's own.

#include <openssl/types.h>

namespace ipm::tls {

// Lives until the program ends. Null, which stands for OpenSSL's default context, where the
// system's configuration chooses providers of its own (FIPS, say): nothing is done past it.
OSSL_LIB_CTX* lean_library();

}  // namespace ipm::tls
