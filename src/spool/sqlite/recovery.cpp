#include "spool/sqlite/recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "spool/limits.h"
#include "spool/sqlite/job_rows.h"
#include "spool/sqlite/schema.h"

namespace ipm::spool::sqlite {
namespace {

// A job as it is read, until it is known whether it is whole.
struct Candidate {
  LoadedJob loaded;
  std::string damage;  // The first that was found; empty: none.

  void damaged(std::string what) {
    if (damage.empty()) damage = std::move(what);
  }
};

std::vector<Candidate> read_jobs(const sql::Database& database) {
  std::vector<Candidate> jobs;
  auto select = database.prepare(
      fmt::format("SELECT {} FROM jobs INDEXED BY jobs_unfinished WHERE finished IS NULL"
                  " ORDER BY id",
                  kJobColumns));
  auto rows = select.query();
  while (rows.next()) {
    JobRow row = read_job(rows);
    Candidate candidate{{std::move(row.job), {}, false}, std::move(row.damage)};
    JobStatus& status = candidate.loaded.job.status;
    if (status.state == JobState::Processing) {
      candidate.loaded.interrupted = true;
      status.state = JobState::Pending;
    }
    jobs.push_back(std::move(candidate));
  }
  return jobs;
}

using FileSizes = std::map<std::string, std::uint64_t, std::less<>>;

// What is wrong with a document, or empty. A file that it names is taken out of `files`.
std::string find_damage(const sql::Rows& rows, const DocumentInfo& info, FileSizes& files) {
  if (rows.is_null(4)) {
    const auto length = rows.find_integer(5);
    if (!length) return fmt::format("the bytes of document {} are missing", info.number);
    if (static_cast<std::uint64_t>(*length) == info.bytes) return {};
    return fmt::format("document {} has {} bytes instead of {}", info.number, *length, info.bytes);
  }
  const auto file = files.find(rows.text(4));
  if (file == files.end()) {
    return fmt::format("the file of document {}, {}, is missing", info.number,
                       printable(rows.text(4)));
  }
  const auto [name, bytes] = *file;
  files.erase(file);
  if (bytes == info.bytes) return {};
  return fmt::format("the file of document {}, {}, has {} bytes instead of {}", info.number, name,
                     bytes, info.bytes);
}

// Reads the documents' descriptions to their jobs. What a job's row names is taken out of `files`.
void read_documents(const sql::Database& database, std::vector<Candidate>& jobs, FileSizes& files) {
  auto select = database.prepare(
      "SELECT d.id, d.format, d.name, d.bytes, d.file, length(b.bytes), j.id IS NOT NULL"
      " FROM documents d LEFT JOIN bodies b ON b.id = d.id"
      " LEFT JOIN jobs j ON j.id = d.id / 65536 ORDER BY d.id");
  auto rows = select.query();
  auto job = jobs.begin();
  while (rows.next()) {
    if (rows.integer(6) == 0) continue;  // No job: its file is an orphan.
    const JobId id = job_of_key(rows.integer(0));
    DocumentInfo info = read_document(rows);
    std::string damage = find_damage(rows, info, files);
    while (job != jobs.end() && job->loaded.job.id < id) ++job;
    // A finished job needs its documents no more: whoever reads them learns of their damage.
    if (job == jobs.end() || job->loaded.job.id != id) continue;
    if (damage.empty()) {
      job->loaded.documents.push_back(std::move(info));
    } else {
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

}  // namespace

Recovered recover(const sql::Database& database, const DocumentFolder& folder) {
  Recovered recovered;
  LoadedState& state = recovered.state;
  FileSizes files = folder.survey(state.orphans_removed);

  auto jobs = read_jobs(database);
  read_documents(database, jobs, files);
  for (const auto& [name, bytes] : files) folder.remove(name);
  state.orphans_removed += files.size();

  auto select_last = database.prepare(
      "SELECT max((SELECT max(id) FROM last_job),"
      " (SELECT coalesce(max(id), 0) FROM jobs WHERE id <= ?))");
  if (auto rows = select_last.query(kJobIdMax); rows.next()) recovered.last_id = rows.integer(0);
  state.jobs.reserve(jobs.size());
  for (auto& candidate : jobs) {
    if (candidate.damage.empty()) {
      state.interrupted += candidate.loaded.interrupted ? 1 : 0;
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
  return recovered;
}

}  // namespace ipm::spool::sqlite
