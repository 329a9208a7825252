#pragma once
// The wire under a stream: a TCP connection, a local socket, or a simulation's pair of buffers. Its
// bytes are the peer's, as they are.
//
// Beside what every stream offers it can be asked without waiting. TLS works on that directly, with
// no buffer between: an idle connection costs little more than its SSL object.

#include <memory>
#include <optional>
#include <system_error>

#include "base/error.h"
#include "net/stream.h"
#include "os/clock.h"
#include "os/socket.h"

namespace ipm::net {

class Transport : public Stream {
 public:
  enum class Direction { Read, Write };

  // --- What each kind of wire provides ---

  // The bytes moved. With `failure` errc::operation_would_block, wait() first; without failure, 0
  // bytes received are the peer's end. peek() leaves them where they are.
  virtual std::size_t receive(std::span<unsigned char> into, std::error_code& failure) noexcept = 0;
  virtual std::size_t peek(std::span<unsigned char> into, std::error_code& failure) noexcept = 0;
  virtual std::size_t send(std::span<const unsigned char> bytes,
                           std::error_code& failure) noexcept = 0;
  // Waits under the deadline until it is ready, or the peer has ended; false when the deadline
  // passed, or it was closed. It stays open.
  virtual boost::asio::awaitable<bool> wait(Direction direction) = 0;
  virtual bool is_open() const = 0;
  virtual bool has_expired() const = 0;  // the deadline has passed
  virtual os::SteadyClock::time_point deadline() const = 0;
  // The peer reads an orderly end after what was sent.
  virtual void end_sending() noexcept = 0;
  // What the system knows of the connection; nothing where it is none of TCP.
  virtual std::optional<os::TcpFacts> tcp_facts() const = 0;

  // --- What follows from it ---

  // wait(), but closes and throws Error{ConnectionTimedOut, ConnectionFailed}.
  boost::asio::awaitable<void> wait_for(Direction direction);
  // The first byte that the peer sends, left in the stream; nothing when it closes without one.
  boost::asio::awaitable<std::optional<unsigned char>> first_byte();

  boost::asio::awaitable<std::size_t> read_some(std::span<unsigned char> into) override;
  boost::asio::awaitable<void> write(std::span<const unsigned char> bytes) override;
  boost::asio::awaitable<void> end_writing() override;
  boost::asio::awaitable<void> close() override;
  bool has_pending() const override { return false; }
  boost::asio::awaitable<bool> wait_readable() override;

  Error broken(const std::error_code& failure) const;  // Error{ConnectionFailed}
  Error timed_out() const;                             // Error{ConnectionTimedOut}
};

}  // namespace ipm::net
