#pragma once
// What a handshake proved about the other side, and how the connection is protected. Every floor
// above sees a peer as these values alone.

#include <memory>
#include <string>
#include <vector>

#include "pki/certificate.h"

namespace ipm::tls {

// The certificates that a peer sent beside its own, for judging it again when anchors change. Null:
// none.
using SentAlong = std::shared_ptr<const std::vector<pki::Certificate>>;

// Immutable once made; cheap to copy. The certificate is shared by all connections of one peer.
struct Peer {
  std::string name;              // The certificate's display name: "ipmclient.example.com"
  pki::Certificate certificate;  // serial, fingerprint, issuer, names, expiry are read from it
  SentAlong sent_along = {};
  // SHA-256 of the public key that signed the certificate, as the path to the anchor has it: CAs
  // may share a name, never a key.
  pki::Sha256 issuer_key = {};
};

// What was negotiated; there is one on every encrypted connection, with or without a proven peer.
struct Protection {
  std::string protocol;  // "TLSv1.3"
  std::string cipher;    // "TLS_AES_256_GCM_SHA384"
  std::string group;     // "X25519"; empty where the library does not tell
  bool resumed = false;  // by a session ticket, without a full handshake
};

}  // namespace ipm::tls
