#pragma once
// The start: reads what an earlier run left, compares rows with files, and clears away what no row
// names.

#include "spool/loaded_state.h"
#include "spool/sqlite/document_folder.h"
#include "sql/database.h"

namespace ipm::spool::sqlite {

struct Recovered {
  LoadedState state;
  JobId last_id = 0;  // The highest that was ever committed.
};

// Throws Error{SpoolUnusable} when the database cannot be read.
Recovered recover(const sql::Database& database, const DocumentFolder& folder);

}  // namespace ipm::spool::sqlite
