#pragma once
// What the tests of tls/ share: certificates that the openssl program made, two ends of a loopback
// connection, and walks that run together on one thread.

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "net/socket_transport.h"
#include "temporary_folder.h"
#include "tls/generation.h"
#include "tls/stream.h"
#include "walks.h"

namespace ipm::tls::test {

namespace asio = boost::asio;
namespace fs = std::filesystem;

using asio::awaitable;
using namespace ipm::test;

// Made once for the whole program by tests/data/tls/make_certificates.
inline const fs::path& certificates() {
  static const TemporaryFolder kFolder;
  static const bool kMade = [] {
    const std::string script = IPM_TEST_DATA "/tls/make_certificates";
    return std::system((script + " " + kFolder.path().string()).c_str()) == 0;
  }();
  if (!kMade) throw std::runtime_error("make_certificates failed");
  return kFolder.path();
}

inline fs::path file(const std::string& name) {
  return certificates() / name;
}
inline std::string text_of(const std::string& name) {
  return read_file(file(name));
}

// The day that all certificates are made for: 2029-01-01T12:00:00Z.
inline TimePoint noon() {
  return *parse_rfc3339("2029-01-01T12:00:00Z");
}
inline Clock fixed_clock(TimePoint time = noon()) {
  return [time] { return time; };
}

inline IdentityFiles identity(const std::string& stem) {
  return {file(stem + "-cert.pem"), file(stem + "-key.pem")};
}

inline GenerationSources server_sources(bool mutual = true, const std::string& stem = "server") {
  GenerationSources sources;
  sources.listen = identity(stem);
  sources.dial = sources.listen;
  sources.anchors = file("ca-cert.pem");
  sources.policy.mutual = mutual;
  return sources;
}

// An empty stem: without a certificate.
inline GenerationSources client_sources(const std::string& stem = "client") {
  GenerationSources sources;
  if (!stem.empty()) sources.dial = identity(stem);
  sources.anchors = file("ca-cert.pem");
  return sources;
}

inline std::shared_ptr<const Generation> build(const GenerationSources& sources,
                                               const Clock& clock = fixed_clock()) {
  return Generation::build(sources, 1, clock);
}

inline trust::ExpectedPeer expect_name(const std::string& name = "ipmsrv.example.com") {
  return pki::DnsName::parse(name);
}

struct Meeting {
  std::optional<Error> server_error;
  std::optional<Error> client_error;
  std::optional<Peer> server_saw;  // the client, as the server knows it
  std::optional<Peer> client_saw;
  std::optional<Protection> protection;
};

// Handshakes, and one message in each direction: in TLS 1.3 a client learns only by reading that it
// was refused.
inline Meeting meet(std::shared_ptr<const Generation> server,
                    std::shared_ptr<const Generation> client,
                    trust::ExpectedPeer expected = expect_name()) {
  Meeting meeting;
  asio::io_context io{1};
  auto ends = connect_ends(io);
  Stream server_stream(net::make_transport(std::move(ends.here), "127.0.0.1:40000"));
  Stream client_stream(net::make_transport(std::move(ends.there), "ipmsrv.example.com:631"));
  auto serve = [&]() -> awaitable<void> {
    server_stream.expires_after(std::chrono::seconds(10));
    co_await server_stream.accept_tls(server);
    meeting.server_saw = server_stream.peer();
    meeting.protection = server_stream.protection();
    const auto question = co_await read_exactly(server_stream, 4);
    EXPECT_EQ(question, "ping");
    co_await server_stream.write(bytes_of("pong"));
    co_await server_stream.close();
  };
  auto ask = [&]() -> awaitable<void> {
    client_stream.expires_after(std::chrono::seconds(10));
    co_await client_stream.connect_tls(client, expected);
    meeting.client_saw = client_stream.peer();
    co_await client_stream.write(bytes_of("ping"));
    const auto answer = co_await read_exactly(client_stream, 4);
    EXPECT_EQ(answer, "pong");
    co_await client_stream.close();
  };
  // Whoever is refused goes away, as a program does: the other need not wait for it.
  auto ask_and_go = [&]() -> awaitable<void> {
    try {
      co_await ask();
    } catch (...) {
      client_stream.abort();
      throw;
    }
  };
  Walk serving;
  Walk asking;
  start(io, serve, serving);
  start(io, ask_and_go, asking);
  run_to_end(io, serving);
  run_to_end(io, asking);
  meeting.server_error = error_of(serving.failure);
  meeting.client_error = error_of(asking.failure);
  return meeting;
}

}  // namespace ipm::tls::test
