#pragma once
// A byte stream to a peer, as protocols see it: over a wire (net::Transport) or protected on top of
// one (tls::Stream).
//
// A stream lives on one thread, the one of its executor. Every wait is under the deadline set last:
// when it passes, the stream is closed and the operation throws Error{ConnectionTimedOut}. One read
// and one write may be under way together; the deadline is then one for both. The stream outlives
// its pending operations. What else goes wrong throws Error{ConnectionFailed}.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "os/user.h"

namespace ipm::net {

// Who is at the other end, as the system tells.
struct Remote {
  std::string text;                                 // "192.0.2.7:40112", "local user alice"
  std::optional<boost::asio::ip::address> address;  // of a TCP connection
  std::optional<os::LocalUser> local_user;          // of a local socket
};

class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  // From now on, until it is called again. Cheap: a timer is touched only when an operation has to
  // wait.
  virtual void expires_after(std::chrono::milliseconds wait) = 0;

  // At least one byte; 0 at the end.
  virtual boost::asio::awaitable<std::size_t> read_some(std::span<unsigned char> into) = 0;
  // All of it, in order.
  virtual boost::asio::awaitable<void> write(std::span<const unsigned char> bytes) = 0;

  // Nothing more will be written: the peer sees the end, reading goes on. Never throws.
  virtual boost::asio::awaitable<void> end_writing() = 0;
  // Says goodbye, under a short deadline of its own, and closes. Never throws.
  virtual boost::asio::awaitable<void> close() = 0;
  // Closes at once; pending operations throw. On the stream's own thread.
  virtual void abort() noexcept = 0;

  // Whether bytes are waiting that no event of the wire will announce.
  virtual bool has_pending() const = 0;
  // Waits until the peer sends something or closes, holding as little memory as can be; false when
  // the deadline passed or the stream was aborted. A deadline that passes here, and here alone,
  // leaves the stream usable: the caller can still say 408, then close.
  virtual boost::asio::awaitable<bool> wait_readable() = 0;

  virtual const Remote& remote() const = 0;
  virtual boost::asio::any_io_executor executor() = 0;
};

}  // namespace ipm::net
