#include "load/worker.h"

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <stdexcept>

#include "base/error.h"

namespace ipm::bench {
namespace {

constexpr int kEventsAtOnce = 256;
constexpr int kLookMilliseconds = 100;
// A request under way when the time is over is waited for, but not for ever.
constexpr std::chrono::seconds kGrace{60};
constexpr double kNoLimitSeconds = 1e6;

}  // namespace

Budget::Budget(std::uint64_t count, double seconds)
    : counted_(count != 0),
      left_(static_cast<std::int64_t>(count)),
      end_(SteadyClock::now() + std::chrono::duration_cast<SteadyClock::duration>(
                                    std::chrono::duration<double>(seconds))) {}

bool Budget::take() {
  if (is_over()) return false;
  return !counted_ || left_.fetch_sub(1, std::memory_order_relaxed) > 0;
}

Worker::Worker(const Setup& setup, int connections, int first)
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), first_(static_cast<std::uint32_t>(first)) {
  if (!epoll_) throw std::runtime_error("epoll_create1: " + errno_text(errno));
  for (int i = 0; i < connections; ++i) {
    lanes_.push_back(std::make_unique<Lane>(setup, epoll_.get(), static_cast<unsigned>(first + i)));
  }
}

std::size_t Worker::open_count() const {
  std::size_t count = 0;
  for (const auto& lane : lanes_) count += lane->connection.is_open() ? 1 : 0;
  return count;
}

bool Worker::start(Lane& lane, Tally& tally) {
  lane.begun = SteadyClock::now();
  try {
    lane.connection.begin();
  } catch (const std::exception& failure) {
    if (tally.failed++ == 0) tally.first_failure = failure.what();
    lane.connection.close();
    return false;
  }
  lane.busy = true;
  return true;
}

bool Worker::advance(Lane& lane, Tally& tally) {
  switch (lane.connection.advance()) {
    case Connection::State::Waits:
      return false;
    case Connection::State::Done: {
      const std::chrono::duration<float, std::milli> took = SteadyClock::now() - lane.begun;
      tally.latencies.push_back(took.count());
      break;
    }
    case Connection::State::Failed:
      if (tally.failed++ == 0) tally.first_failure = lane.connection.failure();
      break;
  }
  lane.busy = false;
  return true;
}

// Calls ended(lane) for each request that ends, until none is under way.
template <class Ended>
void Worker::drive(std::size_t& busy, Tally& tally, const Budget& budget, Ended ended) {
  std::array<epoll_event, kEventsAtOnce> events{};
  SteadyClock::time_point give_up = SteadyClock::time_point::max();
  while (busy > 0) {
    const int count = ::epoll_wait(epoll_.get(), events.data(), kEventsAtOnce, kLookMilliseconds);
    if (count < 0 && errno != EINTR) throw std::runtime_error("epoll_wait: " + errno_text(errno));
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      Lane& lane = *lanes_.at(event.data.u32 - first_);
      if (!lane.busy) {
        // It rests; a server that ends it now is no failure.
        if ((event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) lane.connection.close();
        continue;
      }
      if (advance(lane, tally)) ended(lane);
    }
    if (count > 0 || !budget.is_over()) continue;
    if (give_up == SteadyClock::time_point::max()) give_up = SteadyClock::now() + kGrace;
    if (SteadyClock::now() < give_up) continue;
    for (auto& lane : lanes_) {
      if (!lane->busy) continue;
      lane->connection.close();
      lane->busy = false;
      --busy;
      if (tally.failed++ == 0) tally.first_failure = "no answer";
    }
  }
}

Tally Worker::run(Budget& budget) {
  Tally tally;
  std::size_t busy = 0;
  // Goes on with the lane until it waits or the budget is used up.
  const auto go_on = [&](Lane& lane) {
    while (budget.take()) {
      if (!start(lane, tally)) continue;
      ++busy;
      if (!advance(lane, tally)) return;
      --busy;
    }
  };
  for (auto& lane : lanes_) go_on(*lane);
  drive(busy, tally, budget, [&](Lane& lane) {
    --busy;
    go_on(lane);
  });
  return tally;
}

Tally Worker::open_all(int at_once) {
  Tally tally;
  std::size_t busy = 0;
  std::size_t next = 0;
  const Budget unlimited(0, kNoLimitSeconds);
  const auto fill = [&] {
    while (next < lanes_.size() && busy < static_cast<std::size_t>(at_once)) {
      Lane& lane = *lanes_[next++];
      if (start(lane, tally) && !advance(lane, tally)) ++busy;
    }
  };
  fill();
  drive(busy, tally, unlimited, [&](Lane&) {
    --busy;
    fill();
  });
  return tally;
}

}  // namespace ipm::bench
