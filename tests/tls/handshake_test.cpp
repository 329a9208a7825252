// Handshakes that succeed, what they negotiate, and those that fail for reasons of the protocol.
#include <gmock/gmock.h>

#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "library_peer.h"

namespace ipm::tls::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(Handshake, S1_BothSidesAreProvenUnderMutualAuthentication) {
  const auto meeting = meet(build(server_sources()), build(client_sources()));
  ASSERT_FALSE(meeting.server_error) << meeting.server_error->what();
  ASSERT_FALSE(meeting.client_error) << meeting.client_error->what();
  ASSERT_TRUE(meeting.server_saw);
  EXPECT_EQ(meeting.server_saw->name, "ipmclient.example.com");
  ASSERT_TRUE(meeting.client_saw);
  EXPECT_EQ(meeting.client_saw->name, "ipmsrv.example.com");
  EXPECT_EQ(meeting.protection->protocol, "TLSv1.3");
  EXPECT_EQ(meeting.protection->cipher, "TLS_AES_128_GCM_SHA256");
  EXPECT_THAT(meeting.protection->group, HasSubstr("X25519"));
  EXPECT_FALSE(meeting.protection->resumed);
}

TEST(Handshake, WithoutMutualAuthenticationNoCertificateIsAskedFor) {
  const auto meeting = meet(build(server_sources(false)), build(client_sources()));
  EXPECT_FALSE(meeting.server_error);
  EXPECT_FALSE(meeting.client_error);
  EXPECT_FALSE(meeting.server_saw);
  EXPECT_TRUE(meeting.client_saw);
  EXPECT_TRUE(meeting.protection);
}

TEST(Handshake, ServersAreExpectedByAddressToo) {
  const auto server = build(server_sources());
  const auto client = build(client_sources());
  EXPECT_FALSE(meet(server, client, pki::IpAddress::parse("127.0.0.1")).client_error);
  const auto meeting = meet(server, client, pki::IpAddress::parse("127.0.0.2"));
  ASSERT_TRUE(meeting.client_error);
  EXPECT_EQ(meeting.client_error->message(), Message::PeerRefused);
  EXPECT_THAT(meeting.client_error->what(), HasSubstr("127.0.0.2"));
}

TEST_F(AgainstLibrary, Tls12WithAnAeadSuiteIsServed) {
  const auto error = run_against(
      io, [&] { return accept_and_answer(); },
      [&] {
        LibraryPeer peer(std::move(ends.there), false, "client");
        offer(peer, {.version_max = TLS1_2_VERSION});
        EXPECT_TRUE(peer.handshake()) << peer.failure;
        EXPECT_TRUE(peer.write("ping"));
        EXPECT_EQ(peer.read(), "ping");
        EXPECT_EQ(SSL_get_secure_renegotiation_support(peer.ssl.get()), 1);
        EXPECT_EQ(SSL_get_current_compression(peer.ssl.get()), nullptr);
      });
  EXPECT_FALSE(error) << error->what();
  EXPECT_EQ(stream.protection()->protocol, "TLSv1.2");
  EXPECT_EQ(stream.peer()->name, "ipmclient.example.com");
}

TEST_F(AgainstLibrary, OldVersionsAreRefusedInWords) {
  const auto error = run_against(
      io, [&] { return accept(); },
      [&] {
        LibraryPeer peer(std::move(ends.there), false, "client");
        offer(peer, {.version_min = TLS1_VERSION, .version_max = TLS1_1_VERSION});
        EXPECT_FALSE(peer.handshake());
        EXPECT_EQ(peer.alert(), SSL_AD_PROTOCOL_VERSION);
      });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message(), Message::HandshakeFailed);
  EXPECT_THAT(error->happened(), HasSubstr("192.0.2.7:40112 offers no version of TLS"));
}

TEST_F(AgainstLibrary, SuitesWithoutAeadOrEphemeralKeysAreRefused) {
  generation = build(server_sources(true, "server-rsa"));  // a key that all of them could use
  const auto error = run_against(
      io, [&] { return accept(); },
      [&] {
        LibraryPeer peer(std::move(ends.there), false, "client");
        offer(peer, {.version_max = TLS1_2_VERSION,
                     .suites12 = "AES128-GCM-SHA256:ECDHE-RSA-AES128-SHA256:AES256-SHA"});
        EXPECT_FALSE(peer.handshake());
        EXPECT_EQ(peer.alert(), SSL_AD_HANDSHAKE_FAILURE);
      });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->happened(), HasSubstr("no cipher suite"));
}

TEST_F(AgainstLibrary, OtherGroupsAreRefused) {
  const auto error = run_against(
      io, [&] { return accept(); },
      [&] {
        LibraryPeer peer(std::move(ends.there), false, "client");
        offer(peer, {.version_min = TLS1_3_VERSION, .groups = "X448"});
        EXPECT_FALSE(peer.handshake());
      });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->happened(), HasSubstr("no group"));
}

TEST_F(AgainstLibrary, P256IsTakenWhereX25519IsNotOffered) {
  const auto error = run_against(
      io, [&] { return accept_and_answer(); },
      [&] {
        LibraryPeer peer(std::move(ends.there), false, "client");
        offer(peer, {.groups = "X448:P-256"});
        EXPECT_TRUE(peer.handshake()) << peer.failure;
        EXPECT_TRUE(peer.write("ping"));
        EXPECT_EQ(peer.read(), "ping");
      });
  EXPECT_FALSE(error) << error->what();
  EXPECT_EQ(stream.protection()->group, "P-256");
}

TEST_F(AgainstLibrary, AlpnIsHttp11OrNothing) {
  const auto error = run_against(
      io, [&] { return accept_and_answer(); },
      [&] {
        LibraryPeer peer(std::move(ends.there), false, "client");
        const std::string protocols = "\x02h2\x08http/1.1";
        SSL_CTX_set_alpn_protos(peer.context.get(), bytes_of(protocols).data(),
                                static_cast<unsigned>(protocols.size()));
        EXPECT_TRUE(peer.handshake()) << peer.failure;
        const unsigned char* chosen = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(peer.ssl.get(), &chosen, &size);
        EXPECT_EQ(std::string(chosen, chosen + size), "http/1.1");
        EXPECT_TRUE(peer.write("ping"));
        EXPECT_EQ(peer.read(), "ping");
      });
  EXPECT_FALSE(error) << error->what();
}

TEST_F(AgainstLibrary, AClientThatSpeaksOnlyOtherProtocolsIsToldSo) {
  const auto error = run_against(
      io, [&] { return accept(); },
      [&] {
        LibraryPeer peer(std::move(ends.there), false, "client");
        const std::string protocols = "\x02h2\x04smtp";
        SSL_CTX_set_alpn_protos(peer.context.get(), bytes_of(protocols).data(),
                                static_cast<unsigned>(protocols.size()));
        EXPECT_FALSE(peer.handshake());
        EXPECT_EQ(peer.alert(), SSL_AD_NO_APPLICATION_PROTOCOL);
      });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->happened(), HasSubstr("no protocol that is spoken here"));
}

TEST_F(AgainstLibrary, RenegotiationIsRefusedAndTheConnectionStaysWhole) {
  const auto error = run_against(
      io, [&] { return accept_and_answer(); },
      [&] {
        LibraryPeer peer(std::move(ends.there), false, "client");
        offer(peer, {.version_max = TLS1_2_VERSION});
        EXPECT_TRUE(peer.handshake()) << peer.failure;
        SSL_renegotiate(peer.ssl.get());
        EXPECT_NE(SSL_do_handshake(peer.ssl.get()), 1);
        peer.note_failure();
        EXPECT_EQ(peer.reason, SSL_R_NO_RENEGOTIATION) << peer.failure;
      });
  EXPECT_EQ(stream.protection()->protocol, "TLSv1.2");
  // The client broke off: no byte of an answer to it.
  EXPECT_TRUE(!error || error->message() == Message::ConnectionFailed);
}

TEST_F(AgainstLibrary, CaNamesAreSentToClients) {
  const auto error = run_against(
      io, [&] { return accept_and_answer(); },
      [&] {
        LibraryPeer peer(std::move(ends.there), false, "client");
        EXPECT_TRUE(peer.handshake()) << peer.failure;
        EXPECT_EQ(sk_X509_NAME_num(SSL_get0_peer_CA_list(peer.ssl.get())), 1);
        EXPECT_TRUE(peer.write("ping"));
        EXPECT_EQ(peer.read(), "ping");
      });
  EXPECT_FALSE(error) << error->what();
}

TEST_F(AgainstLibrary, AClientWithoutACertificateIsToldToGetOne) {
  const auto error = run_against(
      io, [&] { return accept(); },
      [&] {
        LibraryPeer peer(std::move(ends.there), false, "");
        peer.handshake();  // in TLS 1.3 the refusal comes at the first read
        EXPECT_EQ(peer.read(), "");
        EXPECT_EQ(peer.alert(), 116) << peer.failure;  // certificate_required
      });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message(), Message::PeerCertificateMissing);
  EXPECT_THAT(error->happened(), HasSubstr("192.0.2.7:40112"));
  EXPECT_THAT(error->mend(), HasSubstr("ipm cert issue client"));
}

TEST_F(AgainstLibrary, ARefusedPeerThatGoesOnSendingHearsAnEndAndNoReset) {
  // A reset would take the alert with it, on systems that drop what was not yet read.
  const auto error = run_against(
      io, [&] { return accept(); },
      [&] {
        LibraryPeer peer(std::move(ends.there), false, "client-other-ca");
        offer(peer, {.version_min = TLS1_3_VERSION});
        EXPECT_TRUE(peer.handshake()) << peer.failure;
        EXPECT_TRUE(peer.write(std::string(200'000, 'x')));
        EXPECT_EQ(peer.read(), "");
        EXPECT_EQ(peer.alert(), SSL_AD_UNKNOWN_CA) << peer.failure;
        char byte = 0;
        EXPECT_EQ(::recv(peer.descriptor, &byte, 1, 0), 0) << errno_text(errno);
      });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message(), Message::PeerRefused);
}

TEST_F(AgainstLibrary, AChainBeyondItsLimitEndsTheHandshake) {
  const auto error = run_against(
      io, [&] { return accept(); },
      [&] {
        LibraryPeer peer(std::move(ends.there), false, "client");
        X509* const copy = SSL_CTX_get0_certificate(peer.context.get());
        for (int i = 0; i < 300; ++i) SSL_CTX_add1_chain_cert(peer.context.get(), copy);
        peer.handshake();
        peer.read();
      });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message(), Message::HandshakeFailed);
  EXPECT_THAT(error->happened(), HasSubstr("beyond its limit"));
}

TEST_F(AgainstLibrary, AStreamThatEndsWithoutGoodbyeIsTruncated) {
  const auto error = run_against(
      io,
      [&]() -> awaitable<void> {
        co_await accept();
        const auto text = co_await read_exactly(stream, 100);
        EXPECT_EQ(text, "half");
        EXPECT_TRUE(stream.truncated());
        const auto again = co_await read_exactly(stream, 100);
        EXPECT_EQ(again, "");
        co_await stream.close();
      },
      [&] {
        LibraryPeer peer(std::move(ends.there), false, "client");
        EXPECT_TRUE(peer.handshake());
        EXPECT_TRUE(peer.write("half"));
        ::shutdown(peer.descriptor, SHUT_WR);
        peer.read();
      });
  EXPECT_FALSE(error) << error->what();
}

TEST_F(AgainstLibrary, AStreamThatEndsWithGoodbyeIsWhole) {
  const auto error = run_against(
      io,
      [&]() -> awaitable<void> {
        co_await accept();
        const auto text = co_await read_exactly(stream, 100);
        EXPECT_EQ(text, "whole");
        EXPECT_FALSE(stream.truncated());
        co_await stream.close();
      },
      [&] {
        LibraryPeer peer(std::move(ends.there), false, "client");
        EXPECT_TRUE(peer.handshake());
        EXPECT_TRUE(peer.write("whole"));
        SSL_shutdown(peer.ssl.get());
        peer.read();
      });
  EXPECT_FALSE(error) << error->what();
}

TEST_F(AgainstLibrary, OurOwnEndIsAGoodbye) {
  const auto error = run_against(
      io, [&] { return accept_and_answer(); },
      [&] {
        LibraryPeer peer(std::move(ends.there), false, "client");
        EXPECT_TRUE(peer.handshake());
        EXPECT_TRUE(peer.write("ping"));
        EXPECT_EQ(peer.read(), "ping");
        EXPECT_EQ(peer.read(), "");
        EXPECT_EQ(SSL_get_shutdown(peer.ssl.get()) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
      });
  EXPECT_FALSE(error) << error->what();
}

TEST_F(AgainstLibrary, AHandshakeThatStopsHalfWayEndsAtTheDeadline) {
  boost::system::error_code ignored;
  // The first five bytes of a record that never comes.
  asio::write(ends.there, asio::buffer("\x16\x03\x01\x02\x00", 5), ignored);
  const Error error = run_to_error(io, [&]() -> awaitable<void> {
    stream.expires_after(60ms);
    co_await stream.accept_tls(generation);
  });
  EXPECT_EQ(error.message(), Message::ConnectionTimedOut);
}

TEST_F(AgainstLibrary, RubbishAfterTheFirstByteIsNoTls) {
  boost::system::error_code ignored;
  asio::write(ends.there, asio::buffer(std::string("\x16") + "GET / HTTP/1.1\r\n\r\n"), ignored);
  const Error error = run_to_error(io, [&] { return accept(); });
  EXPECT_EQ(error.message(), Message::HandshakeFailed);
  EXPECT_THAT(error.happened(), HasSubstr("192.0.2.7:40112"));
}

TEST_F(AgainstLibrary, APeerThatClosesDuringTheHandshakeIsSaidToHaveDoneSo) {
  ends.there.close();
  const Error error = run_to_error(io, [&] { return accept(); });
  EXPECT_EQ(error.message(), Message::HandshakeFailed);
  EXPECT_THAT(error.happened(), HasSubstr("closed the connection"));
}

}  // namespace
}  // namespace ipm::tls::test
