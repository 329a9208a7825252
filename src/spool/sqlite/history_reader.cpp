#include "spool/sqlite/history_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "spool/limits.h"
#include "spool/sqlite/job_rows.h"
#include "spool/sqlite/schema.h"

namespace ipm::spool::sqlite {
namespace {

// The place comes last: (finished, id) is the end of each index, the id being every row's key.
sql::Statement select(const sql::Database& database, std::string_view index,
                      std::string_view condition) {
  return database.prepare(
      fmt::format("SELECT {} FROM jobs INDEXED BY {} WHERE {} finished IS NOT NULL"
                  " AND (finished, id) < (?, ?) ORDER BY finished DESC, id DESC LIMIT ?",
                  kJobColumns, index, condition));
}

bool fits(const HistoryQuery& query, const Job& job) {
  return (!query.destination || job.destination == *query.destination) &&
         (!query.owner || job.owner == *query.owner) &&
         (!query.state || job.status.state == *query.state);
}

}  // namespace

HistoryReader::HistoryReader(const sql::Options& options)
    : database_(options),
      all_(select(database_, "jobs_finished", "")),
      of_owner_(select(database_, "jobs_of_owner", "owner = ? AND")),
      of_destination_(select(database_, "jobs_of_destination", "destination = ? AND")),
      one_(database_.prepare(
          fmt::format("SELECT {} FROM jobs WHERE id = ? AND finished IS NOT NULL", kJobColumns))),
      documents_(database_.prepare(
          fmt::format("SELECT {} FROM documents WHERE id BETWEEN ? AND ?", kDocumentColumns))) {}

HistoryPage HistoryReader::page(const HistoryQuery& query, const std::optional<HistoryPlace>& after,
                                std::size_t limit) {
  constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();
  const std::int64_t finished = after ? to_row(after->finished_at) : kEnd;
  const JobId id = after ? after->id : kEnd;
  const auto looked_at_max = static_cast<std::int64_t>(kHistoryRowsLookedAt);
  const std::lock_guard guard(mutex_);
  HistoryPage page;
  std::size_t looked_at = 0;
  std::optional<HistoryPlace> last;
  {
    auto rows = query.owner ? of_owner_.query(*query.owner, finished, id, looked_at_max)
                : query.destination
                    ? of_destination_.query(*query.destination, finished, id, looked_at_max)
                    : all_.query(finished, id, looked_at_max);
    while (page.jobs.size() < limit && rows.next()) {
      ++looked_at;
      Job job = read_job(rows).job;
      last = {job.status.finished_at.value_or(TimePoint()), job.id};
      if (fits(query, job)) page.jobs.push_back({std::move(job), {}, false});
    }
  }
  if (page.jobs.size() == limit || looked_at == kHistoryRowsLookedAt) page.next = last;
  for (auto& loaded : page.jobs) add_documents(loaded);
  return page;
}

std::optional<LoadedJob> HistoryReader::find(JobId id) {
  const std::lock_guard guard(mutex_);
  std::optional<LoadedJob> found;
  {
    auto rows = one_.query(id);
    if (!rows.next()) return std::nullopt;
    found = LoadedJob{read_job(rows).job, {}, false};
  }
  add_documents(*found);
  return found;
}

void HistoryReader::add_documents(LoadedJob& loaded) {
  const JobId id = loaded.job.id;
  auto rows = documents_.query(document_key(id, 0), document_key(id, kDocumentsPerJobMax));
  while (rows.next()) loaded.documents.push_back(read_document(rows));
}

}  // namespace ipm::spool::sqlite
