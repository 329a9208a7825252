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
};

// A place in the history: behind this job.
struct HistoryPlace {
  TimePoint finished_at{};
  JobId id = 0;

  bool operator==(const HistoryPlace&) const = default;
};

struct HistoryPage {
  std::vector<LoadedJob> jobs;  // The latest to finish first.
  // Where the next page begins; absent at the end. Only the last page holds fewer than asked for.
  std::optional<HistoryPlace> next;
};

}  // namespace ipm::spool
