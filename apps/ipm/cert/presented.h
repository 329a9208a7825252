#pragma once
// The certificates of a file, or those that a server presents at HOST:PORT.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pki/certificate.h"

namespace ipm::app {

struct Host {
  std::string name;  // a DNS name or an address, without brackets
  std::uint16_t port = 0;
};

// "ipmsrv.example.com:631", "10.0.0.1:631", "[fc00::1]:631"; absent for anything else.
std::optional<Host> find_host(const std::string& text);

struct Presented {
  std::string origin;
  std::vector<pki::Certificate> chain;  // leaf first; never empty
  std::optional<Host> host;             // of a server
  std::string protocol;
  bool asks_for_client_certificate = false;
};

// A file where there is one of that name, else a server. Throws Error{FileNotFound,
// CertificateUnusable, ConnectionFailed, ConnectionTimedOut, HandshakeFailed}.
Presented presented_by(const std::string& file_or_host);

}  // namespace ipm::app
