#pragma once
// Writes changes into the tables, within the transaction of whoever calls.

#include <cstdint>
#include <string>
#include <vector>

#include "spool/change.h"
#include "spool/job.h"
#include "sql/database.h"

namespace ipm::spool::sqlite {

// What is to be done outside the database once the transaction is committed.
struct Effects {
  std::vector<std::string> files_to_remove;
  std::int64_t finished_added = 0;                 // More finished jobs than before; or fewer.
  TimePoint finished_earliest = TimePoint::max();  // Of those that were finished.
  std::vector<JobId> removed;
  JobId highest = 0;  // Of the jobs submitted.

  void add(Effects&& others);
};

// One for each writing connection; the statements are prepared once.
class Tables {
 public:
  explicit Tables(const sql::Database& database);

  // Throws Error{JobNotFound, Unexpected}: this change cannot be made; and what the database
  // throws. After a failure a part of the change may have been made: undo it.
  void apply(const HandIn& hand_in, Effects& effects);

  // With its documents.
  void remove_job(JobId id, Effects& effects);

  // Remembers that `id` has been given, whatever becomes of its row.
  void remember_last_job(JobId id);

 private:
  struct Applier;

  void insert_job(const Submission& submission, Effects& effects);
  void add_document(const Addition& addition, Effects& effects);
  void insert_document(JobId job, const NewDocument& document);
  void remove_documents(JobId job, Effects& effects);
  void update_job(const JobUpdate& update, Effects& effects);

  sql::Statement insert_job_;
  sql::Statement was_finished_;
  sql::Statement update_status_;
  sql::Statement count_document_;
  sql::Statement update_attributes_;
  sql::Statement update_destination_;
  sql::Statement delete_job_;
  sql::Statement insert_document_;
  sql::Statement insert_body_;
  sql::Statement delete_documents_;
  sql::Statement delete_bodies_;
  sql::Statement put_destination_;
  sql::Statement delete_destination_;
  sql::Statement put_setting_;
  sql::Statement delete_setting_;
  sql::Statement put_last_job_;
};

}  // namespace ipm::spool::sqlite
