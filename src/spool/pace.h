#pragma once
// When the writer works: on a thread of its own. A simulation, which has none, puts its own
// make_pace() in place of this object file.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace ipm::spool {

// How long the work may rest.
struct Rest {
  std::chrono::milliseconds time{0};
  bool until_woken = true;  // else whoever wakes it meanwhile is not heard
};

// One piece of work. `undisturbed`: a rest of some length is over and nobody woke it. Nothing returned: it has
// ended, and is not called again.
using Work = std::function<std::optional<Rest>(bool undisturbed)>;

// Calls the work at once, then whenever a rest is over; never twice at the same time. Its destructor
// joins.
class Pace {
 public:
  Pace() = default;
  Pace(const Pace&) = delete;
  Pace& operator=(const Pace&) = delete;
  virtual ~Pace() = default;

  // Any thread: there is something to do.
  virtual void wake() = 0;
  // Returns when the work has ended; until then wake() may be called.
  virtual void join() = 0;
};

std::unique_ptr<Pace> make_pace(Work work);

}  // namespace ipm::spool
