#pragma once
// What tests of streams share: two ends of a loopback connection, and walks that run together on one
// thread.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <exception>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "net/socket_transport.h"

namespace ipm::test {

namespace asio = boost::asio;
using asio::awaitable;

inline std::span<const unsigned char> bytes_of(const std::string& text) {
  const void* const start = text.data();
  return {static_cast<const unsigned char*>(start), text.size()};
}

// A connected pair on the loopback interface: one for a Stream, one for whoever plays the peer.
struct Ends {
  asio::ip::tcp::socket here;
  asio::ip::tcp::socket there;
};
inline Ends connect_ends(asio::io_context& io) {
  asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  asio::ip::tcp::socket there(io);
  there.connect(acceptor.local_endpoint());
  return {acceptor.accept(), std::move(there)};
}

// One walk under way: whether it has ended, and what it threw.
struct Walk {
  bool ended = false;
  std::exception_ptr failure;
};

template <class Work>
void start(asio::io_context& io, Work work, Walk& walk) {
  asio::co_spawn(io, std::move(work),
                 [&walk](std::exception_ptr thrown) { walk = {true, std::move(thrown)}; });
}

// Runs until the walk has ended: deadlines of streams that live on are not waited for.
inline void run_to_end(asio::io_context& io, const Walk& walk) {
  io.restart();
  while (!walk.ended) io.run_one();
}

inline std::optional<Error> error_of(const std::exception_ptr& failure) {
  if (!failure) return std::nullopt;
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return error;
  }
}

// Runs the walks together on one thread, to the end of all; rethrows what one of them throws.
template <class... Works>
void run_all(asio::io_context& io, Works... works) {
  std::vector<Walk> walks(sizeof...(works));
  std::size_t next = 0;
  (start(io, std::move(works), walks[next++]), ...);
  for (const auto& walk : walks) run_to_end(io, walk);
  for (const auto& walk : walks) {
    if (walk.failure) std::rethrow_exception(walk.failure);
  }
}

// The Error that `work` ends with; fails the test when it ends without one.
template <class Work>
Error run_to_error(asio::io_context& io, Work work) {
  Walk walk;
  start(io, std::move(work), walk);
  run_to_end(io, walk);
  if (!walk.failure) throw std::runtime_error("the walk ended without an error");
  return *error_of(walk.failure);
}

inline awaitable<std::string> read_exactly(net::Stream& stream, std::size_t size) {
  std::string text(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    void* const at = text.data() + done;
    const auto count = co_await stream.read_some({static_cast<unsigned char*>(at), size - done});
    if (count == 0) break;
    done += count;
  }
  text.resize(done);
  co_return text;
}

// Both sides of one connection, both ours: what each found out.

}  // namespace ipm::test
