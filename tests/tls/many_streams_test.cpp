// Many handshakes at once, and streams under load.
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "support.h"

namespace ipm::tls::test {
namespace {

using namespace std::chrono_literals;

TEST(ManyHandshakes, FiveHundredStalledOnesDelayNobody) {
  asio::io_context io{1};
  const auto generation = build(server_sources());
  const auto client = build(client_sources());
  std::vector<std::unique_ptr<Stream>> stalled;
  std::vector<asio::ip::tcp::socket> silent;
  std::vector<Walk> walks(500);
  for (auto& walk : walks) {
    auto ends = connect_ends(io);
    asio::write(ends.there, asio::buffer("\x16\x03\x01\x02\x00\x01\x00", 7));
    silent.push_back(std::move(ends.there));
    stalled.push_back(
        std::make_unique<Stream>(net::make_transport(std::move(ends.here), "stalled")));
    start(
        io,
        [&generation, stream = stalled.back().get()]() -> awaitable<void> {
          stream->expires_after(60s);
          co_await stream->accept_tls(generation);
        },
        walk);
  }
  while (io.poll_one() > 0) {
  }
  const auto begun = std::chrono::steady_clock::now();
  auto ends = connect_ends(io);
  Stream server_stream(net::make_transport(std::move(ends.here), "client"));
  Stream client_stream(net::make_transport(std::move(ends.there), "server"));
  run_all(
      io, [&]() -> awaitable<void> { co_await server_stream.accept_tls(generation); },
      [&]() -> awaitable<void> { co_await client_stream.connect_tls(client, expect_name()); });
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
  for (auto& stream : stalled) stream->abort();
  for (const auto& walk : walks) {
    run_to_end(io, walk);
    EXPECT_TRUE(walk.failure);
  }
}

TEST(LargeTransfer, ArrivesWholeInBothDirectionsAtOnce) {
  asio::io_context io{1};
  const auto generation = build(server_sources());
  const auto client = build(client_sources());
  auto ends = connect_ends(io);
  Stream server_stream(net::make_transport(std::move(ends.here), "client"));
  Stream client_stream(net::make_transport(std::move(ends.there), "server"));
  std::string document(8U << 20U, '\0');
  for (std::size_t i = 0; i < document.size(); ++i) {
    document[i] = static_cast<char>(i * 2654435761U >> 13U);
  }
  std::string up;
  std::string down;
  run_all(
      io,
      [&]() -> awaitable<void> {
        co_await server_stream.accept_tls(generation);
        co_await server_stream.write(bytes_of(document));
      },
      [&]() -> awaitable<void> {
        co_await client_stream.connect_tls(client, expect_name());
        co_await client_stream.write(bytes_of(document));
      },
      [&]() -> awaitable<void> {
        while (!server_stream.protection() || !client_stream.protection()) {
          asio::steady_timer timer(io, 1ms);
          co_await timer.async_wait(asio::use_awaitable);
        }
        up = co_await read_exactly(server_stream, document.size());
      },
      [&]() -> awaitable<void> {
        while (!server_stream.protection() || !client_stream.protection()) {
          asio::steady_timer timer(io, 1ms);
          co_await timer.async_wait(asio::use_awaitable);
        }
        down = co_await read_exactly(client_stream, document.size());
      });
  EXPECT_TRUE(up == document);
  EXPECT_TRUE(down == document);
}

}  // namespace
}  // namespace ipm::tls::test
