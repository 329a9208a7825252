#include "http/server.h"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>
#include <vector>

#include "http/core.h"
#include "http/session.h"
#include "os/error.h"
#include "os/timer.h"

namespace asio = boost::asio;
using ipm::os::SteadyClock;

namespace ipm::http {
namespace {

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

asio::awaitable<void> serve(std::shared_ptr<Core> core, std::unique_ptr<net::Transport> wire,
                            Admission admission) {
  Session session(std::move(core), std::move(wire), std::move(admission));
  co_await session.run();
}

}  // namespace

// Listeners, timers and the end belong to the first context's thread. The coroutines own them; State
// keeps weak references because it may outlive the io_context.
struct Server::State : std::enable_shared_from_this<Server::State> {
  explicit State(const ServerOptions& options);

  asio::io_context& home() { return cores.front()->context(); }
  void start(asio::awaitable<void> work, asio::io_context& where);
  void ended();  // one of the coroutines that start() counts
  asio::awaitable<void> accept(std::shared_ptr<net::Listener> listener);
  std::string listen(std::shared_ptr<net::Listener> listener);
  asio::awaitable<void> housekeep();
  // Counts it in, or says in the log why not.
  std::optional<Admission> admit(const net::Remote& peer);
  asio::awaitable<void> pause(std::error_code failure);
  Core& next_core() { return *cores[next++ % cores.size()]; }
  void close_listeners();
  void stop(std::chrono::milliseconds grace, std::function<void()> done);

  std::shared_ptr<Shared> shared;
  std::vector<std::shared_ptr<Core>> cores;
  const net::Network& network;
  std::vector<std::weak_ptr<net::Listener>> listeners;
  std::weak_ptr<os::Timer> housekeeping;
  std::weak_ptr<os::Timer> grace_over;
  std::function<void()> when_stopped;
  std::atomic<std::size_t> live = 0;  // coroutines: sessions, accept loops, housekeeping
  std::atomic<std::uint64_t> refused = 0;
  std::atomic<std::uint64_t> total = 0;  // accepted
  std::size_t next = 0;                  // of the first context's thread
};

Server::State::State(const ServerOptions& options)
    : shared(std::make_shared<Shared>(options)), network(*options.network) {
  for (asio::io_context* context : options.contexts) {
    cores.push_back(std::make_shared<Core>(*context, shared));
  }
}

void Server::State::start(asio::awaitable<void> work, asio::io_context& where) {
  live.fetch_add(1);
  asio::co_spawn(where, std::move(work), [self = shared_from_this()](std::exception_ptr failure) {
    if (failure && self->shared->log != nullptr) {
      self->shared->log->write(Message::Unexpected,
                               fmt::format("a connection ended: {}", describe(failure)));
    }
    self->ended();
  });
}

void Server::State::ended() {
  if (live.fetch_sub(1) != 1 || !shared->stopping) return;
  asio::post(home(), [self = shared_from_this()] {
    if (const auto timer = self->grace_over.lock()) timer->cancel();
    self->shared->lines.flush(SteadyClock::now(), true);
    if (auto done = std::exchange(self->when_stopped, {})) done();
  });
}

asio::awaitable<void> Server::State::housekeep() {
  const auto timer = std::make_shared<os::Timer>(home());
  housekeeping = timer;
  while (!shared->stopping) {
    timer->expires_after(shared->limits.quiet);
    co_await timer->async_wait(kNoThrow);
    shared->lines.flush(SteadyClock::now());
  }
}

// Out of descriptors or memory: the connections wait in the kernel's queue until some are free.
asio::awaitable<void> Server::State::pause(std::error_code failure) {
  shared->lines.write("accept", Message::TooManyConnections,
                      fmt::format("connections cannot be accepted now: {}", os::text_of(failure)),
                      SteadyClock::now());
  os::Timer timer(home(), kAcceptPause);
  co_await timer.async_wait(kNoThrow);
}

std::optional<Admission> Server::State::admit(const net::Remote& peer) {
  using Verdict = net::Gate::Verdict;
  if (!peer.address) {
    if (shared->gate.enter_local()) return Admission(shared);
    refused.fetch_add(1);
    return std::nullopt;
  }
  const net::Gate::Key key = net::Gate::key(*peer.address);
  const auto verdict = shared->gate.enter(key, SteadyClock::now());
  const char* why = "";
  switch (verdict) {
    case Verdict::Enter:
      return Admission(shared, key, false);
    case Verdict::Pause:
      return Admission(shared, key, true);
    case Verdict::TooManyInAll:
      why = "there are too many in all";
      break;
    case Verdict::TooManyOfAddress:
      why = "this address has too many";
      break;
    case Verdict::TooManyPaused:
      why = "this address keeps failing to prove itself";
      break;
  }
  refused.fetch_add(1);
  const std::string_view who = std::string_view(peer.text).substr(0, peer.text.rfind(':'));
  shared->lines.write(who, Message::TooManyConnections,
                      fmt::format("A connection from {} was closed: {}.", who, why),
                      SteadyClock::now());
  return std::nullopt;
}

asio::awaitable<void> Server::State::accept(std::shared_ptr<net::Listener> listener) {
  listeners.push_back(listener);
  while (listener->is_open()) {
    Core& core = next_core();
    auto accepted = co_await listener->accept(core.context().get_executor());
    if (shared->stopping || !listener->is_open()) co_return;
    if (accepted.failure) co_await pause(accepted.failure);
    if (!accepted.transport) continue;
    auto admission = admit(accepted.transport->remote());
    if (!admission) continue;
    total.fetch_add(1);
    start(serve(core.shared_from_this(), std::move(accepted.transport), std::move(*admission)),
          core.context());
  }
}

std::string Server::State::listen(std::shared_ptr<net::Listener> listener) {
  std::string bound = listener->bound();
  start(accept(std::move(listener)), home());
  return bound;
}

void Server::State::close_listeners() {
  for (auto& known : listeners) {
    if (const auto listener = known.lock()) listener->close();
  }
}

void Server::State::stop(std::chrono::milliseconds grace, std::function<void()> done) {
  when_stopped = std::move(done);
  live.fetch_add(1);  // this one, so that the end comes after all of the below
  shared->stopping = true;
  close_listeners();
  if (const auto timer = housekeeping.lock()) timer->cancel();
  for (auto& core : cores) asio::post(core->context(), [core] { core->stop_idle(); });
  const auto timer = std::make_shared<os::Timer>(home(), grace);
  grace_over = timer;
  auto abort_rest = [self = shared_from_this(), timer](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    for (auto& core : self->cores) asio::post(core->context(), [core] { core->abort_all(); });
  };
  timer->async_wait(std::move(abort_rest));
  ended();
}

Server::Server(ServerOptions options) : state_(std::make_shared<State>(options)) {
  state_->start(state_->housekeep(), state_->home());
}

Server::~Server() = default;

std::string Server::listen_tcp(std::string_view address) {
  return state_->listen(state_->network.listen_tcp(state_->home().get_executor(), address));
}

void Server::listen_local(const std::filesystem::path& path) {
  state_->listen(state_->network.listen_local(state_->home().get_executor(), path));
}

void Server::generation_changed() {
  for (auto& core : state_->cores) asio::post(core->context(), [core] { core->check_peers(); });
}

void Server::stop(std::chrono::milliseconds grace, std::function<void()> done) {
  asio::post(state_->home(), [state = state_, grace, done = std::move(done)]() mutable {
    state->stop(grace, std::move(done));
  });
}

Statistics Server::statistics() const {
  Statistics sum;
  sum.connections_open = state_->shared->gate.connections();
  sum.connections_accepted = state_->total;
  sum.connections_refused = state_->refused;
  for (const auto& core : state_->cores) {
    const Counters& counters = core->counters();
    sum.handshakes += counters.handshakes.value();
    sum.handshakes_resumed += counters.handshakes_resumed.value();
    sum.handshakes_failed += counters.handshakes_failed.value();
    sum.plaintext_refused += counters.plaintext_refused.value();
    sum.requests += counters.requests.value();
    sum.responses_4xx += counters.responses_4xx.value();
    sum.responses_5xx += counters.responses_5xx.value();
    sum.timeouts += counters.timeouts.value();
    sum.body_bytes_in += counters.body_bytes_in.value();
    sum.body_bytes_out += counters.body_bytes_out.value();
  }
  return sum;
}

}  // namespace ipm::http
