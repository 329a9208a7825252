#pragma once
// All jobs in memory, with the orders in which they are asked for: by id, by destination, and by
// what a queue prints next. Every look-up is logarithmic, whatever the number of jobs. Not
// thread-safe.

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "print/job.h"

namespace ipm::print {

class JobTable {
 public:
  // The job's id must be new.
  const Job& insert(Job job, std::string queue);
  const Job* find(int id) const;

  // Changes a job and puts it where it then belongs. Nothing else may change jobs.
  template <class Change>
  const Job& change(int id, Change apply) {
    Entry& entry = jobs_.at(id);
    unindex(entry);
    apply(entry.job);
    index(entry);
    return entry.job;
  }
  void erase(int id);

  // The next job that `queue` can print: the highest priority, then the oldest.
  std::optional<int> next_waiting(const std::string& queue) const;
  std::size_t waiting(const std::string& queue) const;

  // Ids in the order that Get-Jobs wants (RFC 8011, 4.2.6.2): unfinished ones in the order of
  // printing as far as it is known, finished ones newest first. An empty destination means all of
  // them.
  std::vector<int> unfinished(std::string_view destination) const;
  std::vector<int> finished(std::string_view destination) const;
  std::size_t unfinished_count(std::string_view destination) const;
  std::size_t unfinished_count() const { return active_.size(); }

  // Finished jobs beyond `keep`, oldest first, are forgotten.
  void trim_history(std::size_t keep);

 private:
  struct Entry {
    Job job;
    std::string queue;
  };
  using Order = std::pair<int, int>;  // descending priority, ascending id

  void index(const Entry& entry);
  void unindex(const Entry& entry);

  std::unordered_map<int, Entry> jobs_;
  std::map<std::string, std::set<Order>> waiting_;
  std::map<std::string, std::set<Order>, std::less<>> active_by_destination_;
  std::set<Order> active_;
  std::set<std::pair<TimePoint, int>> history_;
};

}  // namespace ipm::print
