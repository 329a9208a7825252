#pragma once
// The way between OpenSSL and the wire below it: one call for each of OpenSSL's, and no buffer.

#include <cstddef>
#include <system_error>

#include "net/transport.h"
#include "tls/limits.h"
#include "tls/ssl.h"

namespace ipm::tls {

// This side's end of a connection. Borrows the wire.
struct WireEnd {
  net::Transport& wire;
  bool ended = false;          // the peer has sent all that it will send
  std::error_code error = {};  // of the last call that failed other than by having to wait
  std::size_t budget = kReadBudgetBytes;  // that OpenSSL may still read; then it is told to wait
  bool paused = false;                    // it was told so for that reason only
};

// Borrows `end`, which must outlive the BIO and stay in its place.
pki::BioPtr make_wire_bio(WireEnd& end);

}  // namespace ipm::tls
