#include "spool/sqlite/job_rows.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>

#include "spool/limits.h"
#include "spool/sqlite/schema.h"

namespace ipm::spool::sqlite {
namespace {

std::optional<TimePoint> time_of(const sql::Rows& rows, int column) {
  const auto seconds = rows.find_integer(column);
  if (!seconds) return std::nullopt;
  return from_row(*seconds);
}

int small_of(const sql::Rows& rows, int column) {
  return static_cast<int>(rows.integer(column));
}

std::string damage_of(const Job& job, std::int64_t state) {
  if (state < static_cast<std::int64_t>(JobState::Pending) ||
      state > static_cast<std::int64_t>(JobState::Completed)) {
    return fmt::format("its state is {}", state);
  }
  if (job.id < 1 || job.id > kJobIdMax) return "its id is out of range";
  if (is_finished(static_cast<JobState>(state)) != job.status.finished_at.has_value()) {
    return "its state and its time of completion contradict each other";
  }
  return {};
}

}  // namespace

JobRow read_job(const sql::Rows& rows) {
  JobRow row;
  Job& job = row.job;
  JobStatus& status = job.status;
  int column = 0;
  job.id = rows.integer(column++);
  job.destination = rows.text(column++);
  job.owner = rows.text(column++);
  job.name = rows.text(column++);
  job.created_at = from_row(rows.integer(column++));
  const std::int64_t state = rows.integer(column++);
  status.reasons = rows.text(column++);
  status.message = rows.text(column++);
  status.open = rows.integer(column++) != 0;
  status.priority = small_of(rows, column++);
  status.cancel_wanted = rows.integer(column++) != 0;
  status.attempts = small_of(rows, column++);
  status.documents_done = small_of(rows, column++);
  status.units_done = rows.integer(column++);
  status.device = rows.text(column++);
  status.device_job = static_cast<std::int32_t>(rows.integer(column++));
  status.device_up = static_cast<std::uint64_t>(rows.integer(column++));
  status.doubtful = rows.integer(column++) != 0;
  status.processing_at = time_of(rows, column++);
  status.finished_at = time_of(rows, column++);
  job.octets = static_cast<std::uint64_t>(rows.integer(column++));
  job.documents = rows.integer(column++);
  job.attributes = rows.blob(column++);
  row.damage = damage_of(job, state);
  status.state = row.damage.empty() ? static_cast<JobState>(state) : JobState::Aborted;
  return row;
}

DocumentInfo read_document(const sql::Rows& rows) {
  DocumentInfo info;
  info.number = number_of_key(rows.integer(0));
  info.format = rows.text(1);
  info.name = rows.text(2);
  info.bytes = static_cast<std::uint64_t>(rows.integer(3));
  return info;
}

}  // namespace ipm::spool::sqlite
