#pragma once
// TLS over a wire, as a stream. One way in: a handshake that proved what the generation demands.
//
// OpenSSL works on the wire itself, without the pair of memory buffers that Asio's own TLS stream
// needs: an idle connection costs little more than its SSL object.

#include <memory>
#include <optional>

#include "net/transport.h"
#include "tls/generation.h"
#include "tls/peer.h"

namespace ipm::tls {

class Stream final : public net::Stream {
 public:
  // Takes the wire only where it does not throw.
  explicit Stream(std::unique_ptr<net::Transport>&& wire);
  ~Stream() override;

  // Server side. Throws Error{PeerRefused, PeerCertificateMissing, HandshakeFailed,
  // ConnectionTimedOut} after the alert has been sent; the message carries the peer's address, the
  // rule, the subject and the serial.
  boost::asio::awaitable<void> accept_tls(std::shared_ptr<const Generation> generation);

  // Client side: `expected` is checked by our own rules. SNI is sent for names, not for addresses.
  // In TLS 1.3 a server's refusal of our certificate arrives at the first read, which then throws
  // Error{PeerRefused, PeerCertificateMissing} with that in words.
  boost::asio::awaitable<void> connect_tls(std::shared_ptr<const Generation> generation,
                                           trust::ExpectedPeer expected);

  void expires_after(std::chrono::milliseconds wait) override;
  // An end without close_notify is an end too, and `truncated()` tells: harmless after a whole
  // message, an attack within one.
  boost::asio::awaitable<std::size_t> read_some(std::span<unsigned char> into) override;
  bool truncated() const;
  // In as few records as can be. A client whose write fails because the server refused it throws
  // that refusal, as read_some does, where it has arrived.
  boost::asio::awaitable<void> write(std::span<const unsigned char> bytes) override;
  boost::asio::awaitable<void> end_writing() override;  // close_notify, then the wire's end
  boost::asio::awaitable<void> close() override;
  void abort() noexcept override;
  bool has_pending() const override;
  boost::asio::awaitable<bool> wait_readable() override;
  const net::Remote& remote() const override;
  boost::asio::any_io_executor executor() override;

  const std::optional<Protection>& protection() const;          // Nothing before the handshake
  const std::optional<Peer>& peer() const;                      // Proven by certificate
  const std::shared_ptr<const Generation>& generation() const;  // Null before the handshake

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ipm::tls
