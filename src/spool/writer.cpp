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

bool is_barrier(const HandIn& hand_in) {
  return hand_in.changes.empty();
}

void keep_documents(HandIn& hand_in) {
  for (auto& change : hand_in.changes) {
    if (auto* submission = std::get_if<Submission>(&change)) {
      for (auto& document : submission->documents) document.document.keep();
    } else if (auto* addition = std::get_if<Addition>(&change)) {
      addition->document.document.keep();
    }
  }
}

Error busy(std::size_t changes, std::size_t bytes) {
  return {Message::SpoolBusy,
          fmt::format("{} changes of {} bytes wait to be written", changes, bytes),
          "a spool that keeps up with its clients"};
}

}  // namespace

Writer::Writer(sql::Database& database, LogCopier& copier, const DocumentFolder& folder,
               Options options, const Log& log)
    : database_(database),
      copier_(copier),
      folder_(folder),
      options_(std::move(options)),
      log_(log),
      tables_(database),
      history_(database, options_.limits),
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

void Writer::post(HandIn hand_in) {
  hand_in.bytes = bytes_of(hand_in);
  {
    const std::lock_guard lock(mutex_);
    if (!hand_in.failure && !is_relief(hand_in) &&
        (queue_.size() >= options_.limits.waiting_changes_max ||
         queued_bytes_ + hand_in.bytes > options_.limits.waiting_bytes_max)) {
      hand_in.failure = std::make_exception_ptr(busy(queue_.size(), queued_bytes_));
    }
    queued_bytes_ += hand_in.bytes;
    queue_.push_back(std::move(hand_in));
  }
  wake_.notify_one();
}

std::uint64_t Writer::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size() + in_group_;
}

void Writer::run() {
  Group group;
  purge();
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
  std::size_t changes = 0;
  while (!queue_.empty() && changes < kGroupChangesMax && bytes < kGroupBytesMax) {
    bytes += queue_.front().bytes;
    changes += std::max<std::size_t>(queue_.front().changes.size(), 1);
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
  purge();
}

// Removes finished jobs whose time is over, until somebody has work.
void Writer::purge() {
  Group none;
  while (write(none) == kGroupPurgesMax) {
    const std::lock_guard lock(mutex_);
    if (ending_ || !queue_.empty()) return;
  }
}

std::size_t Writer::write(Group& group) {
  std::vector<JobId> purge;
  Effects effects;
  std::exception_ptr failure;
  try {
    purge = history_.overdue(options_.clock(), kGroupPurgesMax);
    effects = commit(group, purge);
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  if (!failure) {
    if (!group.empty() || !purge.empty()) note_success();
    settle(group, effects, purge);
    return purge.size();
  }
  note_failure(failure);
  // On a full disk the log cannot grow; copied back, it begins anew in the space that it has.
  shorten_log();
  // Where there is no room for new work, what settles and deletes may still find some.
  bool relief = false;
  for (auto& hand_in : group) {
    if (hand_in.failure || is_barrier(hand_in)) continue;
    if (is_relief(hand_in)) {
      relief = true;
    } else {
      hand_in.failure = failure;
    }
  }
  effects = Effects();
  if (relief) {
    try {
      effects = commit(group, {});
      failure = nullptr;
    } catch (const std::exception&) {
      failure = std::current_exception();
    }
    for (auto& hand_in : group) {
      if (failure && !hand_in.failure) hand_in.failure = failure;
    }
  }
  settle(group, effects, {});
  return 0;
}

Effects Writer::commit(std::span<HandIn> group, std::span<const JobId> purge) {
  try {
    return try_commit(group, purge, false);
  } catch (const Error& error) {
    if (fails_all(error)) throw;
  }
  // One of them is wrong. Which one, and that the others are not, shows when each has a savepoint.
  return try_commit(group, purge, true);
}

Effects Writer::try_commit(std::span<HandIn> group, std::span<const JobId> purge, bool one_by_one) {
  Effects effects;
  const bool nothing_to_do = purge.empty() && std::ranges::all_of(group, [](const auto& hand_in) {
                               return hand_in.failure || is_barrier(hand_in);
                             });
  if (nothing_to_do) return effects;
  sql::Transaction transaction(database_);
  for (const JobId id : purge) tables_.remove_job(id, effects);
  for (auto& hand_in : group) {
    if (hand_in.failure) continue;
    if (!one_by_one) {
      effects.add(tables_.apply(hand_in));
      continue;
    }
    try {
      sql::Savepoint savepoint(database_);
      Effects own = tables_.apply(hand_in);
      savepoint.keep();
      effects.add(std::move(own));
    } catch (const Error& error) {
      if (fails_all(error)) throw;
      hand_in.failure = std::current_exception();
    }
  }
  // The next start takes its first id from the highest row; when that row goes, its id is kept.
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
  history_.note(effects.finished_added, effects.finished_earliest);
  for (auto& hand_in : group) {
    if (!hand_in.failure) {
      keep_documents(hand_in);
      changes_ += hand_in.changes.size();
    }
    complete(hand_in);
  }
  for (const auto& file : effects.files_to_remove) folder_.remove(file);
  if (purged.empty() || !options_.purged) return;
  try {
    options_.purged(purged);
  } catch (const std::exception&) {
    log_.write(Message::Unexpected, describe(std::current_exception()));
  }
}

void Writer::complete(HandIn& hand_in) {
  if (hand_in.failure) ++failures_;
  if (!hand_in.completion) return;
  try {
    hand_in.completion(hand_in.failure);
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
