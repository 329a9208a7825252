#include "net/transport.h"

#include <fmt/format.h>

#include <array>

#include "os/error.h"

namespace ipm::net {
namespace asio = boost::asio;
namespace {

const std::error_code kAborted = std::make_error_code(std::errc::connection_aborted);

bool must_wait(const std::error_code& failure) {
  return failure == std::errc::operation_would_block;
}

}  // namespace

Error Transport::broken(const std::error_code& failure) const {
  return Error(Message::ConnectionFailed,
               fmt::format("the connection with {} broke: {}", remote().text, os::text_of(failure)),
               "a connection that lasts to the end of the message");
}

Error Transport::timed_out() const {
  return Error(Message::ConnectionTimedOut,
               fmt::format("{} was silent for too long", remote().text),
               "the next bytes before the deadline");
}

asio::awaitable<void> Transport::wait_for(Direction direction) {
  const bool ready = co_await wait(direction);
  if (ready) co_return;
  const bool late = is_open() && has_expired();
  abort();
  if (late) throw timed_out();
  throw broken(kAborted);
}

asio::awaitable<std::optional<unsigned char>> Transport::first_byte() {
  for (;;) {
    if (!is_open()) throw broken(kAborted);
    std::array<unsigned char, 1> byte{};
    std::error_code failure;
    const std::size_t count = peek(byte, failure);
    if (count == 1) co_return byte.front();
    if (!failure) co_return std::nullopt;
    if (!must_wait(failure)) throw broken(failure);
    co_await wait_for(Direction::Read);
  }
}

asio::awaitable<std::size_t> Transport::read_some(std::span<unsigned char> into) {
  for (;;) {
    if (!is_open()) throw broken(kAborted);
    std::error_code failure;
    const std::size_t count = receive(into, failure);
    if (!failure) co_return count;
    if (!must_wait(failure)) throw broken(failure);
    co_await wait_for(Direction::Read);
  }
}

asio::awaitable<void> Transport::write(std::span<const unsigned char> bytes) {
  while (!bytes.empty()) {
    if (!is_open()) throw broken(kAborted);
    std::error_code failure;
    const std::size_t count = send(bytes, failure);
    if (!failure) {
      bytes = bytes.subspan(count);
    } else if (must_wait(failure)) {
      co_await wait_for(Direction::Write);
    } else {
      throw broken(failure);
    }
  }
}

asio::awaitable<void> Transport::end_writing() {
  if (is_open()) end_sending();
  co_return;
}

asio::awaitable<void> Transport::close() {
  co_await end_writing();
  abort();
}

asio::awaitable<bool> Transport::wait_readable() {
  if (!is_open()) co_return false;
  co_return co_await wait(Direction::Read);
}

}  // namespace ipm::net
