// Session tickets: they save a handshake, and never readmit whom a full handshake would not admit.
#include "library_peer.h"

namespace ipm::tls::test {
namespace {

// A client that keeps the session it was given, and a server whose clock and files move on.
struct Tickets : testing::TestWithParam<int> {
  TimePoint now = noon();
  Clock clock = [this] { return now; };

  struct Visit {
    std::optional<Error> error;
    bool resumed = false;         // as the client sees it
    bool server_resumed = false;  // as the server does
    std::string name;             // the peer, as the server knows it
    pki::Sha256 issuer_key{};     // that vouches for it
    SessionPtr session;           // for the next visit
    long life_s = 0;
  };

  // `goodbye`: whether the server ends with close_notify.
  Visit visit(const std::shared_ptr<const Generation>& generation, SSL_SESSION* session,
              const std::string& stem = "client", bool goodbye = true) {
    Visit result;
    asio::io_context io{1};
    auto ends = connect_ends(io);
    Stream stream(net::make_transport(std::move(ends.here), "192.0.2.7:40112"));
    result.error = run_against(
        io,
        [&]() -> awaitable<void> {
          stream.expires_after(std::chrono::seconds(10));
          co_await stream.accept_tls(generation);
          const auto text = co_await read_exactly(stream, 4);
          co_await stream.write(bytes_of(text));
          if (goodbye) co_await stream.close();
          stream.abort();
        },
        [&] {
          LibraryPeer peer(std::move(ends.there), false, stem);
          SSL_CTX_set_max_proto_version(peer.context.get(), GetParam());
          peer.session = session;
          if (!peer.handshake() || !peer.write("ping") || peer.read() != "ping") return;
          if (goodbye) peer.read();
          SSL_shutdown(peer.ssl.get());  // else OpenSSL calls the session spoilt
          result.resumed = SSL_session_reused(peer.ssl.get()) == 1;
          result.session.reset(SSL_get1_session(peer.ssl.get()));
          result.life_s =
              static_cast<long>(SSL_SESSION_get_ticket_lifetime_hint(result.session.get()));
        });
    if (stream.protection()) result.server_resumed = stream.protection()->resumed;
    if (stream.peer()) result.name = stream.peer()->name;
    if (stream.peer()) result.issuer_key = stream.peer()->issuer_key;
    return result;
  }
};

TEST_P(Tickets, ResumeWithinAGenerationAndTheServerKnowsWho) {
  const auto generation = build(server_sources(), clock);
  const auto first = visit(generation, nullptr);
  ASSERT_FALSE(first.error) << first.error->what();
  EXPECT_FALSE(first.resumed);
  const auto ca = pki::Certificate::parse(text_of("ca-cert.pem"), "ca-cert.pem");
  EXPECT_EQ(first.issuer_key, ca.public_key().digest());
  ASSERT_TRUE(SSL_SESSION_is_resumable(first.session.get()));
  const auto second = visit(generation, first.session.get());
  EXPECT_TRUE(second.resumed);
  EXPECT_TRUE(second.server_resumed);
  EXPECT_EQ(second.name, "ipmclient.example.com");
  EXPECT_EQ(second.issuer_key, first.issuer_key);
  const auto third = visit(generation, second.session.get());
  EXPECT_TRUE(third.resumed);
  EXPECT_EQ(third.name, "ipmclient.example.com");
}

TEST_P(Tickets, ResumeWithoutMutualAuthenticationToo) {
  const auto generation = build(server_sources(false), clock);
  const auto first = visit(generation, nullptr, "");
  const auto second = visit(generation, first.session.get(), "");
  EXPECT_TRUE(second.resumed);
  EXPECT_EQ(second.name, "");
}

TEST_P(Tickets, SurviveAConnectionThatBreaksOff) {
  const auto generation = build(server_sources(), clock);
  const auto first = visit(generation, nullptr, "client", false);
  EXPECT_TRUE(visit(generation, first.session.get()).resumed);
}

TEST_P(Tickets, NeverOutliveAReload) {
  const auto first = visit(build(server_sources(), clock), nullptr);
  const auto second = visit(build(server_sources(), clock), first.session.get());
  EXPECT_FALSE(second.error) << "a full handshake follows";
  EXPECT_FALSE(second.resumed);
  EXPECT_EQ(second.name, "ipmclient.example.com");
}

TEST_P(Tickets, B6_NeverOutliveARevocation) {
  auto sources = server_sources();
  const auto first = visit(build(sources, clock), nullptr);
  sources.crl = file("crl-client.pem");
  const auto second = visit(build(sources, clock), first.session.get());
  ASSERT_TRUE(second.error);
  EXPECT_EQ(second.error->message(), Message::PeerRefused);
  EXPECT_FALSE(second.server_resumed);
}

TEST_P(Tickets, NeverOutliveTheCertificate) {
  const auto generation = build(server_sources(), clock);
  const auto first = visit(generation, nullptr, "client-short");
  ASSERT_FALSE(first.error) << first.error->what();
  now += std::chrono::hours(2);
  const auto second = visit(generation, first.session.get(), "client-short");
  ASSERT_TRUE(second.error);
  EXPECT_EQ(second.error->message(), Message::PeerRefused);
  EXPECT_FALSE(second.server_resumed);
}

TEST_P(Tickets, LiveNoLongerThanTheCertificate) {
  now += std::chrono::minutes(80);  // ten minutes are left
  const auto generation = build(server_sources(), clock);
  const auto visited = visit(generation, nullptr, "client-short");
  ASSERT_FALSE(visited.error);
  const bool has_ticket = GetParam() == TLS1_3_VERSION;  // in TLS 1.2 the session has a number
  EXPECT_EQ(visited.life_s, has_ticket ? 600 : 0);
}

TEST_P(Tickets, OfAServerThatAskedForNothingAreWorthNothingToOneThatAsks) {
  const auto first = visit(build(server_sources(false), clock), nullptr, "");
  const auto second = visit(build(server_sources(), clock), first.session.get(), "");
  ASSERT_TRUE(second.error);
  EXPECT_EQ(second.error->message(), Message::PeerCertificateMissing);
}

INSTANTIATE_TEST_SUITE_P(Versions, Tickets, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& info) {
                           return info.param == TLS1_2_VERSION ? "Tls12" : "Tls13";
                         });

}  // namespace
}  // namespace ipm::tls::test
