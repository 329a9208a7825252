#include "http/server.h"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>
#include <vector>

#include "base/text.h"
#include "http/core.h"
#include "http/listen.h"
#include "http/session.h"
#include "tls/local_user.h"

namespace asio = boost::asio;
using asio::ip::tcp;
using SteadyClock = std::chrono::steady_clock;

namespace ipm::http {
namespace {

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

asio::awaitable<void> serve(std::shared_ptr<Core> core, tls::Socket socket, std::string remote,
                            Admission admission) {
  Session session(std::move(core), std::move(socket), std::move(remote), std::move(admission));
  co_await session.run();
}

}  // namespace

// Acceptors, timers and the end belong to the first context's thread. Its coroutines own them, and
// this only knows them: it may be the last to go, after that context.
struct Server::State : std::enable_shared_from_this<Server::State> {
  explicit State(const ServerOptions& options);

  asio::io_context& home() { return cores.front()->context(); }
  void start(asio::awaitable<void> work, asio::io_context& where);
  void ended();  // one of the coroutines that start() counts
  asio::awaitable<void> accept_tcp(std::shared_ptr<tcp::acceptor> acceptor);
  asio::awaitable<void> accept_local(std::shared_ptr<LocalListener> listener);
  asio::awaitable<void> housekeep();
  // Counts it in, or says in the log why not.
  std::optional<Admission> admit(const tcp::endpoint& peer, std::string_view who);
  asio::awaitable<void> pause(const boost::system::error_code& failure);
  Core& next_core() { return *cores[next++ % cores.size()]; }
  void close_listeners();
  void stop(std::chrono::milliseconds grace, std::function<void()> done);

  std::shared_ptr<Shared> shared;
  std::vector<std::shared_ptr<Core>> cores;
  std::vector<std::weak_ptr<tcp::acceptor>> acceptors;
  std::vector<std::weak_ptr<LocalListener>> listeners;
  std::weak_ptr<asio::steady_timer> housekeeping;
  std::weak_ptr<asio::steady_timer> grace_over;
  std::function<void()> when_stopped;
  std::atomic<std::size_t> live = 0;  // coroutines: sessions, accept loops, housekeeping
  std::atomic<std::uint64_t> refused = 0;
  std::atomic<std::uint64_t> accepted = 0;
  std::size_t next = 0;  // of the first context's thread
};

Server::State::State(const ServerOptions& options) : shared(std::make_shared<Shared>(options)) {
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
    self->shared->quiet.flush(SteadyClock::now(), true);
    if (auto done = std::exchange(self->when_stopped, {})) done();
  });
}

asio::awaitable<void> Server::State::housekeep() {
  const auto timer = std::make_shared<asio::steady_timer>(home());
  housekeeping = timer;
  while (!shared->stopping) {
    timer->expires_after(shared->limits.quiet);
    co_await timer->async_wait(kNoThrow);
    shared->quiet.flush(SteadyClock::now());
  }
}

// Out of descriptors or memory: the connections wait in the kernel's queue until some are free.
asio::awaitable<void> Server::State::pause(const boost::system::error_code& failure) {
  shared->quiet.write(
      "accept", Message::TooManyConnections,
      fmt::format("connections cannot be accepted now: {}", errno_text(failure.value())),
      SteadyClock::now());
  asio::steady_timer timer(home(), kAcceptPause);
  co_await timer.async_wait(kNoThrow);
}

std::optional<Admission> Server::State::admit(const tcp::endpoint& peer, std::string_view who) {
  const Gate::Key key = Gate::key(peer.address());
  const auto verdict = shared->gate.enter(key, SteadyClock::now());
  const char* why = "";
  switch (verdict) {
    case Gate::Verdict::Enter:
      return Admission(shared, key, false);
    case Gate::Verdict::Pause:
      return Admission(shared, key, true);
    case Gate::Verdict::TooManyInAll:
      why = "there are too many in all";
      break;
    case Gate::Verdict::TooManyOfAddress:
      why = "this address has too many";
      break;
    case Gate::Verdict::TooManyPaused:
      why = "this address keeps failing to prove itself";
      break;
  }
  refused.fetch_add(1);
  shared->quiet.write(who, Message::TooManyConnections,
                      fmt::format("A connection from {} was closed: {}.", who, why),
                      SteadyClock::now());
  return std::nullopt;
}

asio::awaitable<void> Server::State::accept_tcp(std::shared_ptr<tcp::acceptor> acceptor) {
  acceptors.push_back(acceptor);
  while (acceptor->is_open()) {
    Core& core = next_core();
    auto [failure, socket] = co_await acceptor->async_accept(core.context(), kNoThrow);
    if (shared->stopping || !acceptor->is_open()) co_return;
    if (failure) {
      if (failure != asio::error::connection_aborted) co_await pause(failure);
      continue;
    }
    boost::system::error_code gone;
    const auto peer = socket.remote_endpoint(gone);
    if (gone) continue;
    std::string remote = to_text(peer);
    auto admission = admit(peer, std::string_view(remote).substr(0, remote.rfind(':')));
    if (!admission) continue;
    accepted.fetch_add(1);
    start(serve(core.shared_from_this(), tls::Socket(std::move(socket)), std::move(remote),
                std::move(*admission)),
          core.context());
  }
}

asio::awaitable<void> Server::State::accept_local(std::shared_ptr<LocalListener> listener) {
  listeners.push_back(listener);
  auto* const acceptor = &listener->acceptor();
  while (acceptor->is_open()) {
    Core& core = next_core();
    auto [failure, socket] = co_await acceptor->async_accept(core.context(), kNoThrow);
    if (shared->stopping || !acceptor->is_open()) co_return;
    if (failure) {
      if (failure != asio::error::connection_aborted) co_await pause(failure);
      continue;
    }
    const auto user = tls::find_local_user(socket.native_handle());
    if (!user) continue;  // Who cannot be told is not served.
    if (!shared->gate.enter_local()) {
      refused.fetch_add(1);
      continue;
    }
    accepted.fetch_add(1);
    start(serve(core.shared_from_this(), tls::Socket(std::move(socket)),
                fmt::format("local user {}", printable(user->name)), Admission(shared)),
          core.context());
  }
}

void Server::State::close_listeners() {
  boost::system::error_code ignored;
  for (auto& known : acceptors) {
    if (const auto acceptor = known.lock()) acceptor->close(ignored);
  }
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
  const auto timer = std::make_shared<asio::steady_timer>(home(), grace);
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
  auto acceptor = std::make_shared<tcp::acceptor>(listen_on(state_->home(), address));
  boost::system::error_code failure;
  std::string bound = to_text(acceptor->local_endpoint(failure));
  state_->start(state_->accept_tcp(std::move(acceptor)), state_->home());
  return bound;
}

void Server::listen_local(const std::filesystem::path& path, unsigned mode) {
  auto listener = std::make_shared<LocalListener>(state_->home(), path, mode);
  state_->start(state_->accept_local(std::move(listener)), state_->home());
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
  sum.connections_accepted = state_->accepted;
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
