#include "net/dial.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "os/error.h"
#include "os/timer.h"

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace ipm::net {
namespace {

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

std::string mend_for(const Endpoint& to, const std::error_code& failure) {
  if (!to.local_socket.empty()) {
    return failure == std::errc::permission_denied
               ? "run it as root, or as a member of the group that owns the socket"
               : "is ipmd running? Start it, or give --server HOST[:PORT]";
  }
  if (failure == std::errc::connection_refused) {
    return fmt::format("is ipmd running there, and does it listen on port {}? ipm server status",
                       to.port);
  }
  if (failure == std::errc::network_unreachable || failure == std::errc::host_unreachable) {
    return "check the network and the route to it";
  }
  return {};
}

Error failed(const Endpoint& to, const std::error_code& failure, std::size_t tried) {
  const std::string_view which = tried > 1 ? ", at the last of its addresses" : "";
  return Error(
      Message::ConnectionFailed,
      fmt::format("cannot connect to {}{}: {}", printable(to.text()), which, os::text_of(failure)),
      "a server that answers there", mend_for(to, failure));
}

Error timed_out(const Endpoint& to, std::chrono::milliseconds wait) {
  return Error(Message::ConnectionTimedOut,
               fmt::format("{} did not answer within {} ms", printable(to.text()), wait.count()),
               "a connection in that time",
               "check the address, the port, and the firewall between");
}

// What is under way for one dialling, shared with the handlers of its operations: they may come
// after it is over, and then do nothing.
struct Race {
  explicit Race(const asio::any_io_executor& executor) : changed(executor), resolver(executor) {}

  void tell() { changed.cancel(); }
  void end() {
    over = true;
    error_code ignored;
    for (auto& attempt : attempts) attempt.close(ignored);
  }

  os::Timer changed;  // until the next step is due; cancelled when something has happened
  tcp::resolver resolver;
  std::optional<error_code> resolved;
  tcp::resolver::results_type found;
  std::deque<Socket> attempts;
  std::size_t pending = 0;
  std::optional<std::size_t> winner;
  std::error_code failure;  // of the attempt that failed last
  bool over = false;
};

struct RaceEnd {
  explicit RaceEnd(std::shared_ptr<Race> of) : race(std::move(of)) {}
  RaceEnd(const RaceEnd&) = delete;
  RaceEnd& operator=(const RaceEnd&) = delete;
  ~RaceEnd() { race->end(); }
  std::shared_ptr<Race> race;
};

void start_attempt(const std::shared_ptr<Race>& race, const asio::any_io_executor& executor,
                   const Socket::endpoint_type& endpoint) {
  const std::size_t number = race->attempts.size();
  race->attempts.emplace_back(executor);
  ++race->pending;
  race->attempts.back().async_connect(endpoint, [race, number](const error_code& failure) {
    if (race->over) return;
    --race->pending;
    if (!failure) {
      if (!race->winner) race->winner = number;
    } else {
      race->failure = failure;
    }
    race->tell();
  });
}

Error unresolved(const Endpoint& to, const error_code& failure) {
  return Error(Message::ConnectionFailed,
               fmt::format("the name {} has no address: {}", printable(to.host), failure.message()),
               "a host name that the system can resolve, or an address",
               fmt::format("check the spelling; getent hosts {} asks the same question",
                           printable(to.host)));
}

// A resolver that hangs is left behind at the deadline: it cannot be interrupted.
asio::awaitable<std::vector<tcp::endpoint>> resolve(asio::any_io_executor executor, Endpoint to,
                                                    DialLimits limits,
                                                    os::SteadyClock::time_point until) {
  const auto race = std::make_shared<Race>(executor);
  const RaceEnd end(race);
  race->resolver.async_resolve(
      to.host, std::to_string(to.port),
      tcp::resolver::numeric_service | tcp::resolver::address_configured,
      [race](const error_code& failure, tcp::resolver::results_type found) {
        if (race->over) return;
        race->resolved = failure;
        race->found = std::move(found);
        race->tell();
      });
  while (!race->resolved) {
    if (os::SteadyClock::now() >= until) throw timed_out(to, limits.wait);
    race->changed.expires_at(until);
    co_await race->changed.async_wait(kNoThrow);
  }
  if (*race->resolved) throw unresolved(to, *race->resolved);
  std::vector<tcp::endpoint> endpoints;
  for (const auto& entry : race->found) endpoints.push_back(entry.endpoint());
  endpoints = by_turns(endpoints);
  endpoints.resize(std::min(endpoints.size(), limits.addresses));
  co_return endpoints;
}

}  // namespace

std::vector<tcp::endpoint> by_turns(const std::vector<tcp::endpoint>& endpoints) {
  std::vector<tcp::endpoint> ordered;
  if (endpoints.empty()) return ordered;
  const auto first_family = endpoints.front().protocol();
  std::deque<tcp::endpoint> first;
  std::deque<tcp::endpoint> second;
  for (const auto& one : endpoints)
    (one.protocol() == first_family ? first : second).push_back(one);
  while (!first.empty() || !second.empty()) {
    for (auto* family : {&first, &second}) {
      if (family->empty()) continue;
      ordered.push_back(family->front());
      family->pop_front();
    }
  }
  return ordered;
}

asio::awaitable<Socket> connect_first(asio::any_io_executor executor, Endpoint to,
                                      DialLimits limits,
                                      std::vector<Socket::endpoint_type> endpoints,
                                      os::SteadyClock::time_point until) {
  const auto race = std::make_shared<Race>(executor);
  const RaceEnd end(race);
  std::size_t next = 0;
  os::SteadyClock::time_point next_due = os::SteadyClock::now();
  while (!race->winner) {
    const auto now = os::SteadyClock::now();
    if (now >= until) throw timed_out(to, limits.wait);
    if (next < endpoints.size() && (now >= next_due || race->pending == 0)) {
      start_attempt(race, executor, endpoints[next++]);
      next_due = now + kNextAddressPause;
      continue;
    }
    if (race->pending == 0) throw failed(to, race->failure, endpoints.size());
    race->changed.expires_at(next < endpoints.size() ? std::min(next_due, until) : until);
    co_await race->changed.async_wait(kNoThrow);
  }
  co_return std::move(race->attempts[*race->winner]);
}

asio::awaitable<Socket> dial_socket(asio::any_io_executor executor, Endpoint to,
                                    DialLimits limits) {
  const auto until = os::SteadyClock::now() + limits.wait;
  std::vector<Socket::endpoint_type> endpoints;
  if (!to.local_socket.empty()) {
    const std::string path = to.local_socket.string();
    if (path.size() > os::local_path_bytes_max()) {
      throw failed(to, std::make_error_code(std::errc::filename_too_long), 1);
    }
    endpoints.emplace_back(asio::local::stream_protocol::endpoint(path));
  } else {
    error_code not_numeric;
    const auto address = asio::ip::make_address(to.host, not_numeric);
    if (!not_numeric) {
      endpoints.emplace_back(tcp::endpoint(address, to.port));
    } else {
      const auto found = co_await resolve(executor, to, limits, until);
      endpoints.assign(found.begin(), found.end());
    }
  }
  co_return co_await connect_first(executor, to, limits, std::move(endpoints), until);
}

}  // namespace ipm::net
