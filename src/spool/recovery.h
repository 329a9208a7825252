#pragma once
// The start: reads what an earlier run left, compares rows with files, and clears away what no row
// names.

#include "base/log.h"
#include "spool/document_folder.h"
#include "spool/history.h"
#include "spool/limits.h"
#include "spool/loaded_state.h"
#include "sql/database.h"

namespace ipm::spool {

struct Recovered {
  LoadedState state;
  History history;
  JobId last_id = 0;  // The highest that was ever committed.
};

// Finished jobs that are overdue go before anybody sees them. Throws Error{SpoolUnusable} when the
// database cannot be read, Error{SpoolWriteFailed} when they do not go.
Recovered recover(const sql::Database& database, const DocumentFolder& folder, const Limits& limits,
                  TimePoint now);

// Says in the log what was taken up and what is damaged.
void report(const LoadedState& state, const Log& log);

}  // namespace ipm::spool
