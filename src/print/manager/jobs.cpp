// Jobs: their making, changing and listing. See manager.h.
#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <utility>

#include "base/text.h"
#include "output/blocking.h"
#include "print/jobs/job_record.h"
#include "print/limits.h"
#include "print/manager.h"
#include "print/manager/job_walk.h"
#include "print/manager/state.h"

namespace ipm::print {
namespace asio = boost::asio;
namespace {

// Documents enter the job as the spool will number them.
void number_documents(Job& job, std::vector<spool::NewDocument>& documents) {
  for (auto& document : documents) {
    document.info.number = static_cast<std::int64_t>(job.documents.size()) + 1;
    job.documents.push_back({static_cast<int>(document.info.number), document.info.name,
                             document.info.format, document.document.bytes()});
  }
}

void require_accepting(const ManagerState& state, std::string_view destination) {
  const LogicalDestination& logical = state.topology.logical_at(destination);
  if (!logical.accepting || state.closing.contains(destination)) {
    throw Error(Message::NotAccepting, fmt::format("{} does not accept jobs", logical.name),
                "a destination that accepts jobs",
                "try later, or print to another: ipm printer list");
  }
  if (state.jobs.unfinished_count() >= state.options.limits.jobs_active_max) {
    throw Error(Message::TooManyJobs,
                fmt::format("{} jobs are queued", state.options.limits.jobs_active_max),
                "fewer jobs");
  }
}

void require_room(const ManagerState& state, const Job& job) {
  const std::size_t most = state.options.limits.documents_per_job_max;
  if (job.documents.size() < most) return;
  throw Error(Message::JobNotPossible, fmt::format("job {} has {} documents", job.id, most),
              "fewer documents in a job");
}

}  // namespace

Job Manager::draft(std::string_view destination) {
  Job job;
  {
    const std::lock_guard lock(state_->mutex);
    require_accepting(*state_, destination);
    job.destination = destination;
  }
  job.id = static_cast<int>(state_->spool.next_job_id());
  job.uuid = state_->uuids.next();
  job.created = state_->options.clock();
  job.priority = kPriorityDefault;
  return job;
}

asio::awaitable<JobPtr> Manager::submit(Job job, std::vector<spool::NewDocument> documents) {
  const auto state = state_;
  number_documents(job, documents);
  settle_waiting(job);
  const std::string destination = job.destination;
  Changes changes;
  changes.add_new(std::move(job), std::move(documents));
  const JobPtr kept = changes.jobs().front();
  std::optional<Receipt> receipt;
  {
    const std::lock_guard lock(state->mutex);
    // It may have been closed or removed while the document came in.
    require_accepting(*state, destination);
    receipt = state->hand_in(std::move(changes));
  }
  co_await receipt->wait();
  co_return kept;
}

Arrival::Arrival(std::shared_ptr<ManagerState> state, int job)
    : state_(std::move(state)), job_(job) {
  const std::lock_guard lock(state_->mutex);
  if (const auto at = state_->incoming.find(job_); at != state_->incoming.end()) {
    ++at->second.arriving;
  } else {
    job_ = 0;
  }
}

Arrival::~Arrival() {
  if (!state_ || job_ == 0) return;
  const std::lock_guard lock(state_->mutex);
  const auto at = state_->incoming.find(job_);
  if (at == state_->incoming.end()) return;
  --at->second.arriving;
  at->second.until = state_->options.clock() + kMultipleOperationTimeout;
}

Arrival Manager::expect_document(int id) {
  return {state_, id};
}

void Manager::require_room(int id) const {
  const std::lock_guard lock(state_->mutex);
  print::require_room(*state_, *state_->job_at(id));
}

asio::awaitable<JobPtr> Manager::add_document(int id, std::optional<spool::NewDocument> document,
                                              bool last) {
  const auto state = state_;
  JobPtr kept;
  auto plan = [&](Changes& changes) {
    const JobPtr job = state->job_at(id);
    if (state->jobs.is_changing(id)) return false;
    if (document) print::require_room(*state, *job);
    job_event::AddDocument event{std::nullopt, last};
    if (document) {
      event.document =
          DocumentInfo{0, document->info.name, document->info.format, document->document.bytes()};
    }
    auto next = apply(*job, event, state->options.clock());
    if (document) {
      changes.add(std::move(next), *std::move(document));
    } else {
      changes.add(std::move(next));
    }
    kept = changes.jobs().front();
    return true;
  };
  co_await state->carry_out(plan);
  co_return kept;
}

asio::awaitable<JobPtr> Manager::change(int id, JobEvent event) {
  const auto state = state_;
  JobPtr kept;
  auto plan = [&](Changes& changes) {
    const JobPtr job = state->job_at(id);
    if (state->jobs.is_changing(id)) return false;
    changes.add(apply(*job, event, state->options.clock()));
    kept = changes.jobs().front();
    return true;
  };
  co_await state->carry_out(plan);
  co_return kept;
}

asio::awaitable<void> Manager::cancel(int id, std::string by, Cause cause) {
  const JobPtr canceled = co_await change(id, job_event::Cancel{std::move(by), cause});
  static_cast<void>(canceled);
}

asio::awaitable<void> Manager::cancel(std::vector<int> ids, std::string by, Cause cause) {
  const auto state = state_;
  const job_event::Cancel event{std::move(by), cause};
  // Who names a job twice wants its end once.
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
  while (!ids.empty()) {
    // Those that just change have their turn afterwards.
    std::vector<int> later;
    std::optional<Receipt> receipt;
    std::optional<Receipt> turn;
    {
      const std::lock_guard lock(state->mutex);
      Changes changes;
      for (const int id : ids) {
        const JobPtr job = state->jobs.find(id);
        if (!job || job->finished()) continue;
        if (state->jobs.is_changing(id)) {
          later.push_back(id);
        } else if (!job->cancel_wanted) {
          changes.add(apply(*job, event, state->options.clock()));
        }
      }
      if (!later.empty()) turn = state->wait_for_turn();
      if (!changes.empty()) receipt = state->hand_in(std::move(changes));
    }
    if (receipt) co_await receipt->wait();
    if (turn) co_await turn->wait();
    ids = std::move(later);
  }
}

asio::awaitable<void> Manager::forget_finished(std::string destination) {
  const auto state = state_;
  spool::HistoryQuery query;
  query.destination = destination;
  std::optional<spool::HistoryPlace> after;
  do {
    auto read = [state, query, after] {
      return state->spool.history(query, after, spool::kHistoryPageMax);
    };
    const auto page = co_await output::run_blocking(state->options.pool, std::move(read));
    auto plan = [&](Changes& changes) {
      for (const auto& record : page.jobs) changes.remove(static_cast<int>(record.job.id));
      return true;
    };
    co_await state->carry_out(plan);
    after = page.next;
  } while (after);
}

asio::awaitable<JobPtr> Manager::find_job(int id) const {
  const auto state = state_;
  {
    const std::lock_guard lock(state->mutex);
    if (auto job = state->jobs.find(id)) co_return job;
  }
  if (id < 1) co_return nullptr;
  auto read = [state, id] { return state->find_job(id); };
  co_return co_await output::run_blocking(state->options.pool, std::move(read));
}

JobWalk Manager::walk_jobs(JobQuery query) const {
  return {state_, std::move(query)};
}

void Manager::tend() {
  std::vector<std::shared_ptr<Deliverer>> deliverers;
  {
    const std::lock_guard lock(state_->mutex);
    const TimePoint now = state_->options.clock();
    Changes changes;
    for (const auto& [id, waits] : state_->incoming) {
      const JobPtr job = state_->jobs.find(id);
      if (waits.until > now || waits.arriving > 0 || !job || state_->jobs.is_changing(id)) continue;
      changes.add(apply(*job, job_event::TimeOut{}, now));
    }
    // Where the disk refuses it, the next look tries again.
    if (!changes.empty()) static_cast<void>(state_->hand_in(std::move(changes)));
    for (const auto& [name, device] : state_->devices) {
      if (device.deliverer && device.state.job == 0 &&
          (device.state.not_before != DeviceState::Time{} || device.state.failures > 0)) {
        deliverers.push_back(device.deliverer);
      }
    }
  }
  for (const auto& deliverer : deliverers) deliverer->wake();
}

}  // namespace ipm::print
