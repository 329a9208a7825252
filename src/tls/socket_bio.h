#pragma once
// The way between OpenSSL and a non-blocking socket: one call of the kernel for each of OpenSSL's,
// no buffer, and never SIGPIPE (OpenSSL's own socket BIO writes with write(2), which raises it).

#include <cstddef>
#include <span>

#include "tls/limits.h"
#include "tls/ssl.h"

namespace ipm::tls {

// This side's end of a connection. Borrows the descriptor; -1 once the socket is closed.
struct SocketEnd {
  int descriptor = -1;
  bool ended = false;  // The peer has sent all that it will send.
  int error = 0;       // errno of the last call that failed other than by having to wait
  std::size_t budget = kReadBudgetBytes;  // that the BIO may still read; then it says "wait"
  bool paused = false;                    // it said so for that reason alone
};

// Both return the bytes moved, or -1 with errno set (EAGAIN: wait first). Reading returns 0 at the
// end. Interrupted calls are made again.
std::ptrdiff_t receive_some(SocketEnd& end, std::span<unsigned char> into);
std::ptrdiff_t send_some(SocketEnd& end, std::span<const unsigned char> bytes);

bool must_wait(int error);

// Borrows `end`, which must outlive the BIO and stay in its place.
pki::BioPtr make_socket_bio(SocketEnd& end);

// Where the system has no flag for it (macOS), keeps the socket itself from raising SIGPIPE.
void prevent_sigpipe(int descriptor);

}  // namespace ipm::tls
