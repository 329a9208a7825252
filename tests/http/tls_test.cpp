// The server under TLS: S16, S17, B6, and who is let in.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "../tls/support.h"
#include "http/client.h"
#include "http/server.h"
#include "net/run.h"
#include "raw_peer.h"
#include "run_program.h"

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace ipm::http {
namespace {

using ipm::test::run_program;

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

// What a keeper would be: the generation in force.
class Force {
 public:
  explicit Force(const tls::GenerationSources& sources) { set(sources); }
  void set(const tls::GenerationSources& sources) {
    auto next = tls::Generation::build(sources, ++number_, [this] { return now.load(); });
    const std::lock_guard lock(mutex_);
    current_ = std::move(next);
  }
  std::atomic<TimePoint> now = tls::test::noon();
  GenerationSource source() {
    return [this] {
      const std::lock_guard lock(mutex_);
      return current_;
    };
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<const tls::Generation> current_;
  std::uint64_t number_ = 0;
};

// A server that trusts another CA beside ours, until that is taken away from its anchors.
struct TrustingTwo {
  TrustingTwo() : sources(tls::test::server_sources()) {
    sources.anchors = folder / "ca.pem";
    write_file({sources.anchors, ours + tls::test::text_of("other-ca-cert.pem")});
    force.emplace(sources);
  }
  void take_the_other_away() {
    write_file({sources.anchors, ours});
    force->set(sources);
  }

  const ipm::test::TemporaryFolder folder;
  const std::string ours = tls::test::text_of("ca-cert.pem");
  tls::GenerationSources sources;
  std::optional<Force> force;
};

asio::awaitable<Response> tell(Request& request) {
  std::uint64_t sum = 0;
  std::vector<unsigned char> piece(40'000);
  for (;;) {
    const auto size = co_await request.body.read_some(piece);
    if (size == 0) break;
    for (std::size_t i = 0; i < size; ++i) sum = sum * 31 + piece[i];
  }
  co_return text_response(
      200, fmt::format("{} {} {} {}", request.peer != nullptr ? request.peer->name : "nobody",
                       request.encrypted ? "encrypted" : "plain", request.body.bytes_read(), sum));
}

Destination to(const TestServer& server, const std::string& client,
               const std::string& expected = "ipmsrv.example.com") {
  const auto colon = server.address().rfind(':');
  Destination destination{
      .host = "127.0.0.1",
      .port = static_cast<std::uint16_t>(std::stoi(server.address().substr(colon + 1)))};
  destination.tls = ClientTls{tls::test::build(tls::test::client_sources(client)),
                              tls::test::expect_name(expected)};
  return destination;
}

asio::awaitable<std::string> ask(Connection& connection, const Outgoing& outgoing) {
  co_await connection.exchange(outgoing);
  co_return co_await connection.read_all(100'000);
}

std::string ask_once(const Destination& destination, const Outgoing& outgoing) {
  return net::run_to_end([&](asio::any_io_executor executor) -> asio::awaitable<std::string> {
    auto connection = co_await Connection::open(executor, destination);
    auto answer = co_await ask(*connection, outgoing);
    co_await connection->close();
    co_return answer;
  });
}

std::optional<Error> failure_of(const Destination& destination, const Outgoing& outgoing) {
  try {
    ask_once(destination, outgoing);
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

const Outgoing kGet{.method = "GET"};

TEST(TlsServer, AProvenClientIsKnownByNameOnEveryRequest) {
  Force force(tls::test::server_sources());
  TestServer server(tell, {}, force.source());
  net::run_to_end([&](asio::any_io_executor executor) -> asio::awaitable<void> {
    auto connection = co_await Connection::open(executor, to(server, "client"));
    for (int i = 0; i < 3; ++i) {
      const std::string answer = co_await ask(*connection, kGet);
      EXPECT_EQ(answer, "ipmclient.example.com encrypted 0 0");
    }
    EXPECT_EQ(connection->peer()->name, "ipmsrv.example.com");
    co_await connection->close();
  });
  EXPECT_EQ(server.server().statistics().handshakes, 1U);
}

TEST(TlsServer, LargeDocumentsArriveWholeChunkedOrNot) {
  Force force(tls::test::server_sources());
  TestServer server(tell, {}, force.source());
  std::vector<unsigned char> document(5'000'000);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < document.size(); ++i) {
    document[i] = static_cast<unsigned char>(i * i >> 7U);
    sum = sum * 31 + document[i];
  }
  for (const bool chunked : {true, false}) {
    std::size_t at = 0;
    Outgoing outgoing;
    outgoing.producer = [&]() -> asio::awaitable<std::span<const unsigned char>> {
      const auto size = std::min<std::size_t>(1 + at % 70'000, document.size() - at);
      at += size;
      co_return std::span(document).subspan(at - size, size);
    };
    if (!chunked) outgoing.producer_bytes = document.size();
    outgoing.expect_continue = chunked;
    EXPECT_EQ(ask_once(to(server, "client"), outgoing),
              fmt::format("ipmclient.example.com encrypted {} {}", document.size(), sum));
  }
}

TEST(TlsServer, S17_PlaintextIsToldSoInItsOwnProtocolHoweverSlowly) {
  Force force(tls::test::server_sources());
  TestServer server(tell, {}, force.source());
  const std::string request =
      "POST /ipp/print HTTP/1.1\r\nHost: h\r\nContent-Type: application/ipp\r\nContent-Length: "
      "200000\r\n\r\n";
  {
    RawPeer peer(server.address());
    for (const char byte : request) ASSERT_TRUE(peer.send(std::string(1, byte)));
    peer.send(std::string(200'000, 'x'));
    const std::string answer = peer.read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 426 Upgrade Required\r\n")) << answer;
    for (const char* part : {"Connection: close\r\n", "Upgrade: TLS/1.2",
                             "Content-Type: text/plain", "IMP-3001", "ipps://", "to mend:"}) {
      EXPECT_NE(answer.find(part), std::string::npos) << part << "\n" << answer;
    }
  }
  EXPECT_TRUE(server.logs("IMP-3001 A plaintext connection from 127.0.0.1:"));
  for (int i = 0; i < 10; ++i) {
    RawPeer peer(server.address());
    peer.send("GET / HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(peer.read_to_end().starts_with("HTTP/1.1 426"));
  }
  EXPECT_EQ(count_of(server.log(), "IMP-3001"), 1U);
  EXPECT_EQ(server.server().statistics().plaintext_refused, 11U);
  EXPECT_EQ(server.server().statistics().requests, 0U);
}

const std::string kAsksForTls =
    "OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: TLS/1.2,TLS/1.1,TLS/1.0\r\n";

asio::awaitable<std::string> read_head(net::Stream& stream) {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    const auto byte = co_await tls::test::read_exactly(stream, 1);  // none of what follows
    if (byte.empty()) break;
    head += byte;
  }
  co_return head;
}

// RFC 2817, 3: 101, the handshake with its certificates, and the answer inside TLS.
TEST(TlsServer, ARequestForTlsIsAnsweredInsideTls) {
  Force force(tls::test::server_sources());
  TestServer server(tell, {}, force.source());
  net::run_to_end([&](asio::any_io_executor executor) -> asio::awaitable<void> {
    const Destination destination = to(server, "client");
    asio::ip::tcp::socket socket(executor);
    socket.connect({asio::ip::make_address(destination.host), destination.port});
    auto wire = net::make_transport(std::move(socket), "server");
    wire->expires_after(kPatience);
    co_await wire->write(tls::test::bytes_of(kAsksForTls + "\r\n"));
    const auto switching = co_await read_head(*wire);
    EXPECT_TRUE(switching.starts_with("HTTP/1.1 101 ")) << switching;
    EXPECT_NE(switching.find("Upgrade: TLS/1.2, HTTP/1.1\r\n"), std::string::npos);
    tls::Stream stream(std::move(wire));
    co_await stream.connect_tls(destination.tls->generation, destination.tls->expected);
    const auto answer = co_await read_head(stream);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
    EXPECT_NE(answer.find("Content-Length: 0\r\n"), std::string::npos) << answer;
    const std::string get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    co_await stream.write(tls::test::bytes_of(get));
    co_await read_head(stream);
    const auto body = co_await tls::test::read_exactly(stream, 31);
    EXPECT_EQ(body, "ipmclient.example.com encrypted");
    stream.abort();
  });
  EXPECT_EQ(server.server().statistics().plaintext_refused, 0U);
}

TEST(TlsServer, S3_TheUpgradeAdmitsNobodyWithoutACertificate) {
  Force force(tls::test::server_sources());
  TestServer server(tell, {}, force.source());
  const auto refused = [&](asio::any_io_executor executor) -> asio::awaitable<void> {
    const Destination destination = to(server, "");
    asio::ip::tcp::socket socket(executor);
    socket.connect({asio::ip::make_address(destination.host), destination.port});
    auto wire = net::make_transport(std::move(socket), "server");
    wire->expires_after(kPatience);
    co_await wire->write(tls::test::bytes_of(kAsksForTls + "\r\n"));
    co_await read_head(*wire);
    tls::Stream stream(std::move(wire));
    co_await stream.connect_tls(destination.tls->generation, destination.tls->expected);
    co_await read_head(stream);
  };
  EXPECT_THROW(net::run_to_end(refused), Error);
  EXPECT_TRUE(server.logs("IMP-3003"));
  EXPECT_EQ(server.server().statistics().requests, 0U);
}

TEST(TlsServer, S17_NothingElseIsUpgraded) {
  Force force(tls::test::server_sources(false));
  TestServer server(tell, {}, force.source());
  const std::string host = "Host: h\r\n";
  const std::string asks = "Connection: upgrade\r\nUpgrade: TLS/1.2\r\n";
  for (const std::string& request : {
           "POST / HTTP/1.1\r\n" + host + asks + "Content-Length: 0\r\n\r\n",
           "GET / HTTP/1.1\r\n" + host + asks + "\r\n",
           "OPTIONS * HTTP/1.1\r\n" + host + "\r\n",
           "OPTIONS * HTTP/1.1\r\n" + host + "Upgrade: TLS/1.2\r\n\r\n",
           "OPTIONS * HTTP/1.1\r\n" + host + "Connection: upgrade\r\nUpgrade: h2c\r\n\r\n",
           kAsksForTls + "Content-Length: 5\r\n\r\nhello",
           kAsksForTls + "Transfer-Encoding: chunked\r\n\r\n",
           "OPTIONS * HTTP/1.0\r\n" + host + asks + "\r\n",
           kAsksForTls + "\r\nGET / HTTP/1.1\r\n" + host + "\r\n",
       }) {
    RawPeer peer(server.address());
    peer.send(request);
    const std::string answer = peer.read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 426 ")) << request << answer;
    EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos) << answer;
  }
  // Nor is plaintext served that comes where the handshake was due.
  RawPeer peer(server.address());
  peer.send(kAsksForTls + "\r\n");
  peer.read_until("\r\n\r\n");
  peer.send("GET / HTTP/1.1\r\n" + host + "\r\n");
  EXPECT_EQ(peer.read_to_end(), "");
  EXPECT_EQ(server.server().statistics().requests, 0U);
}

TEST(TlsServer, S17_OtherPlaintextIsClosed) {
  Force force(tls::test::server_sources());
  TestServer server(tell, {}, force.source());
  for (const std::string& bytes : {std::string("\x02queue\n"), std::string("\x00\x00", 2),
                                   std::string("{}\r\n"), std::string("\xff\xff\xff")}) {
    RawPeer peer(server.address());
    peer.send(bytes);
    EXPECT_EQ(peer.read_to_end(), "");
  }
  EXPECT_TRUE(server.logs("it did not speak HTTP"));
  RawPeer nothing(server.address());
  nothing.end_writing();
  EXPECT_EQ(nothing.read_to_end(), "");
}

TEST(TlsServer, AClientWithoutACertificateIsToldWhyAndTheLogSaysItOnce) {
  Force force(tls::test::server_sources());
  Limits limits;
  limits.refusals_burst = 1000;
  TestServer server(tell, limits, force.source());
  for (int i = 0; i < 5; ++i) {
    const auto failure = failure_of(to(server, ""), kGet);
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->message(), Message::PeerCertificateMissing) << failure->what();
  }
  // A large upload meets a closed door, and still learns why.
  const Outgoing large{.body = std::string(3'000'000, 'x')};
  const auto failure = failure_of(to(server, ""), large);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->message(), Message::PeerCertificateMissing) << failure->what();
  EXPECT_TRUE(server.logs("IMP-3003"));
  EXPECT_EQ(count_of(server.log(), "IMP-3003"), 1U);
  EXPECT_TRUE(TestServer::becomes_true(
      [&] { return server.server().statistics().handshakes_failed == 6; }));
}

TEST(TlsServer, AnAddressThatKeepsFailingIsSlowedDownNotShutOut) {
  Force force(tls::test::server_sources());
  Limits limits;
  limits.refusals_burst = 3;
  limits.refusals_per_second = 0;
  limits.penalty_wait = milliseconds(200);
  TestServer server(tell, limits, force.source());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(failure_of(to(server, ""), kGet));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(ask_once(to(server, "client"), kGet), "ipmclient.example.com encrypted 0 0");
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(200));
}

TEST(TlsServer, AServerWithTheWrongNameIsNotTalkedTo) {
  Force force(tls::test::server_sources());
  TestServer server(tell, {}, force.source());
  const auto failure = failure_of(to(server, "client", "elsewhere.example.com"), kGet);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->message(), Message::PeerRefused);
  EXPECT_EQ(server.server().statistics().requests, 0U);
}

TEST(TlsServer, StalledHandshakesDelayNobody) {
  Force force(tls::test::server_sources());
  TestServer server(tell, {}, force.source());
  std::vector<std::unique_ptr<RawPeer>> stalled;
  for (int i = 0; i < 200; ++i) {
    stalled.push_back(std::make_unique<RawPeer>(server.address()));
    stalled.back()->send(std::string("\x16\x03\x01\x02\x00", 5));
  }
  EXPECT_EQ(ask_once(to(server, "client"), kGet), "ipmclient.example.com encrypted 0 0");
}

TEST(TlsServer, AStalledHandshakeEndsByItsDeadline) {
  Force force(tls::test::server_sources());
  Limits limits;
  limits.handshake_wait = milliseconds(60);
  TestServer server(tell, limits, force.source());
  RawPeer peer(server.address());
  peer.send(std::string("\x16\x03\x01\x02\x00", 5));
  peer.read_to_end();
  EXPECT_TRUE(
      TestServer::becomes_true([&] { return server.server().statistics().connections_open == 0; }));
}

TEST(TlsServer, B6_ARevokedClientLosesItsOpenConnections) {
  auto sources = tls::test::server_sources();
  sources.crl = tls::test::file("crl-empty.pem");
  Force force(sources);
  TestServer server(tell, {}, force.source());
  net::run_to_end([&](asio::any_io_executor executor) -> asio::awaitable<void> {
    auto revoked = co_await Connection::open(executor, to(server, "client"));
    auto asking = co_await Connection::open(executor, to(server, "client"));
    auto other = co_await Connection::open(executor, to(server, "client2"));
    for (auto* connection : {revoked.get(), asking.get(), other.get()})
      co_await ask(*connection, kGet);
    sources.crl = tls::test::file("crl-client.pem");
    force.set(sources);
    // Without any notice, at the next request; the answer must not come.
    bool answered = true;
    try {
      co_await ask(*asking, kGet);
    } catch (const Error&) {
      answered = false;
    }
    EXPECT_FALSE(answered);
    // With it, while the connection is idle.
    EXPECT_TRUE(TestServer::becomes_true(
        [&] { return server.server().statistics().connections_open == 2; }));
    server.server().generation_changed();
    EXPECT_TRUE(TestServer::becomes_true(
        [&] { return server.server().statistics().connections_open == 1; }));
    const std::string still = co_await ask(*other, kGet);
    EXPECT_EQ(still, "second.example.com encrypted 0 0");
  });
  EXPECT_TRUE(server.logs("IMP-3002"));
  EXPECT_TRUE(server.logs("ipmclient.example.com"));
}

TEST(TlsServer, B6_WhoseAnchorIsTakenAwayLosesItsOpenConnectionsAndNobodyElse) {
  TrustingTwo trust;
  TestServer server(tell, {}, trust.force->source());
  net::run_to_end([&](asio::any_io_executor executor) -> asio::awaitable<void> {
    auto idle = co_await Connection::open(executor, to(server, "client-other-ca"));
    auto asking = co_await Connection::open(executor, to(server, "client-other-ca"));
    auto other = co_await Connection::open(executor, to(server, "client"));
    auto chained = co_await Connection::open(executor, to(server, "client-sub"));
    for (auto* connection : {idle.get(), asking.get(), other.get(), chained.get()})
      co_await ask(*connection, kGet);
    trust.take_the_other_away();
    bool answered = true;
    try {
      co_await ask(*asking, kGet);
    } catch (const Error&) {
      answered = false;
    }
    EXPECT_FALSE(answered) << "at the next request, without any notice";
    server.server().generation_changed();
    EXPECT_TRUE(TestServer::becomes_true(
        [&] { return server.server().statistics().connections_open == 2; }));
    for (auto* connection : {other.get(), chained.get()}) {
      const std::string still = co_await ask(*connection, kGet);
      EXPECT_THAT(still, testing::HasSubstr("encrypted 0 0"));
    }
    EXPECT_EQ(server.server().statistics().handshakes, 4U);
  });
  EXPECT_TRUE(server.logs("S2: found"));
}

TEST(TlsServer, B6_ManyConnectionsAreAllLookedAt) {
  TrustingTwo trust;
  TestServer server(tell, {}, trust.force->source());
  net::run_to_end([&](asio::any_io_executor executor) -> asio::awaitable<void> {
    constexpr std::size_t kEach = 40;
    const auto stays = to(server, "client");
    const auto goes = to(server, "client-other-ca");
    std::vector<std::unique_ptr<Connection>> connections;
    for (std::size_t i = 0; i < kEach; ++i) {
      for (const auto& destination : {stays, goes}) {
        connections.push_back(co_await Connection::open(executor, destination));
        co_await ask(*connections.back(), kGet);
      }
    }
    trust.take_the_other_away();
    server.server().generation_changed();
    EXPECT_TRUE(TestServer::becomes_true(
        [&] { return server.server().statistics().connections_open == kEach; }));
    for (std::size_t i = 0; i < connections.size(); i += 2) co_await ask(*connections[i], kGet);
    EXPECT_EQ(server.server().statistics().handshakes, 2 * kEach);
  });
}

TEST(TlsServer, B6_AConnectionOfOursKnowsWhenItsServerIsTrustedNoMore) {
  Force force(tls::test::server_sources());
  TestServer server(tell, {}, force.source());
  auto elsewhere = tls::test::client_sources();
  elsewhere.anchors = tls::test::file("other-ca-cert.pem");
  net::run_to_end([&](asio::any_io_executor executor) -> asio::awaitable<void> {
    auto connection = co_await Connection::open(executor, to(server, "client"));
    EXPECT_FALSE(connection->objection(*tls::test::build(tls::test::client_sources())));
    EXPECT_TRUE(connection->objection(*tls::test::build(elsewhere)));
    co_await connection->close();
  });
}

TEST(TlsServer, B6_AnUploadUnderWayIsBrokenOffToo) {
  auto sources = tls::test::server_sources();
  sources.crl = tls::test::file("crl-empty.pem");
  Force force(sources);
  TestServer server(tell, {}, force.source());
  Outgoing endless;
  std::size_t pieces = 0;
  const std::vector<unsigned char> piece(10'000);
  endless.producer = [&]() -> asio::awaitable<std::span<const unsigned char>> {
    if (++pieces == 100) {
      sources.crl = tls::test::file("crl-client.pem");
      force.set(sources);
      server.server().generation_changed();
    }
    co_return piece;
  };
  EXPECT_TRUE(failure_of(to(server, "client"), endless));
}

TEST(TlsServer, B6_AConnectionDoesNotOutliveItsCertificate) {
  Force force(tls::test::server_sources());
  TestServer server(tell, {}, force.source());
  net::run_to_end([&](asio::any_io_executor executor) -> asio::awaitable<void> {
    auto connection = co_await Connection::open(executor, to(server, "client-short"));
    co_await ask(*connection, kGet);
    force.now = tls::test::noon() + std::chrono::hours(2);
    bool answered = true;
    try {
      co_await ask(*connection, kGet);
    } catch (const Error&) {
      answered = false;
    }
    EXPECT_FALSE(answered);
  });
  EXPECT_TRUE(server.logs("IMP-3002"));
}

TEST(TlsServer, ConnectionsWithoutACertificateEndWhenMutualAuthenticationBegins) {
  Force force(tls::test::server_sources(false));
  TestServer server(tell, {}, force.source());
  net::run_to_end([&](asio::any_io_executor executor) -> asio::awaitable<void> {
    auto connection = co_await Connection::open(executor, to(server, ""));
    const std::string answer = co_await ask(*connection, kGet);
    EXPECT_EQ(answer, "nobody encrypted 0 0");
    force.set(tls::test::server_sources(true));
    server.server().generation_changed();
    EXPECT_TRUE(TestServer::becomes_true(
        [&] { return server.server().statistics().connections_open == 0; }));
  });
  EXPECT_TRUE(server.logs("mutual authentication is on now"));
}

TEST(TlsServer, S17_EncryptionThatBeginsEndsThePlaintextConnectionsThatAreOpen) {
  Force force(tls::test::server_sources(true));
  std::atomic<bool> on{false};
  TestServer server(tell, {}, [&, source = force.source()] {
    return on ? source() : std::shared_ptr<const tls::Generation>();
  });
  EXPECT_TRUE(failure_of(to(server, "client"), kGet)) << "TLS, and encryption is off";
  RawPeer open(server.address());
  open.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(open.read_until("plain 0 0").starts_with("HTTP/1.1 200"));
  on = true;
  server.server().generation_changed();
  EXPECT_EQ(open.read_to_end(), "");
  EXPECT_TRUE(server.logs("it is in plaintext, and encryption is on now"));
  RawPeer later(server.address());
  later.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(later.read_to_end().starts_with("HTTP/1.1 426"));
}

TEST(TlsServer, StoppingSaysGoodbyeToIdleClients) {
  Force force(tls::test::server_sources());
  TestServer server(tell, {}, force.source());
  asio::io_context io{1};
  net::run_to_end([&](asio::any_io_executor executor) -> asio::awaitable<void> {
    auto connection = co_await Connection::open(executor, to(server, "client"));
    co_await ask(*connection, kGet);
    EXPECT_TRUE(server.stop(kPatience));
    bool answered = true;
    try {
      co_await ask(*connection, kGet);
    } catch (const Error& error) {
      answered = false;
      EXPECT_EQ(error.message(), Message::ConnectionFailed);
    }
    EXPECT_FALSE(answered);
  });
}

class Curl : public testing::Test {
 protected:
  std::vector<std::string> arguments(const std::string& client) const {
    const auto& file = tls::test::file;
    std::vector<std::string> all{"curl",       "--silent", "--show-error",
                                 "--max-time", "20",       "--noproxy",
                                 "*",          "--cacert", file("ca-cert.pem").string()};
    if (!client.empty()) {
      for (const std::string& more : {std::string("--cert"), file(client + "-cert.pem").string(),
                                      std::string("--key"), file(client + "-key.pem").string()}) {
        all.push_back(more);
      }
    }
    return all;
  }
  std::string url(const TestServer& server, const std::string& path = "/") const {
    return "https://" + server.address() + path;
  }

  Force force_{tls::test::server_sources()};
  TestServer server_{tell, {}, force_.source()};
};

TEST_F(Curl, SendsDocumentsWithACertificateOverOneConnection) {
  const auto document = server_.folder() / "document";
  std::ofstream(document) << std::string(2'000'000, 'd');
  auto line = arguments("client");
  for (const std::string& more : {std::string("--data-binary"), "@" + document.string(),
                                  url(server_, "/a"), url(server_, "/b")}) {
    line.push_back(more);
  }
  const auto known = run_program(line);
  EXPECT_EQ(known.exit_code, 0) << known.errors;
  EXPECT_EQ(count_of(known.output, "ipmclient.example.com encrypted 2000000 "), 2U) << known.output;
  EXPECT_EQ(server_.server().statistics().handshakes, 1U);

  line = arguments("client");
  for (const std::string& more :
       {std::string("--header"), std::string("Transfer-Encoding: chunked"), std::string("--header"),
        std::string("Expect: 100-continue"), std::string("--data-binary"), "@" + document.string(),
        url(server_)}) {
    line.push_back(more);
  }
  const auto chunked = run_program(line);
  EXPECT_EQ(chunked.exit_code, 0) << chunked.errors;
  EXPECT_EQ(chunked.output, known.output.substr(0, chunked.output.size()));
}

TEST_F(Curl, IsRefusedWithoutACertificate) {
  auto line = arguments("");
  line.push_back(url(server_));
  const auto refused = run_program(line);
  EXPECT_EQ(refused.exit_code, 56) << refused.errors;  // "failure in receiving": TLS 1.3 tells late
  EXPECT_TRUE(server_.logs("IMP-3003"));
}

TEST_F(Curl, ReadsTheRefusalOfPlaintext) {
  auto line = arguments("");
  const auto document = server_.folder() / "document";
  std::ofstream(document) << std::string(500'000, 'd');
  for (const std::string& more :
       {std::string("--include"), std::string("--data-binary"), "@" + document.string(),
        "http://" + server_.address() + "/ipp/print"}) {
    line.push_back(more);
  }
  const auto refused = run_program(line);
  EXPECT_EQ(refused.exit_code, 0) << refused.errors;
  EXPECT_TRUE(refused.output.starts_with("HTTP/1.1 426")) << refused.output;
  EXPECT_NE(refused.output.find("ipps://"), std::string::npos);
}

}  // namespace
}  // namespace ipm::http
