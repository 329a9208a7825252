#include "spool/recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "spool/limits.h"
#include "spool/schema.h"
#include "spool/tables.h"

namespace ipm::spool {
namespace {

std::optional<TimePoint> time_of(const sql::Rows& rows, int column) {
  const auto seconds = rows.find_integer(column);
  if (!seconds) return std::nullopt;
  return from_row(*seconds);
}

int small_of(const sql::Rows& rows, int column) {
  return static_cast<int>(rows.integer(column));
}

// A job as it is read, until it is known whether it is whole.
struct Candidate {
  LoadedJob loaded;
  std::string damage;  // The first that was found; empty: none.

  void damaged(std::string what) {
    if (damage.empty()) damage = std::move(what);
  }
};

Candidate read_job(const sql::Rows& rows) {
  Candidate candidate;
  Job& job = candidate.loaded.job;
  job.id = rows.integer(0);
  job.destination = rows.text(1);
  job.owner = rows.text(2);
  job.name = rows.text(3);
  job.created_at = from_row(rows.integer(4));
  JobStatus& status = job.status;
  status.reasons = rows.text(6);
  status.message = rows.text(7);
  status.open = rows.integer(8) != 0;
  status.priority = small_of(rows, 9);
  status.attempts = small_of(rows, 10);
  status.documents_done = small_of(rows, 11);
  status.units_done = rows.integer(12);
  status.not_before = time_of(rows, 13);
  status.processing_at = time_of(rows, 14);
  status.finished_at = time_of(rows, 15);
  job.attributes = rows.blob(16);

  const std::int64_t state = rows.integer(5);
  if (state < static_cast<std::int64_t>(JobState::Pending) ||
      state > static_cast<std::int64_t>(JobState::Completed)) {
    candidate.damaged(fmt::format("its state is {}", state));
    return candidate;
  }
  status.state = static_cast<JobState>(state);
  if (job.id < 1 || job.id > kJobIdMax) candidate.damaged("its id is out of range");
  if (is_finished(status.state) != status.finished_at.has_value()) {
    candidate.damaged("its state and its time of completion contradict each other");
  }
  if (status.state == JobState::Processing) {
    candidate.loaded.interrupted = true;
    status.state = JobState::Pending;
  }
  return candidate;
}

std::vector<Candidate> read_jobs(const sql::Database& database) {
  std::vector<Candidate> jobs;
  auto select = database.prepare(
      "SELECT id, destination, owner, name, created, state, reasons, message, open, priority,"
      " attempts, documents_done, units_done, not_before, processing, finished, attributes"
      " FROM jobs ORDER BY id");
  auto rows = select.query();
  while (rows.next()) jobs.push_back(read_job(rows));
  return jobs;
}

using FileSizes = std::map<std::string, std::uint64_t, std::less<>>;

// What is wrong with a document, or empty. A file that it names is taken out of `files`.
std::string find_damage(const sql::Rows& rows, const DocumentInfo& info, FileSizes& files) {
  if (rows.is_null(6)) {
    const auto length = rows.find_integer(7);
    if (!length) return fmt::format("the bytes of document {} are missing", info.number);
    if (static_cast<std::uint64_t>(*length) == info.bytes) return {};
    return fmt::format("document {} has {} bytes instead of {}", info.number, *length, info.bytes);
  }
  const auto file = files.find(rows.text(6));
  if (file == files.end()) {
    return fmt::format("the file of document {}, {}, is missing", info.number,
                       printable(rows.text(6)));
  }
  const auto [name, bytes] = *file;
  files.erase(file);
  if (bytes == info.bytes) return {};
  return fmt::format("the file of document {}, {}, has {} bytes instead of {}", info.number, name,
                     bytes, info.bytes);
}

// Reads all documents' descriptions to their jobs. What a row names is taken out of `files`.
void read_documents(const sql::Database& database, std::vector<Candidate>& jobs, FileSizes& files) {
  auto select = database.prepare(
      "SELECT d.id, d.format, d.name, d.digest, d.attributes, d.bytes, d.file, length(b.bytes)"
      " FROM documents d LEFT JOIN bodies b ON b.id = d.id ORDER BY d.id");
  auto rows = select.query();
  auto job = jobs.begin();
  while (rows.next()) {
    const JobId id = job_of_key(rows.integer(0));
    while (job != jobs.end() && job->loaded.job.id < id) ++job;
    if (job == jobs.end() || job->loaded.job.id != id) continue;  // No job: its file is an orphan.
    DocumentInfo info;
    info.number = number_of_key(rows.integer(0));
    info.format = rows.text(1);
    info.name = rows.text(2);
    info.digest = rows.blob(3);
    info.attributes = rows.blob(4);
    info.bytes = static_cast<std::uint64_t>(rows.integer(5));
    std::string damage = find_damage(rows, info, files);
    if (damage.empty()) {
      job->loaded.documents.push_back(std::move(info));
    } else if (!is_finished(job->loaded.job.status.state)) {
      // A finished job needs its documents no more: it stays in the history without this one.
      job->damaged(std::move(damage));
    }
  }
}

Destination read_destination(const sql::Rows& rows) {
  Destination destination;
  destination.kind = static_cast<DestinationKind>(rows.integer(0));
  destination.name = rows.text(1);
  for (const auto name : split(rows.text(2), '\n')) {
    if (!name.empty()) destination.feeds.emplace_back(name);
  }
  destination.device_uri = rows.text(3);
  destination.paused = rows.integer(4) != 0;
  destination.accepting = rows.integer(5) != 0;
  destination.message = rows.text(6);
  destination.created_at = from_row(rows.integer(7));
  destination.attributes = rows.blob(8);
  return destination;
}

// Takes overdue jobs out of the database and out of what was read.
void purge(const sql::Database& database, const DocumentFolder& folder, Recovered& recovered,
           TimePoint now) {
  const auto overdue = recovered.history.overdue(now, std::numeric_limits<std::size_t>::max());
  if (overdue.empty()) return;
  Effects effects;
  {
    Tables tables(database);
    sql::Transaction transaction(database);
    for (const JobId id : overdue) tables.remove_job(id, effects);
    tables.remember_last_job(recovered.last_id);
    transaction.commit();
  }
  for (const JobId id : overdue) recovered.history.forget(id);
  for (const auto& file : effects.files_to_remove) folder.remove(file);
  const std::unordered_set<JobId> gone(overdue.begin(), overdue.end());
  std::erase_if(recovered.state.jobs,
                [&](const LoadedJob& loaded) { return gone.contains(loaded.job.id); });
}

}  // namespace

Recovered recover(const sql::Database& database, const DocumentFolder& folder, const Limits& limits,
                  TimePoint now) {
  Recovered recovered{{}, History(limits), 0};
  LoadedState& state = recovered.state;
  FileSizes files = folder.survey(state.orphans_removed);

  auto jobs = read_jobs(database);
  read_documents(database, jobs, files);
  for (const auto& [name, bytes] : files) folder.remove(name);
  state.orphans_removed += files.size();

  auto select_last = database.prepare("SELECT max(id) FROM last_job");
  if (auto rows = select_last.query(); rows.next()) recovered.last_id = rows.integer(0);
  state.jobs.reserve(jobs.size());
  for (auto& candidate : jobs) {
    const JobId id = candidate.loaded.job.id;
    if (id <= kJobIdMax) recovered.last_id = std::max(recovered.last_id, id);
    if (candidate.damage.empty()) {
      state.interrupted += candidate.loaded.interrupted ? 1 : 0;
      recovered.history.note(id, candidate.loaded.job.status.finished_at);
      state.jobs.push_back(std::move(candidate.loaded));
      continue;
    }
    candidate.loaded.job.status.state = JobState::Aborted;
    state.damaged.push_back({std::move(candidate.loaded.job), std::move(candidate.damage)});
  }

  auto select_destinations = database.prepare(
      "SELECT kind, name, feeds, device_uri, paused, accepting, message, created, attributes"
      " FROM destinations ORDER BY kind, name");
  for (auto rows = select_destinations.query(); rows.next();) {
    if (rows.integer(0) >= 1 && rows.integer(0) <= 3) {
      state.destinations.push_back(read_destination(rows));
    }
  }
  auto select_settings = database.prepare("SELECT key, value FROM settings");
  for (auto rows = select_settings.query(); rows.next();) {
    state.settings.emplace(rows.text(0), rows.blob(1));
  }
  purge(database, folder, recovered, now);
  return recovered;
}

void report(const LoadedState& state, const Log& log) {
  const auto waiting = std::ranges::count_if(
      state.jobs, [](const LoadedJob& loaded) { return !is_finished(loaded.job.status.state); });
  if (waiting > 0 || state.orphans_removed > 0) {
    log.write(
        Message::SpoolRecovered,
        fmt::format("The spool holds {} unfinished jobs, {} of them interrupted by the end of "
                    "the last run; {} files of unacknowledged documents were removed.",
                    waiting, state.interrupted, state.orphans_removed));
  }
  for (const auto& damaged : state.damaged) {
    log.write(Error(Message::SpoolDamaged,
                    fmt::format("job {} is damaged: {}", damaged.job.id, damaged.damage),
                    "rows and files that agree"));
  }
}

}  // namespace ipm::spool
