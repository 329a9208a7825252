#pragma once
// The two TLS contexts of a generation: for listening and for dialling. A context is complete when
// it is made and never changed afterwards.

#include "tls/identity.h"
#include "tls/judge.h"
#include "tls/session_memory.h"
#include "tls/ssl.h"

namespace ipm::tls {

// TLS 1.2 and 1.3, AEAD suites with ephemeral keys, X25519, P-256, P-384 and P-521 (and the
// hybrid post-quantum group where the library has it), no renegotiation, no compression, no early data. Judges and
// sessions outlive the contexts. Throws Error{CertificateUnusable} for what the library does not
// take.
//
// With `mutual`, clients must present a certificate, and `clients` judges it; else none is asked
// for.
SslContextPtr make_listen_context(const Identity& identity, const Judge& clients,
                                  SessionMemory& sessions, bool mutual);
// Null: dials without a certificate.
SslContextPtr make_dial_context(const Identity* identity, const Judge& servers);

}  // namespace ipm::tls
