#include "virtual_time.h"

#include <algorithm>
#include <atomic>
#include <chrono>

#include "os/timer.h"

// Asio asks the clock when it looks at its timers, and TimerWait how long the system may sleep until
// then. A reactor looks when its file of time (timerfd) is ready, which is the system's moment and
// not ours. So no timer ever makes it ready, but the one of look_at_timers(), which is awaited: all
// that are due then come in their order.

namespace ipm {
namespace {

constexpr std::chrono::seconds kBegin{1'000'000};
constexpr std::chrono::seconds kBeginOnTheWall{1'900'000'000};
constexpr std::chrono::hours kNever{1};

std::atomic<std::int64_t> elapsed{0};  // ns; the log's thread asks as well
bool looking = false;
std::optional<simulation::Moment> next_due;

}  // namespace

namespace os {

SteadyClock::time_point SteadyClock::now() noexcept {
  return time_point(kBegin + std::chrono::nanoseconds(elapsed.load()));
}

std::chrono::system_clock::time_point wall_time() noexcept {
  return std::chrono::system_clock::time_point(kBeginOnTheWall +
                                               std::chrono::nanoseconds(elapsed.load()));
}

SteadyClock::duration TimerWait::to_wait_duration(SteadyClock::duration until_due) {
  if (looking && until_due <= -kBegin) return SteadyClock::duration{0};
  next_due = SteadyClock::now() + std::max(until_due, SteadyClock::duration{0});
  return kNever;
}

}  // namespace os

namespace simulation {

void begin_time() {
  elapsed = 0;
}

void jump_to(Moment when) {
  elapsed = std::max(elapsed.load(), (when - Moment(kBegin)).count());
}

std::optional<Moment> look_at_timers(boost::asio::io_context& context) {
  os::Timer first(context);
  first.expires_at(Moment{});
  bool seen = false;
  looking = true;
  first.async_wait([&seen](const boost::system::error_code&) { seen = true; });
  next_due.reset();
  while (!seen) context.run_one();
  looking = false;
  return next_due;
}

}  // namespace simulation
}  // namespace ipm
