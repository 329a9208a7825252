#pragma once
// TLS sessions that may be resumed, kept here on the server. A ticket is only a random number that
// finds its session again.
//
// We rejected tickets that carry the session, encrypted: OpenSSL would write and parse the peer's
// certificate for each of them, which costs more than the signatures that a resumption saves; and
// what is remembered here is gone for good with its generation, or with its peer's admission.

#include <array>
#include <memory>
#include <optional>
#include <span>

#include "base/clock.h"
#include "pki/certificate.h"
#include "tls/peer.h"
#include "tls/recent_map.h"
#include "tls/ssl.h"

namespace ipm::tls {

struct KeptSession {
  std::shared_ptr<SSL_SESSION> session;
  std::optional<pki::Certificate> certificate;  // the peer's, as it was admitted
  SentAlong sent_along;
  pki::Sha256 issuer_key;
  TimePoint admitted_from;
  TimePoint admitted_until;  // not including it
};

// Any thread. Belongs to one generation: a new one begins with nothing.
class SessionMemory {
 public:
  explicit SessionMemory(Clock clock);

  // Has `context`, a server's, keep its sessions here and look for them here. A session is resumed
  // only while its peer would still be admitted; else a full handshake follows, which tells why
  // not. It outlives the context.
  void serve(SSL_CTX* context);

  void keep(SSL* connection, std::shared_ptr<SSL_SESSION> session);
  std::shared_ptr<SSL_SESSION> find(SSL* connection, std::span<const unsigned char> id);
  // Seconds that a ticket may say it is good for.
  long life_of(const SSL* connection) const;

 private:
  using Id = std::array<unsigned char, SSL_MAX_SSL_SESSION_ID_LENGTH>;

  Clock clock_;
  RecentMap<Id, KeptSession, FirstBytes> sessions_;
};

}  // namespace ipm::tls
