#pragma once
// Reads finished jobs by page, on a connection of its own. Each kind of query has an index, so that
// a page costs the same at the thousandth job and at the millionth.

#include <mutex>
#include <optional>
#include <string>

#include "spool/history_query.h"
#include "sql/database.h"

namespace ipm::spool::sqlite {

// What finished jobs are asked for by.
enum class HistoryKind { All, OfOwner, OfDestination, OfOwnerAt };
// Its values: the owner, the destination, and always the place (finished, id) and the limit.
std::string text_of(HistoryKind kind);

// Any thread; one query at a time.
class HistoryReader {
 public:
  explicit HistoryReader(const sql::Options& options);

  HistoryPage page(const HistoryQuery& query, const std::optional<HistoryPlace>& after,
                   std::size_t limit);
  std::optional<LoadedJob> find(JobId id);

 private:
  void add_documents(LoadedJob& loaded);

  std::mutex mutex_;
  sql::Database database_;
  sql::Statement all_;
  sql::Statement of_owner_;
  sql::Statement of_destination_;
  sql::Statement of_owner_at_;
  sql::Statement one_;
  sql::Statement documents_;
};

}  // namespace ipm::spool::sqlite
