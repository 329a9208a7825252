#pragma once
// One handshake's record: what OpenSSL's callbacks ask, and what they found out. Callbacks never
// throw and never log; they write here, and the stream turns it into one message.

#include <exception>

#include "tls/judge.h"
#include "tls/ssl.h"

namespace ipm::tls {

struct Handshake {
  trust::ExpectedPeer expected;    // whom we dialled; nothing on a server
  Ruling ruling;                   // about the peer's certificate
  pki::CertificatePtr presented;   // as OpenSSL read it, without its key
  bool certificate_asked = false;  // the server asked for ours
  std::exception_ptr failure;      // a judge could not do its work (no memory)
};

// Binds the record to a connection. `record` outlives the connection's handshake.
void attach(SSL* connection, Handshake* record);
// Null once the handshake is over; no callback that proves anybody comes after that.
Handshake* record_of(const SSL* connection);

// Makes `judge` decide about each peer of this context, in place of OpenSSL's own chain check, with
// the alert that fits the reason. `judge` outlives the context.
void judge_peers(SSL_CTX* context, const Judge& judge);

// Notes on the record that the server asked for our certificate.
void note_requests(SSL_CTX* context);

}  // namespace ipm::tls
