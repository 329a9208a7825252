#pragma once
// Looks at what a TLS server presents, for `ipm cert show HOST:PORT` and `check`: handshakes as far
// as it takes to see the certificates, accepts any, and sends no data. Blocking, under one
// deadline.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "pki/certificate.h"

namespace ipm::tls {

struct Probe {
  std::vector<pki::Certificate> chain;  // as presented: leaf first; never empty
  std::string protocol;                 // "TLSv1.3"
  std::string cipher;
  bool asks_for_client_certificate = false;
};

inline constexpr std::chrono::milliseconds kProbeWait{10'000};

// `host` is a name or an address (no brackets). SNI is sent for names. Throws
// Error{ConnectionFailed, ConnectionTimedOut, HandshakeFailed}, the last also where a server speaks
// no TLS.
Probe fetch_chain(const std::string& host, std::uint16_t port,
                  std::chrono::milliseconds wait = kProbeWait);

}  // namespace ipm::tls
