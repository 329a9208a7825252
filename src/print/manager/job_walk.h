#pragma once
// Jobs in the order of RFC 8011, 4.2.6.2, so many at a time: what is not asked for costs nothing,
// and no more are held than one step gives. Jobs that come or go meanwhile may be among them or not;
// none comes twice.

#include <cstddef>
#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

#include "print/jobs/job_table.h"
#include "print/manager.h"
#include "spool/history_query.h"

namespace ipm::print {

class JobWalk {
 public:
  JobWalk(std::shared_ptr<ManagerState> state, JobQuery query);

  // Whether next() may read the disk, or look at many jobs that it does not give.
  bool may_take_long() const {
    return query_.which != WhichJobs::NotCompleted || !query_.ids.empty() || query_.owner ||
           query_.owner_name;
  }
  // At least one, at most `count`; none at the end. Reads the disk for finished jobs. Throws
  // Error{SpoolUnusable, SpoolAway} when that fails.
  std::vector<JobPtr> next(std::size_t count);

 private:
  enum class Phase { Named, Unfinished, Finished, Over };

  void step_named(std::vector<JobPtr>& found);
  void step_unfinished(std::vector<JobPtr>& found, std::size_t wanted);
  void step_finished(std::vector<JobPtr>& found, std::size_t wanted);
  void take(JobPtr job, std::vector<JobPtr>& found);

  std::shared_ptr<ManagerState> state_;
  JobQuery query_;
  Phase phase_;
  std::size_t left_;
  std::size_t named_ = 0;                        // of query_.ids, those that were looked at
  std::optional<JobTable::Order> unfinished_;    // the last one that was looked at
  std::optional<spool::HistoryPlace> finished_;  // likewise
  std::unordered_set<int> seen_;                 // that may come again as finished ones
};

}  // namespace ipm::print
