#include "timeline.h"

#include <algorithm>
#include <stdexcept>

namespace ipm::simulation {
namespace {

constexpr std::size_t kHandlersInOneMomentMax = 2'000'000;

}  // namespace

void Timeline::add(boost::asio::io_context& context) {
  members_.emplace_back(context);
}

void Timeline::remove(boost::asio::io_context& context) {
  members_.remove_if([&](const Member& member) { return member.context == &context; });
}

bool Timeline::run_handlers(bool& any) {
  for (auto& member : members_) {
    while (member.context->poll_one() != 0) {
      any = true;
      if (++handlers_ > kHandlersInOneMomentMax) throw std::runtime_error("time stands still");
      if (!watch_.after_handler()) return false;
    }
  }
  return true;
}

bool Timeline::run_all(std::optional<Moment>& next) {
  handlers_ = 0;
  for (;;) {
    bool any = false;
    if (!run_handlers(any)) return false;
    if (any) continue;
    next.reset();
    for (auto& member : members_) {
      const auto due = look_at_timers(*member.context);
      if (due && (!next || *due < *next)) next = due;
    }
    if (!run_handlers(any)) return false;
    if (!any) return true;
  }
}

bool Timeline::run_until(Moment when) {
  for (;;) {
    std::optional<Moment> next;
    if (!run_all(next)) return false;
    watch_.when_idle();
    if (!next || *next > when) break;
    jump_to(*next);
  }
  jump_to(when);
  return true;
}

bool Timeline::run_until_done(const std::function<bool()>& done, std::chrono::nanoseconds most) {
  const Moment end = os::SteadyClock::now() + most;
  for (;;) {
    std::optional<Moment> next;
    if (!run_all(next)) return done();
    if (done()) return true;
    watch_.when_idle();
    if (!next || *next > end) return false;
    jump_to(*next);
  }
}

}  // namespace ipm::simulation
