#pragma once
// Stable storage on this machine: one SQLite file, which one server uses, and a folder of documents
// too large for it.

#include <chrono>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "os/lock.h"
#include "spool/engine.h"
#include "spool/limits.h"
#include "spool/sqlite/document_folder.h"
#include "spool/sqlite/finder.h"
#include "spool/sqlite/history.h"
#include "spool/sqlite/history_reader.h"
#include "spool/sqlite/log_copier.h"
#include "spool/sqlite/reserve.h"
#include "spool/sqlite/tables.h"
#include "sql/database.h"

namespace ipm::spool::sqlite {

struct Places {
  std::filesystem::path database;                    // Its lock file is beside it.
  std::filesystem::path documents;                   // The folder.
  std::shared_ptr<Durability> durability = nullptr;  // Of the documents; null: the system's.
};

// The database's files as they were before it was opened, which mends them or does away with them.
struct FilesFound {
  bool database_is_empty = false;
  bool log_is_there = false;
};

class SqliteEngine final : public Engine {
 public:
  // Makes what is missing, for the owner only, and reads what an earlier run left. Throws
  // Error{RunsAlready, SpoolUnusable}.
  SqliteEngine(const Places& places, const Limits& limits, const Log& log);
  ~SqliteEngine() override;

  LoadedState load(const Queues& queues) override;
  std::unique_ptr<DocumentSink> new_document() override;
  std::optional<FoundDocument> find_document(JobId job, std::int64_t number) override;
  HistoryPage history(const HistoryQuery& query, const std::optional<HistoryPlace>& after,
                      std::size_t limit) override;
  std::optional<LoadedJob> find_finished(JobId id) override;

  IdBlock ids(std::size_t count) override;
  Outcome commit(std::span<HandIn> group, TimePoint now) override;
  Outcome resolve() override { return {}; }  // Nothing is ever in doubt.

  std::exception_ptr refusal() override;
  bool make_way() override;
  std::size_t group_bytes_max() const override;

  void after_group() override;
  void after_failure() override { shorten_log(); }
  std::optional<std::chrono::milliseconds> rest_after() const override;
  void rest() override;

 private:
  void mark_running(bool running) noexcept;
  // All that has not failed yet, in one transaction.
  Effects transact(std::span<HandIn> group, std::span<const JobId> purge, bool one_by_one);
  std::uint64_t log_bytes() const { return database_.log_pages() * page_bytes_; }
  std::uint64_t log_bytes_wanted() const;  // Beyond that it is copied back, under load too.
  bool log_is_long() const { return !log_was_tried_ && log_bytes() >= kLogBytesWhenQuiet; }
  void shorten_log();
  bool copy_log_back() noexcept;
  void keep_room_inside() noexcept;
  void look_for_room();

  Limits limits_;
  const Log& log_;
  os::Lock lock_;
  FilesFound found_;
  DocumentFolder folder_;
  Reserve reserve_;  // Before all that opening the database takes.
  sql::Database database_;
  std::uint64_t page_bytes_;
  std::mutex loaded_mutex_;
  LoadedState loaded_;  // Until it is asked for.
  JobId last_id_ = 0;   // The highest job ever committed.
  JobId next_id_ = 1;   // The lowest that nobody was given.
  Tables tables_;
  History history_;
  Finder finder_;
  HistoryReader history_reader_;
  LogCopier copier_;
  std::vector<std::string> files_to_remove_;  // Whose rows went with the last group.
  bool log_was_tried_ = false;                // Since the last group.
};

}  // namespace ipm::spool::sqlite
