#include "spool/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "base/error.h"

namespace ipm::spool {
namespace {

// The disk or the database fails, not the one change.
bool fails_all(const Error& error) {
  return error.message() == Message::SpoolWriteFailed || error.message() == Message::SpoolUnusable;
}

bool is_new_work(const Change& change) {
  return std::holds_alternative<Submission>(change.what) ||
         std::holds_alternative<Addition>(change.what);
}

bool is_barrier(const Change& change) {
  return std::holds_alternative<Barrier>(change.what);
}

void keep_documents(Change& change) {
  if (auto* submission = std::get_if<Submission>(&change.what)) {
    for (auto& document : submission->documents) document.document.keep();
  } else if (auto* addition = std::get_if<Addition>(&change.what)) {
    addition->document.document.keep();
  }
}

Error busy(std::size_t changes, std::size_t bytes) {
  return {Message::SpoolBusy,
          fmt::format("{} changes of {} bytes wait to be written", changes, bytes),
          "a spool that keeps up with its clients"};
}

}  // namespace

Writer::Writer(sql::Database& database, LogCopier& copier, const DocumentFolder& folder,
               History history, Options options, const Log& log)
    : database_(database),
      copier_(copier),
      folder_(folder),
      options_(std::move(options)),
      log_(log),
      tables_(database),
      history_(std::move(history)),
      last_id_(options_.last_id),
      page_bytes_(database.page_bytes()),
      thread_([this] { run(); }) {}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Writer::post(Change change) {
  change.bytes = bytes_of(change);
  {
    const std::lock_guard lock(mutex_);
    if (!change.failure && is_new_work(change) &&
        (queue_.size() >= options_.limits.waiting_changes_max ||
         queued_bytes_ + change.bytes > options_.limits.waiting_bytes_max)) {
      change.failure = std::make_exception_ptr(busy(queue_.size(), queued_bytes_));
    }
    queued_bytes_ += change.bytes;
    queue_.push_back(std::move(change));
  }
  wake_.notify_one();
}

std::uint64_t Writer::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size() + in_group_;
}

void Writer::run() {
  Group group;
  while (take(group)) {
    if (group.empty()) {
      rest();
      continue;
    }
    write(group);
    group.clear();
    log_was_tried_ = false;
    watch_log();
  }
}

bool Writer::take(Group& group) {
  std::unique_lock lock(mutex_);
  in_group_ = 0;
  const bool log_is_long =
      !log_was_tried_ && database_.log_pages() * page_bytes_ >= kLogBytesWhenQuiet;
  const auto due = [this] { return ending_ || !queue_.empty(); };
  if (log_is_long) {
    wake_.wait_for(lock, kQuietTime, due);
  } else {
    wake_.wait_for(lock, kHistoryPause, due);
  }
  if (queue_.empty()) return !ending_;
  std::size_t bytes = 0;
  while (!queue_.empty() && group.size() < kGroupChangesMax && bytes < kGroupBytesMax) {
    bytes += queue_.front().bytes;
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  queued_bytes_ -= bytes;
  in_group_ = group.size();
  return true;
}

// Nothing has come for a while.
void Writer::rest() {
  if (database_.log_pages() * page_bytes_ >= kLogBytesWhenQuiet) shorten_log();
  log_was_tried_ = true;  // Once in a pause: a disk that refuses is not asked all the time.
  Group none;
  if (!history_.overdue(options_.clock(), 1).empty()) write(none);
}

void Writer::write(Group& group) {
  const auto purge = history_.overdue(options_.clock(), kGroupPurgesMax);
  Effects effects;
  std::exception_ptr failure;
  try {
    try {
      effects = commit(group, purge, false);
    } catch (const Error& error) {
      if (fails_all(error)) throw;
      // One of them is wrong. Which one, and that the others are not, shows when each has a
      // savepoint.
      effects = commit(group, purge, true);
    }
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  if (failure) {
    note_failure(failure);
    for (auto& change : group) {
      if (!change.failure) change.failure = failure;
    }
    for (auto& change : group) complete(change);
    // On a full disk the log cannot grow; copied back, it begins anew in the space that it has.
    shorten_log();
    return;
  }
  note_success();
  settle(group, effects, purge);
}

Effects Writer::commit(Group& group, std::span<const JobId> purge, bool one_by_one) {
  Effects effects;
  const bool nothing_to_do = purge.empty() && std::ranges::all_of(group, [](const auto& change) {
                               return change.failure || is_barrier(change);
                             });
  if (nothing_to_do) return effects;
  sql::Transaction transaction(database_);
  for (const JobId id : purge) tables_.remove_job(id, effects);
  for (auto& change : group) {
    if (change.failure) continue;
    if (!one_by_one) {
      effects.add(tables_.apply(change));
      continue;
    }
    try {
      sql::Savepoint savepoint(database_);
      Effects own = tables_.apply(change);
      savepoint.keep();
      effects.add(std::move(own));
    } catch (const Error& error) {
      if (fails_all(error)) throw;
      change.failure = std::current_exception();
    }
  }
  // The highest id's row is what the next start counts on; when it goes, its number stays.
  const JobId last = std::max(last_id_, effects.highest);
  if (std::ranges::find(effects.removed, last) != effects.removed.end()) {
    tables_.remember_last_job(last);
  }
  transaction.commit();
  last_id_ = last;
  ++groups_;
  return effects;
}

// All of it is durable: only now may anybody hear of it, and files go.
void Writer::settle(Group& group, Effects& effects, std::span<const JobId> purged) {
  for (const auto& [id, finished_at] : effects.finished) history_.note(id, finished_at);
  for (const JobId id : effects.removed) history_.forget(id);
  for (auto& change : group) {
    if (!change.failure) {
      keep_documents(change);
      if (!is_barrier(change)) ++changes_;
    }
    complete(change);
  }
  for (const auto& file : effects.files_to_remove) folder_.remove(file);
  if (purged.empty() || !options_.purged) return;
  try {
    options_.purged(purged);
  } catch (const std::exception&) {
    log_.write(Message::Unexpected, describe(std::current_exception()));
  }
}

void Writer::complete(Change& change) {
  if (change.failure) ++failures_;
  if (!change.completion) return;
  try {
    change.completion(change.failure);
  } catch (const std::exception&) {
    log_.write(Message::Unexpected, describe(std::current_exception()));
  }
}

void Writer::note_failure(const std::exception_ptr& failure) {
  if (std::exchange(failing_, true)) return;  // Once, not for each client that tries again.
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    log_.write(error);
  } catch (const std::exception&) {
    log_.write(Message::Unexpected, describe(failure));
  }
}

void Writer::note_success() {
  if (!std::exchange(failing_, false)) return;
  log_.write(Message::Notice, "The spool can write again.");
}

// Under load there is no quiet moment: the bulk is copied beside the writing, the rest in between.
void Writer::watch_log() {
  const std::uint64_t bytes = database_.log_pages() * page_bytes_;
  if (bytes < kLogBytesUnderLoad) return;
  if (copier_.take_done() || bytes >= kLogBytesMax) {
    shorten_log();
  } else {
    copier_.begin();
  }
}

void Writer::shorten_log() {
  try {
    database_.checkpoint();
  } catch (const Error&) {
    // Not needed for what was promised: the log holds it. The next commit meets the same disk, and
    // says so to those whom it concerns.
  }
}

}  // namespace ipm::spool
