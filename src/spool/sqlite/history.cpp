#include "spool/sqlite/history.h"

#include <algorithm>

#include "spool/sqlite/schema.h"

namespace ipm::spool::sqlite {

History::History(const sql::Database& database, const Limits& limits)
    : jobs_max_(limits.history_jobs_max),
      age_max_(limits.history_age_max),
      oldest_(database.prepare("SELECT id, finished FROM jobs INDEXED BY jobs_finished"
                               " WHERE finished IS NOT NULL ORDER BY finished, id LIMIT ?")) {
  auto count = database.prepare(
      "SELECT count(*) FROM jobs INDEXED BY jobs_finished WHERE finished IS NOT NULL");
  if (auto rows = count.query(); rows.next()) count_ = rows.integer(0);
  look_for_oldest();
}

void History::look_for_oldest() {
  auto rows = oldest_.query(1);
  earliest_ = rows.next() ? from_row(rows.integer(1)) : TimePoint::max();
}

void History::note(std::int64_t added, TimePoint earliest) {
  count_ += added;
  earliest_ = std::min(earliest_, earliest);
  if (added < 0) look_for_oldest();
}

std::vector<JobId> History::overdue(TimePoint now, std::size_t count_max) {
  const auto kept_max = static_cast<std::int64_t>(jobs_max_);
  std::int64_t too_many = jobs_max_ == 0 ? 0 : std::max<std::int64_t>(count_ - kept_max, 0);
  const TimePoint since = age_max_.count() == 0 ? TimePoint::min() : now - age_max_;
  std::vector<JobId> ids;
  if (too_many == 0 && earliest_ >= since) return ids;
  auto rows = oldest_.query(count_max);
  while (rows.next()) {
    if (too_many <= 0 && from_row(rows.integer(1)) >= since) break;
    ids.push_back(rows.integer(0));
    --too_many;
  }
  if (ids.empty()) earliest_ = since;  // Whoever was that old is no longer in it.
  return ids;
}

}  // namespace ipm::spool::sqlite
