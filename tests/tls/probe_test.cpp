// Looking at what a server presents.
#include "tls/probe.h"

#include <gmock/gmock.h>

#include <boost/asio/write.hpp>

#include "library_peer.h"

namespace ipm::tls::test {
namespace {

using namespace std::chrono_literals;

struct ProbeTest : testing::Test {
  asio::io_context io{1};
  asio::ip::tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
  std::uint16_t port = acceptor.local_endpoint().port();

  // Serves one connection with `stem`, whatever becomes of it.
  std::future<void> serve(const std::string& stem, bool asks) {
    return std::async(std::launch::async, [this, stem, asks] {
      LibraryPeer peer(acceptor.accept(), true, stem);
      if (asks) {
        SSL_CTX_set_verify(peer.context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                           nullptr);
      }
      peer.handshake();
    });
  }
  Error failure(std::chrono::milliseconds wait = 10s) {
    try {
      fetch_chain("127.0.0.1", port, wait);
    } catch (const Error& error) {
      return error;
    }
    throw std::runtime_error("something was fetched");
  }
};

TEST_F(ProbeTest, TellsTheWholeChain) {
  const auto served = serve("server-sub", false);
  const auto probe = fetch_chain("127.0.0.1", port);
  ASSERT_EQ(probe.chain.size(), 2U);
  EXPECT_EQ(probe.chain[0].subject(), "CN = ipmsrv.example.com");
  EXPECT_EQ(probe.protocol, "TLSv1.3");
  EXPECT_FALSE(probe.asks_for_client_certificate);
}

TEST_F(ProbeTest, ABadCertificateIsTheOneToLookAt) {
  const auto served = serve("server-expired", false);
  EXPECT_EQ(fetch_chain("127.0.0.1", port).chain.size(), 1U);
}

TEST_F(ProbeTest, NoticesThatAClientCertificateIsWanted) {
  const auto served = serve("server", true);
  EXPECT_TRUE(fetch_chain("127.0.0.1", port).asks_for_client_certificate);
}

TEST_F(ProbeTest, ASilentServerEndsAtTheDeadline) {
  EXPECT_EQ(failure(60ms).message(), Message::ConnectionTimedOut);
}

TEST_F(ProbeTest, APlaintextServerIsNoTlsServer) {
  auto served = std::async(std::launch::async, [this] {
    auto socket = acceptor.accept();
    asio::write(socket, asio::buffer("HTTP/1.1 400 Bad Request\r\n\r\n", 28));
    std::array<char, 2000> hello;
    boost::system::error_code ignored;
    while (!ignored) socket.read_some(asio::buffer(hello), ignored);
  });
  EXPECT_EQ(failure().message(), Message::HandshakeFailed);
}

TEST_F(ProbeTest, NobodyListening) {
  acceptor.close();
  EXPECT_EQ(failure().message(), Message::ConnectionFailed);
}

}  // namespace
}  // namespace ipm::tls::test
