// What a peer sends without data in it: it gets its turn, and no more.
#include <gmock/gmock.h>

#include <boost/asio/write.hpp>
#include <csignal>

#include "library_peer.h"
#include "tls/wire_bio.h"

namespace ipm::tls::test {
namespace {

bool change_keys(LibraryPeer& peer, int times) {
  for (int i = 0; i < times; ++i) {
    ERR_clear_error();
    if (SSL_key_update(peer.ssl.get(), SSL_KEY_UPDATE_NOT_REQUESTED) != 1) return false;
    if (SSL_do_handshake(peer.ssl.get()) != 1) return false;
  }
  return true;
}

struct Flood : AgainstLibrary {
  Flood() { before_ = std::signal(SIGPIPE, SIG_IGN); }
  ~Flood() override { std::signal(SIGPIPE, before_); }
  void (*before_)(int);
};

TEST_F(Flood, OfKeyUpdatesEndsTheConnection) {
  const auto error = run_against(
      io,
      [&]() -> awaitable<void> {
        co_await accept();
        co_await read_exactly(stream, 4);
      },
      [&] {
        LibraryPeer peer(std::move(ends.there), false, "client");
        if (peer.handshake()) change_keys(peer, 20'000);
        peer.read();
      });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message(), Message::HandshakeFailed);
  EXPECT_THAT(error->happened(), testing::HasSubstr("192.0.2.7:40112"));
  EXPECT_THAT(error->happened(), testing::HasSubstr("again and again"));
}

TEST_F(Flood, IsNotWhatAPeerSendsThatChangesItsKeysNowAndThen) {
  std::string received;
  const auto error = run_against(
      io,
      [&]() -> awaitable<void> {
        co_await accept();
        received = co_await read_exactly(stream, 40);
        co_await stream.write(bytes_of("done"));
        co_await stream.close();
      },
      [&] {
        LibraryPeer peer(std::move(ends.there), false, "client");
        if (!peer.handshake()) return;
        for (int i = 0; i < 10; ++i) {
          if (!change_keys(peer, static_cast<int>(kKeyUpdatesMax) - 2) || !peer.write("ping"))
            return;
        }
        peer.read();
      });
  EXPECT_FALSE(error) << error->what();
  EXPECT_EQ(received.size(), 40U);
}

TEST(WireBio, HandsOutNoMoreThanItsBudgetBetweenTwoTurns) {
  asio::io_context io{1};
  auto ends = connect_ends(io);
  const auto wire = net::make_transport(std::move(ends.here), "peer");
  asio::write(ends.there, asio::buffer(std::string(400'000, 'x')));
  WireEnd end{.wire = *wire};
  const auto bio = make_wire_bio(end);
  std::vector<char> into(10'000);
  std::size_t total = 0;
  std::size_t got = 0;
  while (BIO_read_ex(bio.get(), into.data(), into.size(), &got) == 1) {
    total += got;
    ASSERT_LE(total, kReadBudgetBytes);
  }
  EXPECT_EQ(total, kReadBudgetBytes);
  EXPECT_TRUE(BIO_should_retry(bio.get()));
  EXPECT_TRUE(end.paused);
  EXPECT_FALSE(end.ended);
  end.budget = kReadBudgetBytes;
  EXPECT_EQ(BIO_read_ex(bio.get(), into.data(), into.size(), &got), 1);
}

}  // namespace
}  // namespace ipm::tls::test
