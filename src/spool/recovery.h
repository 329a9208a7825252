#pragma once
// The start: reads what an earlier run left, compares rows with files, and clears away what no row
// names.

#include "base/log.h"
#include "spool/document_folder.h"
#include "spool/loaded_state.h"
#include "sql/database.h"

namespace ipm::spool {

struct Recovered {
  LoadedState state;
  JobId last_id = 0;  // The highest that was ever committed.
};

// Throws Error{SpoolUnusable} when the database cannot be read.
Recovered recover(const sql::Database& database, const DocumentFolder& folder);

// Says in the log what was taken up and what is damaged.
void report(const LoadedState& state, const Log& log);

}  // namespace ipm::spool
