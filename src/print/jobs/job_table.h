#pragma once
// All jobs in memory, with the orders in which they are asked for: by id, by destination, and by
// what a queue prints next. Every look-up is logarithmic, whatever the number of jobs. Not
// thread-safe.

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "os/clock.h"
#include "print/jobs/job.h"

namespace ipm::print {

class JobTable {
 public:
  using Time = os::SteadyClock::time_point;

  // A job's place among those that wait: those that failed more often come later, then the highest
  // priority comes first, then the oldest.
  struct Place {
    int failures = 0;
    int priority = 0;  // negated
    int id = 0;
    auto operator<=>(const Place&) const = default;
  };

  // Puts a job where it belongs, in place of what was known under its id. `queue` is what its
  // destination feeds. Nothing else changes jobs.
  void put(JobPtr job, const std::string& queue);
  JobPtr find(int id) const;
  void erase(int id);

  // A change of the job is on its way to the disk: it is not printed before that is decided, and
  // no other change may begin.
  void set_changing(int id, bool changing);
  bool is_changing(int id) const;

  // The job, which failed, is not printed before then, unless its failures are forgotten.
  void postpone(int id, Time until);

  // Jobs of a queue that can be printed at `now`, in order: calls `take` until it returns true.
  void visit_waiting(std::string_view queue, Time now,
                     const std::function<bool(const Place&, const Job&)>& take) const;
  // When the next postponed job of the queue comes into question.
  std::optional<Time> next_due(std::string_view queue, Time now) const;

  // In the order that Get-Jobs wants (RFC 8011, 4.2.6.2): of printing, as far as it is known. An
  // empty destination means all of them.
  std::vector<int> unfinished(std::string_view destination) const;
  // At most `count` of those behind a place in that order.
  using Order = std::pair<int, int>;  // descending priority, ascending id
  static Order order_of(const Job& job);
  std::vector<JobPtr> unfinished_after(std::string_view destination,
                                       const std::optional<Order>& place, std::size_t count) const;
  std::size_t unfinished_count(std::string_view destination) const;
  std::size_t unfinished_count() const { return active_.size(); }

  // Finished jobs beyond `keep`, oldest first, are forgotten.
  void trim_history(std::size_t keep);

 private:
  struct Entry {
    JobPtr job;
    std::string queue;
    bool changing = false;
    Time not_before{};
  };
  struct Waiting {
    std::set<Place> ready;                     // postponed ones too
    std::set<std::pair<Time, int>> postponed;  // those of `ready` that wait for a time
  };

  void index(const Entry& entry);
  void unindex(const Entry& entry);
  void index_waiting(const Entry& entry);
  void unindex_waiting(const Entry& entry);

  std::unordered_map<int, Entry> jobs_;
  std::map<std::string, Waiting, std::less<>> waiting_;
  std::map<std::string, std::set<Order>, std::less<>> active_by_destination_;
  std::set<Order> active_;
  std::set<std::pair<TimePoint, int>> history_;
};

}  // namespace ipm::print
