#pragma once
// Rows of the jobs and documents tables as values.

#include <string>
#include <string_view>

#include "spool/loaded_state.h"
#include "sql/statement.h"

namespace ipm::spool::sqlite {

inline constexpr std::string_view kJobColumns =
    "id, destination, owner, name, created, state, reasons, message, open, priority, cancel_wanted,"
    " attempts, documents_done, units_done, device, device_job, device_up, doubtful, processing,"
    " finished, octets, documents, attributes";
inline constexpr std::string_view kDocumentColumns = "id, format, name, bytes";

// A job as its row says, its state as it was written.
struct JobRow {
  Job job;
  std::string damage;  // What contradicts itself; empty: nothing. The state is Aborted then.
};

JobRow read_job(const sql::Rows& rows);             // kJobColumns
DocumentInfo read_document(const sql::Rows& rows);  // kDocumentColumns

}  // namespace ipm::spool::sqlite
