// Handshakes with servers that we dial, and what else goes over such a connection.
#include <gmock/gmock.h>

#include <boost/asio/write.hpp>

#include "library_peer.h"

namespace ipm::tls::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

struct Dialling : AgainstLibrary {
  std::shared_ptr<const Generation> dialler = build(client_sources());

  awaitable<void> connect() {
    stream.expires_after(10s);
    co_await stream.connect_tls(dialler, expect_name());
  }
};

TEST_F(Dialling, APlaintextServerIsCalledThat) {
  const std::string answer = "HTTP/1.1 400 Bad Request\r\n\r\n";
  asio::write(ends.there, asio::buffer(answer));
  const Error error = run_to_error(io, [&] { return connect(); });
  EXPECT_EQ(error.message(), Message::HandshakeFailed);
  EXPECT_THAT(error.happened(), HasSubstr("plaintext"));
}

TEST_F(Dialling, SniCarriesTheName) {
  const auto error = run_against(
      io, [&] { return connect(); },
      [&] {
        LibraryPeer peer(std::move(ends.there), true, "server");
        EXPECT_TRUE(peer.handshake()) << peer.failure;
        EXPECT_STREQ(SSL_get_servername(peer.ssl.get(), TLSEXT_NAMETYPE_host_name),
                     "ipmsrv.example.com");
      });
  EXPECT_FALSE(error) << error->what();
}

TEST_F(Dialling, SniNeverCarriesAnAddress) {
  const auto error = run_against(
      io,
      [&]() -> awaitable<void> {
        stream.expires_after(10s);
        co_await stream.connect_tls(dialler, pki::IpAddress::parse("127.0.0.1"));
      },
      [&] {
        LibraryPeer peer(std::move(ends.there), true, "server");
        EXPECT_TRUE(peer.handshake()) << peer.failure;
        EXPECT_EQ(SSL_get_servername(peer.ssl.get(), TLSEXT_NAMETYPE_host_name), nullptr);
      });
  EXPECT_FALSE(error) << error->what();
}

TEST_F(Dialling, AServerOfAnOldVersionIsRefused) {
  const auto error = run_against(
      io, [&] { return connect(); },
      [&] {
        LibraryPeer peer(std::move(ends.there), true, "server");
        offer(peer, {.version_min = TLS1_VERSION, .version_max = TLS1_1_VERSION});
        EXPECT_FALSE(peer.handshake());
      });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message(), Message::HandshakeFailed);
}

TEST_F(Dialling, ARefusalIsHeardEvenWhileTheDocumentIsStillGoing) {
  // The server refuses our certificate and is gone; the client is writing.
  dialler = build(client_sources("client-other-ca"));
  Stream server_stream(net::make_transport(std::move(ends.there), "client"));
  Walk refused;
  Walk heard;
  start(
      io,
      [&]() -> awaitable<void> {
        server_stream.expires_after(10s);
        co_await server_stream.accept_tls(generation);
      },
      refused);
  start(
      io,
      [&]() -> awaitable<void> {
        co_await connect();
        const std::string document(64U << 20U, 'x');
        co_await stream.write(bytes_of(document));
      },
      heard);
  run_to_end(io, refused);
  run_to_end(io, heard);
  ASSERT_TRUE(refused.failure);
  ASSERT_TRUE(heard.failure);
  EXPECT_EQ(error_of(refused.failure)->message(), Message::PeerRefused);
  const Error error = *error_of(heard.failure);
  EXPECT_EQ(error.message(), Message::PeerRefused) << error.what();
  EXPECT_THAT(error.what(), HasSubstr("unknown_ca"));
}

}  // namespace
}  // namespace ipm::tls::test
