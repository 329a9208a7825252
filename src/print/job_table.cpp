#include "print/job_table.h"

#include <algorithm>

namespace ipm::print {
namespace {

std::pair<int, int> order_of(const Job& job) {
  return {-job.priority, job.id};
}

bool can_print(const Job& job) {
  return job.state == ipp::JobState::Pending && !job.incoming && job.storing == 0 &&
         !job.documents.empty();
}

std::vector<int> ids_of(const std::set<std::pair<int, int>>& orders) {
  std::vector<int> ids;
  ids.reserve(orders.size());
  for (const auto& order : orders) ids.push_back(order.second);
  return ids;
}

}  // namespace

const Job& JobTable::insert(Job job, std::string queue) {
  const int id = job.id;
  const auto [at, inserted] = jobs_.try_emplace(id, Entry{std::move(job), std::move(queue)});
  if (inserted) index(at->second);
  return at->second.job;
}

const Job* JobTable::find(int id) const {
  const auto at = jobs_.find(id);
  return at == jobs_.end() ? nullptr : &at->second.job;
}

void JobTable::erase(int id) {
  const auto at = jobs_.find(id);
  if (at == jobs_.end()) return;
  unindex(at->second);
  jobs_.erase(at);
}

std::optional<int> JobTable::next_waiting(const std::string& queue) const {
  const auto at = waiting_.find(queue);
  if (at == waiting_.end() || at->second.empty()) return std::nullopt;
  return at->second.begin()->second;
}

std::size_t JobTable::waiting(const std::string& queue) const {
  const auto at = waiting_.find(queue);
  return at == waiting_.end() ? 0 : at->second.size();
}

std::vector<int> JobTable::unfinished(std::string_view destination) const {
  if (destination.empty()) return ids_of(active_);
  const auto at = active_by_destination_.find(destination);
  return at == active_by_destination_.end() ? std::vector<int>{} : ids_of(at->second);
}

std::vector<int> JobTable::finished(std::string_view destination) const {
  std::vector<int> ids;
  for (auto at = history_.rbegin(); at != history_.rend(); ++at) {
    if (destination.empty() || jobs_.at(at->second).job.destination == destination)
      ids.push_back(at->second);
  }
  return ids;
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
  const Job& job = entry.job;
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
  if (can_print(job)) put(waiting_[entry.queue]);
}

void JobTable::unindex(const Entry& entry) {
  const Job& job = entry.job;
  if (job.finished()) {
    history_.erase({job.completed.value_or(job.created), job.id});
    return;
  }
  active_.erase(order_of(job));
  active_by_destination_[job.destination].erase(order_of(job));
  if (can_print(job)) waiting_[entry.queue].erase(order_of(job));
}

}  // namespace ipm::print
