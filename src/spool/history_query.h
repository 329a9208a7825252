#pragma once
// Finished jobs, as they are asked for: newest first, a page at a time, from stable storage.

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "spool/job.h"
#include "spool/loaded_state.h"

namespace ipm::spool {

// What is not given does not matter.
struct HistoryQuery {
  std::optional<std::string> destination;
  std::optional<std::string> owner;
  std::optional<JobState> state;  // Only those that ended so.
};

// A place in the history: behind this job.
struct HistoryPlace {
  TimePoint finished_at{};
  JobId id = 0;

  bool operator==(const HistoryPlace&) const = default;
};

struct HistoryPage {
  std::vector<LoadedJob> jobs;  // The latest to finish first.
  // Where the next page begins; absent at the end. A page may hold fewer jobs than asked for, even
  // none, and yet not be the last: no more than kHistoryRowsLookedAt are looked at for one.
  std::optional<HistoryPlace> next;
};

}  // namespace ipm::spool
