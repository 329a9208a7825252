#pragma once
// What a handshake proved about the other side. Every floor above sees a peer as this value alone.

#include <optional>
#include <string>

#include "base/clock.h"
#include "pki/certificate.h"

namespace ipm::tls {

// Immutable once made; cheap to copy (strings are those of the shared certificate where it can be).
struct Peer {
  std::string name;                // The certificate's display name: "ipmclient.example.com"
  pki::Certificate certificate;    // serial, fingerprint, issuer, names, expiry are read from it
  std::string protocol;            // "TLSv1.3"
  std::string cipher;              // "TLS_AES_256_GCM_SHA384"
  std::string group;               // "X25519"; empty where the library does not tell
  bool resumed = false;
};

}  // namespace ipm::tls
