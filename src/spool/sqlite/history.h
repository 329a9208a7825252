#pragma once
// How many finished jobs the spool keeps, and which have to go.

#include <cstdint>
#include <limits>
#include <vector>

#include "base/clock.h"
#include "spool/job.h"
#include "spool/limits.h"
#include "sql/database.h"

namespace ipm::spool::sqlite {

// Belongs to the writing connection. Counts what the tables hold; reads them only when some job has
// to go.
class History {
 public:
  History(const sql::Database& database, const Limits& limits);

  // What a commit changed: so many more finished jobs, the earliest of them finished then.
  void note(std::int64_t added, TimePoint earliest);

  // The oldest that are too many or too old, at most `count_max` of them.
  std::vector<JobId> overdue(TimePoint now, std::size_t count_max);

 private:
  void look_for_oldest();

  std::size_t jobs_max_;
  std::chrono::hours age_max_;
  sql::Statement oldest_;
  std::int64_t count_ = 0;
  TimePoint earliest_ = TimePoint::max();  // None finished earlier.
};

}  // namespace ipm::spool::sqlite
