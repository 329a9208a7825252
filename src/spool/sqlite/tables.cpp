#include "spool/sqlite/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <variant>

#include "base/error.h"
#include "spool/limits.h"
#include "spool/sqlite/document_file.h"
#include "spool/sqlite/schema.h"

namespace ipm::spool::sqlite {
namespace {

std::string lines(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += name + "\n";
  return text;
}

template <typename Value>
void append(std::vector<Value>& to, std::vector<Value>&& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

void Effects::add(Effects&& others) {
  append(files_to_remove, std::move(others.files_to_remove));
  finished_added += others.finished_added;
  finished_earliest = std::min(finished_earliest, others.finished_earliest);
  append(removed, std::move(others.removed));
  highest = std::max(highest, others.highest);
}

Tables::Tables(const sql::Database& database)
    : insert_job_(database.prepare(
          "INSERT INTO jobs(id, destination, owner, name, created, state, reasons, message, open,"
          " priority, cancel_wanted, attempts, documents_done, units_done, device, device_job,"
          " device_up, doubtful, processing, finished, octets, documents, attributes)"
          " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")),
      was_finished_(database.prepare("SELECT finished IS NOT NULL FROM jobs WHERE id = ?")),
      update_status_(database.prepare(
          "UPDATE jobs SET state = ?, reasons = ?, message = ?, open = ?, priority = ?,"
          " cancel_wanted = ?, attempts = ?, documents_done = ?, units_done = ?, device = ?,"
          " device_job = ?, device_up = ?, doubtful = ?, processing = ?, finished = ?"
          " WHERE id = ?")),
      count_document_(database.prepare(
          "UPDATE jobs SET octets = octets + ?, documents = documents + 1 WHERE id = ?")),
      update_attributes_(database.prepare("UPDATE jobs SET attributes = ? WHERE id = ?")),
      update_destination_(database.prepare("UPDATE jobs SET destination = ? WHERE id = ?")),
      delete_job_(database.prepare("DELETE FROM jobs WHERE id = ?")),
      insert_document_(database.prepare(
          "INSERT INTO documents(id, format, name, bytes, file, sums) VALUES(?, ?, ?, ?, ?, ?)")),
      insert_body_(database.prepare("INSERT INTO bodies(id, bytes) VALUES(?, ?)")),
      delete_documents_(
          database.prepare("DELETE FROM documents WHERE id BETWEEN ? AND ? RETURNING file")),
      delete_bodies_(database.prepare("DELETE FROM bodies WHERE id BETWEEN ? AND ?")),
      put_destination_(database.prepare(
          "INSERT OR REPLACE INTO destinations(kind, name, feeds, device_uri, paused, accepting,"
          " message, created, attributes) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)")),
      delete_destination_(database.prepare("DELETE FROM destinations WHERE kind = ? AND name = ?")),
      put_setting_(database.prepare("INSERT OR REPLACE INTO settings(key, value) VALUES(?, ?)")),
      delete_setting_(database.prepare("DELETE FROM settings WHERE key = ?")),
      put_last_job_(database.prepare("UPDATE last_job SET id = max(id, ?)")) {}

struct Tables::Applier {
  Tables& tables;
  Effects& effects;

  void operator()(const Submission& submission) const { tables.insert_job(submission, effects); }

  void operator()(const Addition& addition) const { tables.add_document(addition, effects); }

  void operator()(const JobUpdate& update) const { tables.update_job(update, effects); }

  void operator()(const JobRemoval& removal) const { tables.remove_job(removal.id, effects); }

  void operator()(const Destination& destination) const {
    tables.put_destination_.run(destination.kind, destination.name, lines(destination.feeds),
                                destination.device_uri, destination.paused, destination.accepting,
                                destination.message, to_row(destination.created_at),
                                sql::Blob{destination.attributes});
  }

  void operator()(const DestinationRemoval& removal) const {
    tables.delete_destination_.run(removal.kind, removal.name);
  }

  void operator()(const Setting& setting) const {
    if (setting.value) {
      tables.put_setting_.run(setting.key, sql::Blob{*setting.value});
    } else {
      tables.delete_setting_.run(setting.key);
    }
  }
};

void Tables::apply(const HandIn& hand_in, Effects& effects) {
  for (const auto& change : hand_in.changes) std::visit(Applier{*this, effects}, change);
}

void Tables::insert_job(const Submission& submission, Effects& effects) {
  const Job& job = submission.job;
  const JobStatus& status = job.status;
  std::uint64_t octets = 0;
  for (const auto& document : submission.documents) octets += document.document.bytes();
  insert_job_.run(job.id, job.destination, job.owner, job.name, to_row(job.created_at),
                  status.state, status.reasons, status.message, status.open, status.priority,
                  status.cancel_wanted, status.attempts, status.documents_done, status.units_done,
                  status.device, status.device_job, status.device_up, status.doubtful,
                  to_row(status.processing_at), to_row(status.finished_at), octets,
                  submission.documents.size(), sql::Blob{job.attributes});
  for (const auto& document : submission.documents) insert_document(job.id, document);
  effects.highest = std::max(effects.highest, job.id);
  if (!status.finished_at) return;
  ++effects.finished_added;
  effects.finished_earliest = std::min(effects.finished_earliest, *status.finished_at);
}

void Tables::add_document(const Addition& addition, Effects& effects) {
  update_job(addition.update, effects);
  insert_document(addition.update.id, addition.document);
  count_document_.run(addition.document.document.bytes(), addition.update.id);
}

void Tables::insert_document(JobId job, const NewDocument& document) {
  const std::int64_t key = document_key(job, document.info.number);
  const StoredDocument& stored = document.document;
  std::optional<std::string> file;
  // Bodies come from this engine's sinks, and those are files.
  if (!stored.is_inline()) file = static_cast<const FileBody&>(*stored.body()).name();
  insert_document_.run(key, document.info.format, document.info.name, stored.bytes(), file,
                       sql::Blob{stored.sums()});
  if (!file) insert_body_.run(key, sql::Blob{stored.inline_bytes()});
}

void Tables::update_job(const JobUpdate& update, Effects& effects) {
  const JobStatus& status = update.status;
  bool was_finished = false;
  {
    auto rows = was_finished_.query(update.id);
    if (!rows.next()) {
      throw Error(Message::JobNotFound, fmt::format("there is no job {}", update.id),
                  "the id of a job that is in the spool");
    }
    was_finished = rows.integer(0) != 0;
  }
  update_status_.run(status.state, status.reasons, status.message, status.open, status.priority,
                     status.cancel_wanted, status.attempts, status.documents_done,
                     status.units_done, status.device, status.device_job, status.device_up,
                     status.doubtful, to_row(status.processing_at), to_row(status.finished_at),
                     update.id);
  if (update.attributes) update_attributes_.run(sql::Blob{*update.attributes}, update.id);
  if (update.destination) update_destination_.run(*update.destination, update.id);
  if (update.drop_documents) remove_documents(update.id, effects);
  if (status.finished_at) {
    effects.finished_earliest = std::min(effects.finished_earliest, *status.finished_at);
  }
  effects.finished_added += (status.finished_at ? 1 : 0) - (was_finished ? 1 : 0);
}

void Tables::remove_documents(JobId job, Effects& effects) {
  const std::int64_t first = document_key(job, 0);
  const std::int64_t last = document_key(job, kDocumentsPerJobMax);
  bool any_inline = false;
  {
    auto rows = delete_documents_.query(first, last);
    while (rows.next()) {
      if (rows.is_null(0)) {
        any_inline = true;
      } else {
        effects.files_to_remove.emplace_back(rows.text(0));
      }
    }
  }
  if (any_inline) delete_bodies_.run(first, last);
}

void Tables::remove_job(JobId id, Effects& effects) {
  {
    auto rows = was_finished_.query(id);
    if (rows.next() && rows.integer(0) != 0) --effects.finished_added;
  }
  delete_job_.run(id);
  remove_documents(id, effects);
  effects.removed.push_back(id);
}

void Tables::remember_last_job(JobId id) {
  put_last_job_.run(id);
}

}  // namespace ipm::spool::sqlite
