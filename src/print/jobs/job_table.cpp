#include "print/jobs/job_table.h"

#include <algorithm>
#include <limits>

#include "print/jobs/job_machine.h"

namespace ipm::print {
namespace {

JobTable::Place place_of(const Job& job) {
  return {job.attempts, -job.priority, job.id};
}

std::vector<int> ids_of(const std::set<std::pair<int, int>>& orders) {
  std::vector<int> ids;
  ids.reserve(orders.size());
  for (const auto& order : orders) ids.push_back(order.second);
  return ids;
}

}  // namespace

void JobTable::put(JobPtr job, const std::string& queue) {
  const auto [at, inserted] = jobs_.try_emplace(job->id);
  Entry& entry = at->second;
  if (!inserted) unindex(entry);
  entry.job = std::move(job);
  entry.queue = queue;
  if (entry.job->attempts == 0) entry.not_before = {};  // It waits only because it failed.
  index(entry);
}

JobPtr JobTable::find(int id) const {
  const auto at = jobs_.find(id);
  return at == jobs_.end() ? nullptr : at->second.job;
}

void JobTable::erase(int id) {
  const auto at = jobs_.find(id);
  if (at == jobs_.end()) return;
  unindex(at->second);
  jobs_.erase(at);
}

void JobTable::set_changing(int id, bool changing) {
  const auto at = jobs_.find(id);
  if (at == jobs_.end() || at->second.changing == changing) return;
  if (!at->second.job->finished()) unindex_waiting(at->second);
  at->second.changing = changing;
  if (!at->second.job->finished()) index_waiting(at->second);
}

bool JobTable::is_changing(int id) const {
  const auto at = jobs_.find(id);
  return at != jobs_.end() && at->second.changing;
}

void JobTable::postpone(int id, Time until) {
  const auto at = jobs_.find(id);
  if (at == jobs_.end() || at->second.job->finished()) return;
  unindex_waiting(at->second);
  at->second.not_before = until;
  index_waiting(at->second);
}

void JobTable::visit_waiting(std::string_view queue, Time now,
                             const std::function<bool(const Place&, const Job&)>& take) const {
  const auto at = waiting_.find(queue);
  if (at == waiting_.end()) return;
  for (const Place& place : at->second.ready) {
    const Entry& entry = jobs_.at(place.id);
    if (entry.not_before > now) continue;
    if (take(place, *entry.job)) return;
  }
}

std::optional<JobTable::Time> JobTable::next_due(std::string_view queue, Time now) const {
  const auto at = waiting_.find(queue);
  if (at == waiting_.end()) return std::nullopt;
  const auto due = at->second.postponed.upper_bound({now, std::numeric_limits<int>::max()});
  if (due == at->second.postponed.end()) return std::nullopt;
  return due->first;
}

std::vector<int> JobTable::unfinished(std::string_view destination) const {
  if (destination.empty()) return ids_of(active_);
  const auto at = active_by_destination_.find(destination);
  return at == active_by_destination_.end() ? std::vector<int>{} : ids_of(at->second);
}

JobTable::Order JobTable::order_of(const Job& job) {
  return {-job.priority, job.id};
}

std::vector<JobPtr> JobTable::unfinished_after(std::string_view destination,
                                               const std::optional<Order>& place,
                                               std::size_t count) const {
  std::vector<JobPtr> found;
  const std::set<Order>* orders = &active_;
  if (!destination.empty()) {
    const auto of_destination = active_by_destination_.find(destination);
    if (of_destination == active_by_destination_.end()) return found;
    orders = &of_destination->second;
  }
  auto at = place ? orders->upper_bound(*place) : orders->begin();
  for (; at != orders->end() && found.size() < count; ++at)
    found.push_back(jobs_.at(at->second).job);
  return found;
}

std::size_t JobTable::unfinished_count(std::string_view destination) const {
  const auto at = active_by_destination_.find(destination);
  return at == active_by_destination_.end() ? 0 : at->second.size();
}

void JobTable::trim_history(std::size_t keep) {
  while (history_.size() > keep) {
    const int id = history_.begin()->second;
    history_.erase(history_.begin());
    jobs_.erase(id);
  }
}

void JobTable::index(const Entry& entry) {
  const Job& job = *entry.job;
  if (job.finished()) {
    history_.emplace(job.completed.value_or(job.created), job.id);
    return;
  }
  // New jobs mostly come last: the hint makes that cheap, however many there are.
  const auto put = [order = order_of(job)](std::set<Order>& jobs) {
    jobs.insert(jobs.end(), order);
  };
  put(active_);
  put(active_by_destination_[job.destination]);
  index_waiting(entry);
}

void JobTable::unindex(const Entry& entry) {
  const Job& job = *entry.job;
  if (job.finished()) {
    history_.erase({job.completed.value_or(job.created), job.id});
    return;
  }
  active_.erase(order_of(job));
  const auto at = active_by_destination_.find(job.destination);
  at->second.erase(order_of(job));
  if (at->second.empty()) active_by_destination_.erase(at);
  unindex_waiting(entry);
}

void JobTable::index_waiting(const Entry& entry) {
  if (entry.changing || !can_print(*entry.job)) return;
  Waiting& waiting = waiting_[entry.queue];
  waiting.ready.insert(waiting.ready.end(), place_of(*entry.job));
  if (entry.not_before != Time{}) waiting.postponed.emplace(entry.not_before, entry.job->id);
}

void JobTable::unindex_waiting(const Entry& entry) {
  const auto at = waiting_.find(entry.queue);
  if (at == waiting_.end()) return;
  at->second.ready.erase(place_of(*entry.job));
  at->second.postponed.erase({entry.not_before, entry.job->id});
  if (at->second.ready.empty()) waiting_.erase(at);
}

}  // namespace ipm::print
