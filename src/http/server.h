#pragma once
// The HTTP server: listens on TCP and local sockets, tells TLS from plaintext by the first byte,
// and hands each request to one handler.
//
// One acceptor per address deals connections out to the io_contexts, each of which is run by one
// thread; a session never leaves its own. With encryption on plaintext is answered 426 and refused
// (S17), with encryption off TLS is refused (S16): nothing is ever downgraded.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "http/limits.h"
#include "http/request.h"
#include "http/response.h"
#include "net/network.h"
#include "tls/generation.h"

namespace ipm::http {

// Runs on the session's thread and may suspend. An Error thrown becomes error_response(), anything
// else is logged and becomes 500. Called by all threads: it must be safe to share.
using Handler = std::function<boost::asio::awaitable<Response>(Request&)>;

// The generation in force; any thread. None, or an empty function: encryption is off. It is turned
// on while the server runs, never off.
using GenerationSource = std::function<std::shared_ptr<const tls::Generation>()>;

// How far a body that nobody wants is read before a reply that is no HTTP error: libcups takes one
// that comes sooner for the success of its upload.
struct ReadOn {
  std::uint64_t bytes = 256U << 20U;
  std::chrono::milliseconds wait{60'000};
};

struct ServerOptions {
  std::vector<boost::asio::io_context*> contexts;  // at least one; they outlive the server
  Handler handler;
  GenerationSource generation;
  const Log* log = nullptr;                              // outlives the server
  const net::Network* network = &net::system_network();  // outlives the server
  Limits limits = {};
  ReadOn read_on = {};
  Clock clock = system_clock();
};

// Counts since the start; connections_open is now.
struct Statistics {
  std::uint64_t connections_open = 0;
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;  // by the gate
  std::uint64_t handshakes = 0;
  std::uint64_t handshakes_resumed = 0;
  std::uint64_t handshakes_failed = 0;
  std::uint64_t plaintext_refused = 0;
  std::uint64_t requests = 0;
  std::uint64_t responses_4xx = 0;
  std::uint64_t responses_5xx = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t body_bytes_in = 0;
  std::uint64_t body_bytes_out = 0;
};

class Server {
 public:
  explicit Server(ServerOptions options);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();  // After the contexts have stopped running, or after stop() has reported.

  // "[::]:631" (both IPv6 and IPv4), "127.0.0.1:0". Returns the address bound, with the port that
  // the kernel chose. Throws Error{ListenFailed} with the mend.
  std::string listen_tcp(std::string_view address);
  // Plain HTTP with peer credentials, for every user of this machine. A socket that nobody answers
  // on is replaced; a live one throws Error{RunsAlready}. Throws Error{ListenFailed}. Removed when the server goes.
  void listen_local(const std::filesystem::path& path);

  // A new generation is in force: every session checks its peer against it, on its own thread, and
  // closes when it may not stay (B6), or is in plaintext where encryption has come (S17). Any thread.
  void generation_changed();

  // Accepts no more, closes idle connections, lets requests under way finish within `grace`, then
  // breaks what is left. `done` is called once, on one of the contexts' threads. Any thread.
  void stop(std::chrono::milliseconds grace, std::function<void()> done);

  Statistics statistics() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace ipm::http
