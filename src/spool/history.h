#pragma once
// Which finished jobs the spool still keeps, and which have to go.

#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "spool/job.h"
#include "spool/limits.h"

namespace ipm::spool {

class History {
 public:
  explicit History(const Limits& limits)
      : jobs_max_(limits.history_jobs_max), age_max_(limits.history_age_max) {}

  // The job is finished since then, or is (again) not finished.
  void note(JobId id, std::optional<TimePoint> finished_at);
  void forget(JobId id) { note(id, std::nullopt); }

  // The oldest that are too many or too old, at most `count_max` of them.
  std::vector<JobId> overdue(TimePoint now, std::size_t count_max) const;

 private:
  std::size_t jobs_max_;
  std::chrono::hours age_max_;
  std::set<std::pair<TimePoint, JobId>> by_time_;
  std::unordered_map<JobId, TimePoint> by_id_;
};

}  // namespace ipm::spool
