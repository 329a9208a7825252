#include "http/dial.h"

#include <fmt/format.h>
#include <sys/un.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "os/socket.h"

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using SteadyClock = std::chrono::steady_clock;

namespace ipm::http {
namespace {

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

std::string mend_for(const Destination& destination, int error) {
  if (!destination.local_socket.empty()) {
    return error == EACCES ? "run it as root, or as a member of the group that owns the socket"
                           : "is ipmd running? Start it, or give --server HOST[:PORT]";
  }
  if (error == ECONNREFUSED) {
    return fmt::format("is ipmd running there, and does it listen on port {}? ipm server status",
                       destination.port);
  }
  if (error == ENETUNREACH || error == EHOSTUNREACH) return "check the network and the route to it";
  return {};
}

Error failed(const Destination& destination, int error, std::size_t tried) {
  const std::string_view which = tried > 1 ? ", at the last of its addresses" : "";
  return Error(Message::ConnectionFailed,
               fmt::format("cannot connect to {}{}: {}", printable(destination.text()), which,
                           errno_text(error)),
               "a server that answers there", mend_for(destination, error));
}

Error timed_out(const Destination& destination, std::chrono::milliseconds wait) {
  return Error(
      Message::ConnectionTimedOut,
      fmt::format("{} did not answer within {} ms", printable(destination.text()), wait.count()),
      "a connection in that time", "check the address, the port, and the firewall between");
}

// One attempt under a deadline. Shared with the timer's handler, which may come late.
template <class Protocol>
struct Attempt {
  explicit Attempt(const asio::any_io_executor& executor) : socket(executor), timer(executor) {}
  typename Protocol::socket socket;
  asio::steady_timer timer;
  bool over = false;  // the timer has nothing to do any more
  bool late = false;
};

struct Outcome {
  int error = 0;
  bool late = false;
};

template <class Protocol>
asio::awaitable<Outcome> connect(std::shared_ptr<Attempt<Protocol>> attempt,
                                 typename Protocol::endpoint endpoint,
                                 SteadyClock::time_point until) {
  attempt->timer.expires_at(until);
  attempt->timer.async_wait([attempt](const error_code&) {
    if (attempt->over) return;
    attempt->late = true;
    error_code ignored;
    attempt->socket.close(ignored);
  });
  const auto [error] = co_await attempt->socket.async_connect(endpoint, kNoThrow);
  attempt->over = true;
  attempt->timer.cancel();
  co_return Outcome{error ? error.value() : 0, attempt->late};
}

asio::awaitable<std::vector<tcp::endpoint>> resolve(asio::any_io_executor executor,
                                                    Destination destination, ClientLimits limits) {
  error_code not_numeric;
  const auto address = asio::ip::make_address(destination.host, not_numeric);
  std::vector<tcp::endpoint> endpoints;
  if (!not_numeric) {
    endpoints.emplace_back(address, destination.port);
    co_return endpoints;
  }
  tcp::resolver resolver(executor);
  const auto [error, found] = co_await resolver.async_resolve(
      destination.host, std::to_string(destination.port),
      tcp::resolver::numeric_service | tcp::resolver::address_configured, kNoThrow);
  if (error) {
    throw Error(
        Message::ConnectionFailed,
        fmt::format("the name {} has no address: {}", printable(destination.host), error.message()),
        "a host name that the system can resolve, or an address",
        fmt::format("check the spelling; getent hosts {} asks the same question",
                    printable(destination.host)));
  }
  for (const auto& entry : found) {
    if (endpoints.size() < limits.addresses) endpoints.push_back(entry.endpoint());
  }
  co_return endpoints;
}

asio::awaitable<tls::Socket> dial_local(asio::any_io_executor executor, Destination destination,
                                        ClientLimits limits) {
  using asio::local::stream_protocol;
  const std::string path = destination.local_socket.string();
  if (path.size() >= sizeof(sockaddr_un{}.sun_path)) throw failed(destination, ENAMETOOLONG, 1);
  const auto attempt = std::make_shared<Attempt<stream_protocol>>(executor);
  const auto until = SteadyClock::now() + limits.connect_wait;
  const auto outcome =
      co_await connect<stream_protocol>(attempt, stream_protocol::endpoint(path), until);
  if (outcome.late) throw timed_out(destination, limits.connect_wait);
  if (outcome.error != 0) throw failed(destination, outcome.error, 1);
  co_return tls::Socket(std::move(attempt->socket));
}

}  // namespace

asio::awaitable<tls::Socket> dial(asio::any_io_executor executor, Destination destination,
                                  ClientLimits limits) {
  if (!destination.local_socket.empty()) {
    co_return co_await dial_local(executor, std::move(destination), limits);
  }
  const auto until = SteadyClock::now() + limits.connect_wait;
  const auto endpoints = co_await resolve(executor, destination, limits);
  Outcome outcome{EADDRNOTAVAIL, false};
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    // What is left is shared by those left, so that a silent first address does not eat it all.
    const auto now = SteadyClock::now();
    const auto left = std::max(until - now, SteadyClock::duration::zero());
    const auto share = left / static_cast<long>(endpoints.size() - i);
    const auto attempt = std::make_shared<Attempt<tcp>>(executor);
    outcome = co_await connect<tcp>(attempt, endpoints[i], now + share);
    if (outcome.error != 0 || outcome.late) continue;
    if (limits.keep_alive) {
      os::keep_alive(attempt->socket.native_handle(), kProbeIdle, kProbeBetween, kProbes);
    }
    co_return tls::Socket(std::move(attempt->socket));
  }
  if (outcome.late) throw timed_out(destination, limits.connect_wait);
  throw failed(destination, outcome.error, endpoints.size());
}

}  // namespace ipm::http
