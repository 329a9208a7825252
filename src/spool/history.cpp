#include "spool/history.h"

namespace ipm::spool {

void History::note(JobId id, std::optional<TimePoint> finished_at) {
  if (const auto known = by_id_.find(id); known != by_id_.end()) {
    by_time_.erase({known->second, id});
    by_id_.erase(known);
  }
  if (!finished_at) return;
  by_id_.emplace(id, *finished_at);
  by_time_.emplace(*finished_at, id);
}

std::vector<JobId> History::overdue(TimePoint now, std::size_t count_max) const {
  std::vector<JobId> ids;
  std::size_t kept = by_time_.size();
  for (const auto& [finished_at, id] : by_time_) {
    if (ids.size() == count_max) break;
    if (kept <= jobs_max_ && finished_at >= now - age_max_) break;
    ids.push_back(id);
    --kept;
  }
  return ids;
}

}  // namespace ipm::spool
