#include "output/raw/raw_connection.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "net/yield.h"
#include "os/error.h"

namespace ipm::output {
namespace asio = boost::asio;
using Direction = net::Transport::Direction;
using os::SteadyClock;
using std::chrono::milliseconds;
namespace {

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr milliseconds kDrainPauseFirst{2};
constexpr milliseconds kDrainPauseMax{500};

// Its own coroutines throw nothing that matters after the end; what they find is in the members.
void ended(std::exception_ptr) {}

}  // namespace

RawConnection::RawConnection(const asio::any_io_executor& executor, const net::Network& network,
                             const Patience& patience)
    : patience_(patience),
      executor_(executor),
      network_(network),
      looks_(executor),
      changed_(executor) {}

asio::awaitable<std::string> RawConnection::connect(net::Endpoint device) {
  const auto self = shared_from_this();
  asio::co_spawn(executor_, dial(std::move(device)), [self](std::exception_ptr failure) {
    if (failure) self->away_ = describe(failure);
    self->changed_.cancel();
  });
  // Who closes does not wait for the dialling to end.
  while (!wire_ && away_.empty() && !closed_) {
    changed_.expires_at(SteadyClock::time_point::max());
    co_await changed_.async_wait(kNoThrow);
  }
  if (closed_) co_return "it was closed";
  co_return away_;
}

asio::awaitable<void> RawConnection::dial(net::Endpoint device) {
  const auto self = shared_from_this();
  net::DialLimits limits;
  limits.wait = patience_.connect;
  limits.keep_alive = true;
  try {
    auto wire = co_await network_.dial(executor_, std::move(device), limits);
    if (closed_) co_return;  // the connection ends with `wire`
    if (const auto facts = wire->tcp_facts()) before_ = facts->acknowledged;
    wire_ = std::move(wire);
  } catch (const Error& error) {
    away_ = error.happened();
  }
}

void RawConnection::begin(Watch watcher) {
  asio::co_spawn(executor_, listen(), ended);
  asio::co_spawn(executor_, watch(std::move(watcher)), ended);
}

std::uint64_t RawConnection::acknowledged() {
  if (!wire_) return acknowledged_;
  if (const auto facts = wire_->tcp_facts()) {
    const auto counted = facts->acknowledged - std::min(before_, facts->acknowledged);
    acknowledged_ = std::min(written_, counted);  // our own end counts as one there
  }
  return acknowledged_;
}

void RawConnection::broke(const std::string& why) {
  if (over()) return;
  acknowledged();
  end_ = RawEnd::Broken;
  why_ = why;
  changed_.cancel();
}

// What a printer says of itself nobody reads here; but its end, and a reset, are heard at once.
asio::awaitable<void> RawConnection::listen() {
  const auto self = shared_from_this();
  std::array<unsigned char, 4096> dropped;
  std::uint64_t total = 0;
  net::YieldBudget budget;
  while (wire_->is_open()) {
    std::error_code failure;
    const std::size_t got = wire_->receive(dropped, failure);
    if (failure == std::errc::operation_would_block) {
      const bool ready = co_await wire_->wait(Direction::Read);
      if (!ready) break;
      continue;
    }
    if (failure) {
      broke(os::text_of(failure));
      break;
    }
    if (got == 0) {
      if (end_ == RawEnd::Open) end_ = RawEnd::Orderly;
      break;
    }
    total += got;
    if (total > kBackTalkBytesMax) {
      broke(fmt::format("it sent more than {} MiB itself", kBackTalkBytesMax >> 20U));
      wire_->abort();  // unheard it could end, or be reset, and nobody would know
      break;
    }
    if (budget.is_spent(got)) co_await net::yield_now(executor_);
  }
  changed_.cancel();
}

asio::awaitable<void> RawConnection::watch(Watch watcher) {
  const auto self = shared_from_this();
  auto moved = SteadyClock::now();
  std::uint64_t last = 0;
  while (!over()) {
    looks_.expires_after(patience_.look);
    const auto [canceled] = co_await looks_.async_wait(kNoThrow);
    if (over() || canceled) break;
    const auto facts = wire_->tcp_facts();
    if (!facts) continue;
    const auto now = SteadyClock::now();
    const auto taken = acknowledged();
    if (std::exchange(last, taken) != taken) moved = now;
    const bool owed = facts->unacknowledged > 0 || facts->probes > 0;
    if (owed && facts->since_acknowledgement >= patience_.silent) {
      broke(fmt::format("no sign of life for {} s", facts->since_acknowledgement.count() / 1000));
      wire_->abort();
      break;
    }
    watcher(taken, std::chrono::duration_cast<milliseconds>(now - moved),
            facts->since_acknowledgement);
  }
}

asio::awaitable<bool> RawConnection::write(std::span<const unsigned char> bytes) {
  const auto self = shared_from_this();
  if (over()) co_return false;
  written_ += bytes.size();
  while (!bytes.empty() && wire_->is_open()) {
    std::error_code failure;
    const std::size_t sent = wire_->send(bytes, failure);
    if (!failure) {
      bytes = bytes.subspan(sent);
    } else if (failure == std::errc::operation_would_block) {
      const bool ready = co_await wire_->wait(Direction::Write);
      if (!ready) break;
    } else {
      broke(os::text_of(failure));
      break;
    }
  }
  co_return bytes.empty() && !over();
}

asio::awaitable<bool> RawConnection::drain() {
  const auto self = shared_from_this();
  auto pause = kDrainPauseFirst;
  for (;;) {
    if (acknowledged() >= written_) co_return !closed_;
    if (over()) co_return false;
    // A reset after the device's own end is heard by nobody else.
    const auto facts = wire_->tcp_facts();
    if (facts && facts->state == os::TcpFacts::State::Closed) {
      broke("the connection was reset");
      co_return false;
    }
    changed_.expires_after(pause);
    co_await changed_.async_wait(kNoThrow);
    pause = std::min(pause * 2, kDrainPauseMax);
  }
}

asio::awaitable<void> RawConnection::finish(milliseconds wait) {
  const auto self = shared_from_this();
  wire_->end_sending();
  const auto until =
      wait == milliseconds::max() ? SteadyClock::time_point::max() : SteadyClock::now() + wait;
  while (end_ == RawEnd::Open && !closed_ && SteadyClock::now() < until) {
    changed_.expires_at(until);
    co_await changed_.async_wait(kNoThrow);
  }
}

void RawConnection::close() {
  if (std::exchange(closed_, true)) return;
  if (written_ > 0) acknowledged();
  if (wire_) wire_->abort();
  looks_.cancel();
  changed_.cancel();
}

}  // namespace ipm::output
