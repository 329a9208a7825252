// floors: tls
//
// What TLS costs the server: CPU time of a full mutually authenticated handshake (P-256), memory of
// an idle connection, CPU time of a small exchange and of a gigabyte. The client is a process of
// its own, so that every figure is the server's alone.
//
//   tls_bench [HANDSHAKES [IDLE_CONNECTIONS [MEGABYTES]]]

#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "net/socket_transport.h"
#include "pki/profile.h"
#include "tls/stream.h"

namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using asio::awaitable;
using asio::ip::tcp;
using namespace ipm;

struct Plan {
  int handshakes = 2000;
  int idle = 5000;
  int exchanges = 20'000;
  std::size_t megabytes = 1024;
};

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Proportional set size: pages shared with the other process count once.
double resident_kib() {
  std::ifstream status("/proc/self/smaps_rollup");
  std::string word;
  while (status >> word) {
    if (word == "Pss:") {
      double kib = 0;
      status >> kib;
      return kib;
    }
  }
  return 0;
}

void issue_into(const fs::path& folder, const std::string& stem, pki::Role role,
                const std::string& name, const pki::Certificate& authority,
                const pki::PrivateKey& authority_key) {
  const auto key = pki::PrivateKey::generate(pki::KeyKind::P256);
  pki::LeafOrder order;
  order.role = role;
  order.common_name = name;
  order.now = system_clock()();
  const auto leaf =
      pki::issue(key.public_key(), order, authority, authority_key, pki::new_serial());
  const auto key_pem = key.pem();
  write_file({folder / (stem + "-cert.pem"), leaf.pem()});
  write_file({folder / (stem + "-key.pem"), key_pem.reveal(), os::Privacy::Owner});
}

void make_certificates(const fs::path& folder) {
  const auto key = pki::PrivateKey::generate(pki::KeyKind::P256);
  pki::AuthorityOrder order;
  order.common_name = "Benchmark CA";
  order.now = system_clock()();
  const auto authority = pki::make_authority(key, order, pki::new_serial());
  write_file({folder / "ca-cert.pem", authority.pem()});
  issue_into(folder, "server", pki::Role::MutualServer, "server.example.com", authority, key);
  issue_into(folder, "client", pki::Role::Client, "client.example.com", authority, key);
}

std::shared_ptr<const tls::Generation> load(const fs::path& folder, bool server) {
  tls::GenerationSources sources;
  const std::string stem = server ? "server" : "client";
  const tls::IdentityFiles files{folder / (stem + "-cert.pem"), folder / (stem + "-key.pem")};
  if (server) sources.listen = files;
  sources.dial = files;
  sources.anchors = folder / "ca-cert.pem";
  sources.policy.mutual = true;
  return tls::Generation::build(sources, 1, system_clock());
}

void report(std::exception_ptr failure) {
  if (failure) fmt::print(stderr, "{}\n", describe(failure));
}

// --- the client's process
// ---------------------------------------------------------------------------

struct Client {
  asio::io_context& io;
  tcp::endpoint server;
  std::shared_ptr<const tls::Generation> generation;

  awaitable<std::unique_ptr<tls::Stream>> connect() {
    tcp::socket socket(io);
    co_await socket.async_connect(server, asio::use_awaitable);
    auto stream = std::make_unique<tls::Stream>(net::make_transport(std::move(socket), "server"));
    co_await stream->connect_tls(generation, pki::DnsName::parse("server.example.com"));
    co_return stream;
  }
};

awaitable<void> run_client(Client client, Plan plan) {
  std::vector<unsigned char> block(64U << 10U, 'x');
  for (int i = 0; i < plan.handshakes; ++i) {
    const auto stream = co_await client.connect();
    co_await stream->read_some(block);
    co_await stream->close();
  }
  std::vector<std::unique_ptr<tls::Stream>> idle;
  for (int i = 0; i < plan.idle; ++i) {
    idle.push_back(co_await client.connect());
    co_await idle.back()->read_some(block);
  }
  const auto busy = co_await client.connect();
  co_await busy->read_some(block);
  idle.clear();
  for (int i = 0; i < plan.exchanges; ++i) {
    co_await busy->write({block.data(), 300});
    co_await busy->read_some(block);
  }
  for (std::size_t sent = 0; sent < plan.megabytes << 20U; sent += block.size()) {
    co_await busy->write(block);
  }
  co_await busy->read_some(block);
  co_await busy->close();
}

// --- the server's
// -------------------------------------------------------------------------------------

struct Server {
  asio::io_context& io;
  tcp::acceptor& acceptor;
  std::shared_ptr<const tls::Generation> generation;

  awaitable<std::unique_ptr<tls::Stream>> accept() {
    tcp::socket socket(io);
    co_await acceptor.async_accept(socket, asio::use_awaitable);
    auto stream = std::make_unique<tls::Stream>(net::make_transport(std::move(socket), "client"));
    stream->expires_after(std::chrono::minutes(5));
    co_await stream->accept_tls(generation);
    co_return stream;
  }
};

awaitable<void> keep_idle(std::unique_ptr<tls::Stream> stream) {
  co_await stream->wait_readable();
}

awaitable<void> run_server(Server server, Plan plan) {
  std::vector<unsigned char> buffer(16U << 10U);
  const std::string answer(200, 'y');
  const void* const start = answer.data();
  const std::span<const unsigned char> bytes(static_cast<const unsigned char*>(start), 200);

  double begun = cpu_seconds();
  for (int i = 0; i < plan.handshakes; ++i) {
    const auto stream = co_await server.accept();
    co_await stream->write(bytes);
    co_await stream->read_some(buffer);
    co_await stream->close();
  }
  fmt::print("full mutual handshake, P-256: {:.3f} ms of CPU each\n",
             (cpu_seconds() - begun) * 1e3 / plan.handshakes);

  ::malloc_trim(0);
  const double before = resident_kib();
  for (int i = 0; i < plan.idle; ++i) {
    auto stream = co_await server.accept();
    co_await stream->write(bytes);
    asio::co_spawn(server.io, keep_idle(std::move(stream)), report);
  }
  const auto busy = co_await server.accept();
  ::malloc_trim(0);
  fmt::print("idle TLS 1.3 connection: {:.1f} KiB each, at {}\n",
             (resident_kib() - before) / plan.idle, plan.idle);
  co_await busy->write(bytes);

  begun = cpu_seconds();
  for (int i = 0; i < plan.exchanges; ++i) {
    co_await busy->read_some(buffer);
    co_await busy->write(bytes);
  }
  fmt::print("exchange of 300 and 200 bytes: {:.1f} us of CPU each\n",
             (cpu_seconds() - begun) * 1e6 / plan.exchanges);

  begun = cpu_seconds();
  const auto time = std::chrono::steady_clock::now();
  for (std::size_t received = 0; received < plan.megabytes << 20U;) {
    received += co_await busy->read_some(buffer);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - time;
  fmt::print("{} MiB received: {:.2f} s of CPU, {:.2f} s\n", plan.megabytes, cpu_seconds() - begun,
             took.count());
  co_await busy->write(bytes);
  co_await busy->close();
}

void raise_open_files() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int measure(const fs::path& folder, const Plan& plan) {
  make_certificates(folder);
  asio::io_context io{1};
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  io.notify_fork(asio::execution_context::fork_prepare);
  const pid_t child = ::fork();
  if (child == 0) {
    io.notify_fork(asio::execution_context::fork_child);
    const auto server = acceptor.local_endpoint();
    acceptor.close();
    asio::co_spawn(io, run_client({io, server, load(folder, false)}, plan), report);
    io.run();
    std::_Exit(0);
  }
  io.notify_fork(asio::execution_context::fork_parent);
  asio::co_spawn(io, run_server({io, acceptor, load(folder, true)}, plan), report);
  io.run();
  int status = 0;
  ::waitpid(child, &status, 0);
  return status == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Plan plan;
  if (argc > 1) plan.handshakes = std::atoi(argv[1]);
  if (argc > 2) plan.idle = std::atoi(argv[2]);
  if (argc > 3) plan.megabytes = static_cast<std::size_t>(std::atoi(argv[3]));
  raise_open_files();
  std::string folder = (fs::temp_directory_path() / "tls-bench-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return 1;
  const int status = measure(folder, plan);
  fs::remove_all(folder);
  return status;
}
