#pragma once
// The one thread that writes: gathers changes into groups, commits each group with one sync, and
// calls the completions.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "spool/change.h"
#include "spool/document_folder.h"
#include "spool/history.h"
#include "spool/limits.h"
#include "spool/log_copier.h"
#include "spool/tables.h"
#include "sql/database.h"

namespace ipm::spool {

class Writer {
 public:
  struct Options {
    Limits limits;
    Clock clock;
    std::function<void(std::span<const JobId>)> purged;
    JobId last_id = 0;  // The highest job ever committed.
  };

  // All of them outlive the writer; the database belongs to its thread from here on.
  Writer(sql::Database& database, LogCopier& copier, const DocumentFolder& folder, Options options,
         const Log& log);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer();  // After everything that waits is decided.

  // Any thread. New work is refused (through its completion) while too much waits; relief is always
  // taken.
  void post(HandIn hand_in);

  std::uint64_t changes() const { return changes_; }
  std::uint64_t groups() const { return groups_; }
  std::uint64_t failures() const { return failures_; }
  std::uint64_t waiting() const;

 private:
  using Group = std::vector<HandIn>;

  void run();
  bool take(Group& group);  // False when it is time to end.
  void rest();

  void purge();
  std::size_t write(Group& group);  // Returns how many finished jobs went with it.
  // All that has not failed yet, in one transaction.
  Effects commit(std::span<HandIn> group, std::span<const JobId> purge);
  Effects try_commit(std::span<HandIn> group, std::span<const JobId> purge, bool one_by_one);
  void settle(Group& group, Effects& effects, std::span<const JobId> purged);
  void complete(HandIn& hand_in);
  void note_failure(const std::exception_ptr& failure);
  void note_success();
  void shorten_log();
  void watch_log();

  sql::Database& database_;
  LogCopier& copier_;
  const DocumentFolder& folder_;
  Options options_;
  const Log& log_;
  Tables tables_;
  History history_;
  JobId last_id_;
  std::uint64_t page_bytes_;
  bool failing_ = false;
  bool log_was_tried_ = false;  // Since the last group.

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<HandIn> queue_;      // Under mutex_, as what follows.
  std::size_t queued_bytes_ = 0;  // Of queue_.
  std::size_t in_group_ = 0;      // Taken and not yet decided.
  bool ending_ = false;

  std::atomic<std::uint64_t> changes_{0};
  std::atomic<std::uint64_t> groups_{0};
  std::atomic<std::uint64_t> failures_{0};

  std::thread thread_;  // Last: it uses all of the above.
};

}  // namespace ipm::spool
