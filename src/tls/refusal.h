#pragma once
// Turns a handshake (or a read) that failed into one numbered message, in the words of our rules:
// whether we refused the peer, or the peer refused us and told so by an alert (RFC 8446, 6.2).

#include <optional>
#include <string>
#include <system_error>

#include "base/error.h"
#include "tls/generation.h"
#include "tls/handshake.h"

namespace ipm::tls {

// What OpenSSL's error queue held; the queue is empty afterwards.
struct LibraryFailure {
  int reason = 0;    // SSL_R_…, 0 where there is none of the TLS library's
  std::string text;  // for messages

  std::optional<int> alert() const;  // its number, when the peer sent a fatal one
};
LibraryFailure take_library_failure();

struct FailedHandshake {
  const std::string& remote;
  const Handshake& record;
  const Generation& generation;
  LibraryFailure failure;
  std::error_code error = {};  // where the connection broke
  bool ended = false;          // the peer closed it
};
Error explain_failed_accept(const FailedHandshake& handshake);
Error explain_failed_connect(const FailedHandshake& handshake);

// Nothing where the alert says nothing about us.
std::optional<Error> explain_refused_client(const FailedHandshake& handshake);

}  // namespace ipm::tls
