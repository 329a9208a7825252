#pragma once
// Finds committed documents, on a connection of its own, so that it never waits for a sync.

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "spool/engine.h"
#include "spool/sqlite/document_folder.h"
#include "sql/database.h"

namespace ipm::spool::sqlite {

// Any thread.
class Finder {
 public:
  Finder(const sql::Options& options, const DocumentFolder& folder);

  // Throws Error{SpoolDamaged} when its file is not there or has another size than its row says.
  std::optional<FoundDocument> find(JobId job, std::int64_t number);

 private:
  struct Row {
    FoundDocument document;
    std::optional<std::string> file;
  };
  std::optional<Row> read(JobId job, std::int64_t number);

  const DocumentFolder& folder_;
  std::mutex mutex_;
  sql::Database database_;
  sql::Statement select_;
};

}  // namespace ipm::spool::sqlite
