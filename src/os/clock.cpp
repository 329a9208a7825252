#include "os/clock.h"

namespace ipm::os {

SteadyClock::time_point SteadyClock::now() noexcept {
  return time_point(std::chrono::steady_clock::now().time_since_epoch());
}

std::chrono::system_clock::time_point wall_time() noexcept {
  return std::chrono::system_clock::now();
}

SteadyClock::duration TimerWait::to_wait_duration(SteadyClock::duration until_due) {
  return until_due;
}

}  // namespace ipm::os
