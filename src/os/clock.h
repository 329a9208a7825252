#pragma once
// The two clocks. Everything that waits, or judges how long something took, asks the first; it never
// goes back. Nothing else in the program reads a clock, so that one object file in its place gives a
// simulation its own time.

#include <chrono>

namespace ipm::os {

struct SteadyClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<SteadyClock>;
  static constexpr bool is_steady = true;
  static time_point now() noexcept;
};

std::chrono::system_clock::time_point wall_time() noexcept;

// How long the system may sleep until a timer is due, given how long that is from now.
struct TimerWait {
  static SteadyClock::duration to_wait_duration(SteadyClock::duration until_due);
  static SteadyClock::duration to_wait_duration(SteadyClock::time_point due) {
    return to_wait_duration(due - SteadyClock::now());
  }
};

}  // namespace ipm::os
