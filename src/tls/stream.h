#pragma once
// One byte stream to a peer, over TCP or a local socket, in plaintext or under TLS.
//
// OpenSSL works on the socket itself, without the pair of memory buffers that Asio's own TLS stream
// needs: an idle connection costs little more than its SSL object. A stream lives on one thread,
// the one of its socket's executor; it is neither copied nor moved. Every wait is under the
// deadline set last: when it passes, the socket is closed and the operation throws
// Error{ConnectionTimedOut}. One read and one write may be under way together (a client hears a
// refusal while it still uploads); the deadline is then one for both. The stream outlives its
// pending operations.
//
// Writing never raises SIGPIPE. What else goes wrong throws Error{ConnectionFailed}.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "tls/generation.h"
#include "tls/local_user.h"
#include "tls/peer.h"

namespace ipm::tls {

using Socket = boost::asio::generic::stream_protocol::socket;

class Stream {
 public:
  // `remote` is the peer's address for messages: "192.0.2.7:40112", "local user alice".
  Stream(Socket socket, std::string remote);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  // From now on, until it is called again. Operations wait at most until then. Cheap: a timer is
  // touched only when an operation has to wait.
  void expires_after(std::chrono::milliseconds wait);

  // The first byte that the peer sends, left in the stream; nothing when it closes without one.
  // 0x16 begins a TLS handshake (RFC 8446, 5.1), anything else is plaintext.
  boost::asio::awaitable<std::optional<unsigned char>> first_byte();

  // Server side. Throws Error{PeerRefused, PeerCertificateMissing, HandshakeFailed,
  // ConnectionTimedOut} after the alert has been sent; the message carries the peer's address, the
  // rule, the subject and the serial.
  boost::asio::awaitable<void> accept_tls(std::shared_ptr<const Generation> generation);

  // Client side: `expected` is checked by our own rules. SNI is sent for names, not for addresses.
  // In TLS 1.3 a server's refusal of our certificate arrives at the first read, which then throws
  // Error{PeerRefused, PeerCertificateMissing} with that in words.
  boost::asio::awaitable<void> connect_tls(std::shared_ptr<const Generation> generation,
                                           trust::ExpectedPeer expected);

  // At least one byte; 0 at the end. Under TLS an end without close_notify is an end too, and
  // `truncated()` tells: harmless after a whole message, an attack within one.
  boost::asio::awaitable<std::size_t> read_some(std::span<unsigned char> into);
  bool truncated() const;

  // All of it, in order, in as few TLS records as can be. A client whose write fails because the
  // server refused it throws that refusal, as read_some does, where it has arrived.
  boost::asio::awaitable<void> write(std::span<const unsigned char> bytes);

  // Nothing more will be written: the peer sees the end (close_notify, FIN), reading goes on. Never
  // throws.
  boost::asio::awaitable<void> end_writing();
  // Says goodbye (close_notify) under a short deadline of its own and closes. Never throws.
  boost::asio::awaitable<void> close();
  // Closes at once; pending operations throw. On the stream's own thread.
  void abort() noexcept;

  // Whether bytes are waiting that no socket event will announce.
  bool has_pending() const;
  // Waits until the peer sends something or closes, holding as little memory as can be; false when
  // the deadline passed or the stream was aborted. For idle keep-alive connections. A deadline that
  // passes here, and here alone, leaves the stream usable: the caller can still say 408, then
  // close.
  boost::asio::awaitable<bool> wait_readable();

  const std::optional<Protection>& protection() const;          // Nothing in plaintext
  const std::optional<Peer>& peer() const;                      // Proven by certificate
  const std::optional<LocalUser>& local_user() const;           // On local sockets
  const std::shared_ptr<const Generation>& generation() const;  // Null in plaintext
  const std::string& remote() const;
  boost::asio::any_io_executor executor();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ipm::tls
