#include "spool/sqlite/history_reader.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "spool/limits.h"
#include "spool/sqlite/job_rows.h"
#include "spool/sqlite/schema.h"

namespace ipm::spool::sqlite {

// The place comes last: (finished, id) is the end of each index, the id being every row's key.
std::string text_of(HistoryKind kind) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kWays = {{
      {"jobs_finished", ""},
      {"jobs_of_owner", "owner = ? AND"},
      {"jobs_of_destination", "destination = ? AND"},
      {"jobs_of_owner_at", "owner = ? AND destination = ? AND"},
  }};
  const auto& [index, condition] = kWays.at(static_cast<std::size_t>(kind));
  return fmt::format(
      "SELECT {} FROM jobs INDEXED BY {} WHERE {} finished IS NOT NULL"
      " AND (finished, id) < (?, ?) ORDER BY finished DESC, id DESC LIMIT ?",
      kJobColumns, index, condition);
}

HistoryReader::HistoryReader(const sql::Options& options)
    : database_(options),
      all_(database_.prepare(text_of(HistoryKind::All))),
      of_owner_(database_.prepare(text_of(HistoryKind::OfOwner))),
      of_destination_(database_.prepare(text_of(HistoryKind::OfDestination))),
      of_owner_at_(database_.prepare(text_of(HistoryKind::OfOwnerAt))),
      one_(database_.prepare(
          fmt::format("SELECT {} FROM jobs WHERE id = ? AND finished IS NOT NULL", kJobColumns))),
      documents_(database_.prepare(
          fmt::format("SELECT {} FROM documents WHERE id BETWEEN ? AND ?", kDocumentColumns))) {}

HistoryPage HistoryReader::page(const HistoryQuery& query, const std::optional<HistoryPlace>& after,
                                std::size_t limit) {
  constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();
  const std::int64_t finished = after ? to_row(after->finished_at) : kEnd;
  const JobId id = after ? after->id : kEnd;
  const std::lock_guard guard(mutex_);
  HistoryPage page;
  {
    auto rows = query.owner && query.destination
                    ? of_owner_at_.query(*query.owner, *query.destination, finished, id, limit)
                : query.owner       ? of_owner_.query(*query.owner, finished, id, limit)
                : query.destination ? of_destination_.query(*query.destination, finished, id, limit)
                                    : all_.query(finished, id, limit);
    while (rows.next()) page.jobs.push_back({read_job(rows).job, {}, false});
  }
  if (page.jobs.size() == limit) {
    const Job& last = page.jobs.back().job;
    page.next = {last.status.finished_at.value_or(TimePoint()), last.id};
  }
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
