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
#include "temporary_folder.h"
#include "tls/generation.h"
#include "tls/stream.h"

namespace ipm::tls::test {

namespace asio = boost::asio;
namespace fs = std::filesystem;

using asio::awaitable;
using ipm::test::TemporaryFolder;

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

inline awaitable<std::string> read_exactly(Stream& stream, std::size_t size) {
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
  Stream server_stream(std::move(ends.here), "127.0.0.1:40000");
  Stream client_stream(std::move(ends.there), "ipmsrv.example.com:631");
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
