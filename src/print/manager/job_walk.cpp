#include "print/manager/job_walk.h"

#include <algorithm>
#include <utility>

#include "print/jobs/job_record.h"
#include "print/limits.h"
#include "print/manager/state.h"

namespace ipm::print {
namespace {

bool matches(const Job& job, const JobQuery& query) {
  if (query.owner && job.owner != *query.owner) return false;
  return !query.owner_name || job.owner.name == *query.owner_name;
}

}  // namespace

JobWalk::JobWalk(std::shared_ptr<ManagerState> state, JobQuery query)
    : state_(std::move(state)),
      query_(std::move(query)),
      phase_(!query_.ids.empty()                    ? Phase::Named
             : query_.which != WhichJobs::Completed ? Phase::Unfinished
                                                    : Phase::Finished),
      left_(query_.limit == 0 ? kJobsListedMax : query_.limit) {}

std::vector<JobPtr> JobWalk::next(std::size_t count) {
  std::vector<JobPtr> found;
  while (found.empty() && left_ > 0 && phase_ != Phase::Over) {
    const std::size_t wanted = std::min({count, left_, kJobsVisitedAtOnce});
    switch (phase_) {
      case Phase::Named:
        step_named(found);
        break;
      case Phase::Unfinished:
        step_unfinished(found, wanted);
        break;
      case Phase::Finished:
        step_finished(found, wanted);
        break;
      case Phase::Over:
        break;
    }
  }
  return found;
}

void JobWalk::take(JobPtr job, std::vector<JobPtr>& found) {
  if (!job || !matches(*job, query_)) return;
  found.push_back(std::move(job));
  --left_;
}

void JobWalk::step_named(std::vector<JobPtr>& found) {
  if (named_ == query_.ids.size()) {
    phase_ = Phase::Over;
    return;
  }
  take(state_->find_job(query_.ids[named_++]), found);
}

void JobWalk::step_unfinished(std::vector<JobPtr>& found, std::size_t wanted) {
  std::vector<JobPtr> page;
  {
    const std::lock_guard lock(state_->mutex);
    page = state_->jobs.unfinished_after(query_.destination, unfinished_, wanted);
  }
  if (page.empty()) {
    phase_ = query_.which == WhichJobs::All ? Phase::Finished : Phase::Over;
    return;
  }
  unfinished_ = JobTable::order_of(*page.back());
  for (auto& job : page) {
    if (query_.which == WhichJobs::All) seen_.insert(job->id);
    take(std::move(job), found);
  }
}

// What ended is on the disk before it is in memory.
void JobWalk::step_finished(std::vector<JobPtr>& found, std::size_t wanted) {
  spool::HistoryQuery asked;
  if (!query_.destination.empty()) asked.destination = query_.destination;
  if (query_.owner) asked.owner = query_.owner->name;
  if (query_.owner_name) asked.owner = query_.owner_name;
  const auto page = state_->spool.history(asked, finished_, wanted);
  for (const auto& record : page.jobs) {
    if (!seen_.contains(static_cast<int>(record.job.id)))
      take(std::make_shared<const Job>(from_finished(record)), found);
  }
  finished_ = page.next;
  if (!page.next) phase_ = Phase::Over;
}

JobPtr ManagerState::find_job(int id) const {
  {
    const std::lock_guard lock(mutex);
    if (auto job = jobs.find(id)) return job;
  }
  if (id < 1) return nullptr;
  const auto record = spool.find_finished(id);
  return record ? std::make_shared<const Job>(from_finished(*record)) : nullptr;
}

}  // namespace ipm::print
