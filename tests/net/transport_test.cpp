// A connected socket as a transport: bytes, ends, waits and deadlines.
#include "net/socket_transport.h"

#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <csignal>

#include <gmock/gmock.h>

#include "walks.h"

namespace ipm::net {
namespace {

using namespace ipm::test;

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

struct TransportTest : testing::Test {
  asio::io_context io{1};
  Ends ends = connect_ends(io);
  asio::ip::tcp::socket peer = std::move(ends.there);
  std::unique_ptr<Transport> wire = make_transport(std::move(ends.here), "192.0.2.7:40112");
  Transport& stream = *wire;

  void peer_sends(std::string_view text) { asio::write(peer, asio::buffer(text)); }
  awaitable<void> pause(std::chrono::milliseconds time) {
    asio::steady_timer timer(io, time);
    co_await timer.async_wait(asio::use_awaitable);
  }
  // A megabyte beyond what the kernel buffers: a write of it has to wait for its reader.
  static std::string large() { return std::string(32U << 20U, 'x'); }
};

TEST_F(TransportTest, FirstByteIsLeftInTheStream) {
  peer_sends("POST");
  run_all(io, [&]() -> awaitable<void> {
    const auto first = co_await stream.first_byte();
    EXPECT_EQ(first, 'P');
    const auto all = co_await read_exactly(stream, 4);
    EXPECT_EQ(all, "POST");
  });
}

TEST_F(TransportTest, S17_FirstByteMayComeHoweverSlowly) {
  run_all(
      io,
      [&]() -> awaitable<void> {
        stream.expires_after(10s);
        const auto first = co_await stream.first_byte();
        EXPECT_EQ(first, 0x16);
      },
      [&]() -> awaitable<void> {
        co_await pause(60ms);
        peer_sends("\x16");
      });
}

TEST_F(TransportTest, NoFirstByteWhenThePeerClosesWithoutOne) {
  peer.close();
  run_all(io, [&]() -> awaitable<void> {
    const auto first = co_await stream.first_byte();
    EXPECT_EQ(first, std::nullopt);
  });
}

TEST_F(TransportTest, SilenceEndsAtTheDeadline) {
  const auto begun = Steady::now();
  const Error error = run_to_error(io, [&]() -> awaitable<void> {
    stream.expires_after(50ms);
    co_await stream.first_byte();
  });
  EXPECT_EQ(error.message(), Message::ConnectionTimedOut);
  EXPECT_THAT(error.happened(), testing::HasSubstr("192.0.2.7:40112"));
  EXPECT_GE(Steady::now() - begun, 50ms);
  EXPECT_LT(Steady::now() - begun, 5s);
  char byte = 0;
  boost::system::error_code end;
  peer.read_some(asio::buffer(&byte, 1), end);
  EXPECT_EQ(end, asio::error::eof) << "the socket is closed";
}

TEST_F(TransportTest, EachReadIsUnderTheDeadlineSetLast) {
  run_all(
      io,
      [&]() -> awaitable<void> {
        for (int i = 0; i < 4; ++i) {
          stream.expires_after(600ms);  // four waits of 200 ms: longer than one deadline together
          const auto text = co_await read_exactly(stream, 1);
          EXPECT_EQ(text, "x");
        }
      },
      [&]() -> awaitable<void> {
        for (int i = 0; i < 4; ++i) {
          co_await pause(200ms);
          peer_sends("x");
        }
      });
}

TEST_F(TransportTest, AnEarlierDeadlineReplacesALaterOneEvenWhileWaiting) {
  const auto begun = Steady::now();
  Walk walk;
  start(
      io,
      [&]() -> awaitable<void> {
        stream.expires_after(60s);
        co_await read_exactly(stream, 1);
      },
      walk);
  run_all(io, [&]() -> awaitable<void> {
    co_await pause(10ms);
    stream.expires_after(30ms);
  });
  run_to_end(io, walk);
  ASSERT_TRUE(walk.failure);
  EXPECT_EQ(error_of(walk.failure)->message(), Message::ConnectionTimedOut);
  EXPECT_LT(Steady::now() - begun, 10s);
}

TEST_F(TransportTest, NoTimeIsSpentWhereNothingIsWaitedFor) {
  peer_sends("abc");
  run_all(io, [&]() -> awaitable<void> {
    co_await pause(5ms);
    stream.expires_after(0ms);  // has passed, but the bytes are there
    const auto text = co_await read_exactly(stream, 3);
    EXPECT_EQ(text, "abc");
  });
}

TEST_F(TransportTest, IdleWaitEndsAtTheDeadlineAndLeavesTheStreamUsable) {
  run_all(io, [&]() -> awaitable<void> {
    stream.expires_after(30ms);
    const bool readable = co_await stream.wait_readable();
    EXPECT_FALSE(readable);
    stream.expires_after(5s);
    co_await stream.write(bytes_of("HTTP/1.1 408"));
    co_await stream.close();
  });
  std::string text(12, '\0');
  asio::read(peer, asio::buffer(text));
  EXPECT_EQ(text, "HTTP/1.1 408");
}

TEST_F(TransportTest, IdleWaitEndsWhenBytesCome) {
  run_all(
      io,
      [&]() -> awaitable<void> {
        stream.expires_after(10s);
        const bool readable = co_await stream.wait_readable();
        EXPECT_TRUE(readable);
        const auto text = co_await read_exactly(stream, 1);
        EXPECT_EQ(text, "x");
      },
      [&]() -> awaitable<void> {
        co_await pause(20ms);
        peer_sends("x");
      });
}

TEST_F(TransportTest, AbortWakesWhoWaits) {
  Walk walk;
  start(io, [&]() -> awaitable<void> { co_await stream.first_byte(); }, walk);
  run_all(io, [&]() -> awaitable<void> {
    co_await pause(10ms);
    stream.abort();
  });
  run_to_end(io, walk);
  ASSERT_TRUE(walk.failure);
  EXPECT_EQ(error_of(walk.failure)->message(), Message::ConnectionFailed);
}

TEST_F(TransportTest, AfterAbortEverythingFailsAndNothingHangs) {
  stream.abort();
  stream.abort();
  const auto read = [&]() -> awaitable<void> { co_await read_exactly(stream, 1); };
  const auto write = [&]() -> awaitable<void> { co_await stream.write(bytes_of("x")); };
  EXPECT_EQ(run_to_error(io, read).message(), Message::ConnectionFailed);
  EXPECT_EQ(run_to_error(io, write).message(), Message::ConnectionFailed);
  run_all(io, [&]() -> awaitable<void> {
    const bool readable = co_await stream.wait_readable();
    EXPECT_FALSE(readable);
    co_await stream.close();
  });
}

TEST_F(TransportTest, ReadAndWriteGoOnTogether) {
  const std::string big = large();
  run_all(
      io, [&]() -> awaitable<void> { co_await stream.write(bytes_of(big)); },
      [&]() -> awaitable<void> {
        const auto answer = co_await read_exactly(stream, 3);
        EXPECT_EQ(answer, "413");
        std::string rest(big.size(), '\0');
        co_await asio::async_read(peer, asio::buffer(rest), asio::use_awaitable);
        EXPECT_EQ(rest, big);
      },
      [&]() -> awaitable<void> {
        co_await pause(20ms);
        peer_sends("413");
      });
}

TEST_F(TransportTest, AWriteThatNobodyReadsEndsAtTheDeadline) {
  const std::string big = large();
  const Error error = run_to_error(io, [&]() -> awaitable<void> {
    stream.expires_after(50ms);
    co_await stream.write(bytes_of(big));
  });
  EXPECT_EQ(error.message(), Message::ConnectionTimedOut);
}

TEST_F(TransportTest, WritingToAPeerThatHasGoneThrowsAndRaisesNoSignal) {
  const auto before = std::signal(SIGPIPE, SIG_DFL);
  peer.set_option(asio::socket_base::linger(true, 0));
  peer.close();  // resets the connection
  const Error error = run_to_error(io, [&]() -> awaitable<void> {
    co_await pause(10ms);
    for (int i = 0; i < 3; ++i) co_await stream.write(bytes_of("x"));
  });
  std::signal(SIGPIPE, before);
  EXPECT_EQ(error.message(), Message::ConnectionFailed);
}

TEST_F(TransportTest, TheEndIsZeroBytes) {
  peer_sends("last");
  peer.shutdown(asio::socket_base::shutdown_send);
  run_all(io, [&]() -> awaitable<void> {
    const auto text = co_await read_exactly(stream, 100);
    EXPECT_EQ(text, "last");
  });
}

TEST_F(TransportTest, TellsWhoIsThereOverTcp) {
  EXPECT_FALSE(stream.remote().local_user);
  ASSERT_TRUE(stream.remote().address);
  EXPECT_TRUE(stream.remote().address->is_loopback());
  EXPECT_EQ(stream.remote().text, "192.0.2.7:40112") << "the name that was given";
  ASSERT_TRUE(stream.tcp_facts());
  stream.abort();
  EXPECT_FALSE(stream.tcp_facts());
}

TEST_F(TransportTest, WithoutANameTheAddressIsIt) {
  const auto other = make_transport(std::move(peer));
  EXPECT_TRUE(other->remote().text.starts_with("127.0.0.1:")) << other->remote().text;
}

TEST(LocalTransport, KnowsTheUserAtTheOtherEnd) {
  asio::io_context io{1};
  asio::local::stream_protocol::socket here(io);
  asio::local::stream_protocol::socket there(io);
  asio::local::connect_pair(here, there);
  const auto wire = make_transport(std::move(here));
  const auto& user = wire->remote().local_user;
  ASSERT_TRUE(user);
  EXPECT_EQ(user->uid, os::own_user());
  EXPECT_FALSE(user->name.empty());
  EXPECT_EQ(wire->remote().text, "local user " + user->name);
  EXPECT_FALSE(wire->remote().address);
}

TEST(TransportLife, ATimerThatFiresAfterTheStreamHasGoneDoesNothing) {
  asio::io_context io{1};
  {
    auto ends = connect_ends(io);
    const auto wire = make_transport(std::move(ends.here), "gone");
    Transport& stream = *wire;
    run_all(
        io,
        [&]() -> awaitable<void> {
          stream.expires_after(30ms);
          co_await read_exactly(stream, 1);
        },
        [&]() -> awaitable<void> {
          co_await asio::async_write(ends.there, asio::buffer("x", 1), asio::use_awaitable);
        });
  }
  io.restart();
  io.run();  // under AddressSanitizer: nobody touches the socket that was
}

}  // namespace
}  // namespace ipm::net
