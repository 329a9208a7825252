// Jobs: their making, changing and listing. See manager.h.
#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <utility>

#include "base/text.h"
#include "print/job_record.h"
#include "print/limits.h"
#include "print/manager.h"
#include "print/manager_state.h"
#include "print/receipt.h"

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

void settle_state(Job& job) {
  if (job.incoming) {
    job.state = ipp::JobState::PendingHeld;
    job.reasons = {"job-incoming"};
  } else if (job.hold_until != "no-hold") {
    job.state = ipp::JobState::PendingHeld;
    job.reasons = {"job-hold-until-specified"};
  } else {
    job.state = ipp::JobState::Pending;
    job.reasons.clear();
  }
}

}  // namespace

Job Manager::draft(std::string_view destination) {
  Job job;
  {
    const std::lock_guard lock(state_->mutex);
    const LogicalDestination& logical = state_->logical_at(destination);
    if (!logical.accepting) {
      throw Error(Message::NotAccepting, fmt::format("{} does not accept jobs", logical.name),
                  "a destination that accepts jobs",
                  "try later, or print to another: ipm printer list");
    }
    if (state_->jobs.unfinished_count() >= kJobsActiveMax) {
      throw Error(Message::TooManyJobs, fmt::format("{} jobs are queued", kJobsActiveMax),
                  "fewer jobs");
    }
    job.destination = logical.name;
  }
  job.id = static_cast<int>(spool_.next_job_id());
  job.uuid = uuids_.next();
  job.created = options_.clock();
  job.priority = kPriorityDefault;
  return job;
}

asio::awaitable<Job> Manager::submit(Job job, std::vector<spool::NewDocument> documents) {
  number_documents(job, documents);
  settle_state(job);
  const Receipt kept;
  spool_.submit(to_record(job), std::move(documents), kept.completion());
  co_await kept.wait();
  std::string queue;
  {
    const std::lock_guard lock(state_->mutex);
    const auto logical = state_->logical.find(job.destination);
    // Deleted in this very moment: the job stays, visible, for an operator.
    queue = logical == state_->logical.end() ? job.destination : logical->second.queue;
    if (job.incoming) state_->incoming.emplace(job.id, job.created + kMultipleOperationTimeout);
    state_->jobs.insert(job, queue);
  }
  wake(queue);
  co_return job;
}

asio::awaitable<Job> Manager::add_document(int id, std::optional<spool::NewDocument> document,
                                           bool last) {
  const Receipt kept;
  Job job;
  int number = 0;
  std::string queue;
  {
    const std::lock_guard lock(state_->mutex);
    const Job* found = state_->jobs.find(id);
    if (found == nullptr) no_such_job(id);
    if (!found->incoming) {
      throw Error(Message::JobNotPossible, fmt::format("job {} takes no more documents", id),
                  "a job made by Create-Job and not yet closed");
    }
    if (document && found->documents.size() >= kDocumentsPerJobMax) {
      throw Error(Message::JobNotPossible,
                  fmt::format("job {} has {} documents", id, kDocumentsPerJobMax),
                  "fewer documents in a job");
    }
    std::vector<spool::NewDocument> one;
    if (document) number = static_cast<int>(found->documents.size()) + 1;
    if (document) one.push_back(std::move(*document));
    job = state_->jobs.change(id, [&](Job& changing) {
      number_documents(changing, one);
      ++changing.storing;  // Nobody prints it before the document is on stable storage.
      if (last) changing.incoming = false;
      if (last && changing.documents.empty()) {
        changing.state = ipp::JobState::Aborted;
        changing.reasons = {"aborted-by-system"};
        changing.message = "closed without a document";
        changing.completed = options_.clock();
      } else {
        settle_state(changing);
      }
    });
    if (last) {
      state_->incoming.erase(id);
    } else {
      state_->incoming[id] = options_.clock() + kMultipleOperationTimeout;
    }
    if (one.empty()) {
      spool_.update_job(to_update(job), kept.completion());
    } else {
      spool_.add_document(to_update(job), std::move(one.front()), kept.completion());
    }
    const auto logical = state_->logical.find(job.destination);
    queue = logical == state_->logical.end() ? job.destination : logical->second.queue;
  }
  std::exception_ptr failure;
  try {
    co_await kept.wait();
  } catch (const Error&) {
    failure = std::current_exception();
  }
  stored(id, number, static_cast<bool>(failure), last);
  if (failure) std::rethrow_exception(failure);
  if (last) wake(queue);
  co_return job;
}

// The spool has spoken: the document (0: none, the job was only closed) is there, or it is not.
void Manager::stored(int id, int number, bool failed, bool closed) {
  const std::lock_guard lock(state_->mutex);
  if (state_->jobs.find(id) == nullptr) return;
  state_->jobs.change(id, [&](Job& job) {
    --job.storing;
    if (!failed || job.finished()) return;
    std::erase_if(job.documents,
                  [&](const DocumentInfo& document) { return document.number == number; });
    // The client was told of the failure: it may send the document again.
    if (closed) {
      job.incoming = true;
      state_->incoming[job.id] = options_.clock() + kMultipleOperationTimeout;
      settle_state(job);
    }
  });
}

asio::awaitable<Job> Manager::change(int id, std::function<void(Job&)> apply) {
  const Receipt kept;
  Job job;
  std::string queue;
  {
    const std::lock_guard lock(state_->mutex);
    const Job* found = state_->jobs.find(id);
    if (found == nullptr) no_such_job(id);
    Job changed = *found;
    apply(changed);
    job = state_->jobs.change(id, [&](Job& changing) { changing = std::move(changed); });
    spool_.update_job(to_update(job), kept.completion());
    const auto logical = state_->logical.find(job.destination);
    queue = logical == state_->logical.end() ? job.destination : logical->second.queue;
  }
  co_await kept.wait();
  wake(queue);
  co_return job;
}

asio::awaitable<void> Manager::cancel(int id, std::string by) {
  std::shared_ptr<Deliverer> deliverer;
  const auto stop = [&](Job& job) {
    if (job.finished()) {
      throw Error(Message::JobNotPossible,
                  fmt::format("job {} is {}", id, ipp::job_state_name(job.state)),
                  "a job that is not finished");
    }
    job.message = by;
    if (job.state == ipp::JobState::Processing) {
      // The driver ends first; what it says then settles the job.
      const auto device = state_->devices.find(job.delivered_to);
      if (device != state_->devices.end()) deliverer = device->second.deliverer;
      job.reasons = {"processing-to-stop-point", "job-canceled-by-user"};
      return;
    }
    job.state = ipp::JobState::Canceled;
    job.reasons = {"job-canceled-by-user"};
    job.incoming = false;
    job.completed = options_.clock();
    state_->incoming.erase(id);
  };
  // A coroutine argument of its own: `stop` refers to this frame, which outlives the await.
  std::function<void(Job&)> apply = stop;
  const Job job = co_await change(id, std::move(apply));
  if (deliverer) deliverer->cancel(id);
  if (job.finished()) {
    const std::lock_guard lock(state_->mutex);
    state_->jobs.trim_history(kJobHistoryMax);
  }
}

std::optional<Job> Manager::find_job(int id) const {
  const std::lock_guard lock(state_->mutex);
  const Job* job = state_->jobs.find(id);
  if (job == nullptr) return std::nullopt;
  return *job;
}

void Manager::visit_jobs(const JobQuery& query,
                         const std::function<void(const Job&)>& visit) const {
  constexpr std::size_t kBatch = 128;
  std::vector<int> ids = query.ids;
  if (ids.empty()) {
    const std::lock_guard lock(state_->mutex);
    if (query.which != WhichJobs::Completed) ids = state_->jobs.unfinished(query.destination);
    if (query.which != WhichJobs::NotCompleted) {
      const auto finished = state_->jobs.finished(query.destination);
      ids.insert(ids.end(), finished.begin(), finished.end());
    }
  }
  std::size_t left = query.limit == 0 ? kJobsListedMax : query.limit;
  for (std::size_t begin = 0; begin < ids.size() && left > 0; begin += kBatch) {
    const std::lock_guard lock(state_->mutex);
    const std::size_t end = std::min(begin + kBatch, ids.size());
    for (std::size_t at = begin; at < end && left > 0; ++at) {
      const Job* job = state_->jobs.find(ids[at]);
      if (job == nullptr) continue;
      if (query.owner && job->owner != *query.owner) continue;
      if (query.owner_name && job->owner.name != *query.owner_name) continue;
      visit(*job);
      --left;
    }
  }
}

void Manager::tend() {
  const TimePoint now = options_.clock();
  std::vector<std::string> queues;
  {
    const std::lock_guard lock(state_->mutex);
    for (auto at = state_->incoming.begin(); at != state_->incoming.end();) {
      if (at->second > now) {
        ++at;
        continue;
      }
      const Job& job = state_->jobs.change(at->first, [&](Job& changing) {
        changing.incoming = false;
        changing.message = "no further document came in time";
        if (changing.documents.empty()) {
          changing.state = ipp::JobState::Aborted;
          changing.reasons = {"aborted-by-system"};
          changing.completed = now;
        } else {
          settle_state(changing);
        }
      });
      spool_.update_job(to_update(job), {});
      const auto logical = state_->logical.find(job.destination);
      if (logical != state_->logical.end()) queues.push_back(logical->second.queue);
      at = state_->incoming.erase(at);
    }
  }
  for (const auto& queue : queues) wake(queue);
}

}  // namespace ipm::print
