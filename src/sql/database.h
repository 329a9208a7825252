#pragma once
// One connection to an SQLite file: opening it privately, its schema, transactions, checkpoints.
//
// Always WAL with synchronous=FULL: what commit() returned from is on stable storage.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "sql/statement.h"

struct sqlite3;

namespace ipm::sql {

struct Options {
  std::filesystem::path file;
  // What the floor above calls the failures: the file cannot be used (not there, no database,
  // damaged, a schema of the future); a change could not be made durable (full or failing disk,
  // read-only).
  Message unusable = Message::SpoolUnusable;
  Message write_failed = Message::SpoolWriteFailed;
  bool read_only = false;         // Otherwise the file is made when absent, with mode 0600.
  std::size_t page_bytes = 4096;  // Of a new file; a power of two, 512 to 65536.
  std::size_t cache_bytes = 8U << 20U;
  std::uint64_t bytes_max = 0;  // A limit on the file's size; 0: none but the disk's.
  // Copy the log back every thousand pages, within a commit. Otherwise the owner calls
  // checkpoint().
  bool checkpoint_itself = true;
  std::chrono::milliseconds busy_wait{5000};  // How long to wait for another process.
};

// Belongs to one thread at a time.
class Database {
 public:
  // Throws Error{options.unusable}.
  explicit Database(const Options& options);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  // Brings the schema up to date: steps[n] makes version n + 1 out of version n, each in a
  // transaction of its own. A file whose version is beyond the steps is refused. Throws
  // Error{options.unusable}.
  void migrate(std::span<const std::string_view> steps);

  Statement prepare(std::string_view statement) const;
  void run(const std::string& script) const;  // Several statements without values.

  std::int64_t changed_rows() const;  // By the last statement that was not a query.
  std::uint64_t log_pages() const { return log_pages_; }  // In the WAL since it last began anew.
  std::size_t page_bytes() const;
  std::uint64_t free_bytes() const;  // Within the file, of what was deleted.

  // Copies the log back into the file as far as no reader is in the way. True when it got through:
  // the log then begins anew at the next change. Throws Error{options.write_failed}.
  bool checkpoint();

  // Reads everything for signs of damage; the first one found, or empty. Slow: seconds per
  // gigabyte.
  std::string find_damage() const;

  // Throws what SQLite's result code stands for; `doing` names the attempt in the message.
  [[noreturn]] void fail(int code, std::string_view doing) const;

 private:
  struct Closer {
    void operator()(sqlite3* connection) const;
  };

  std::uint64_t setting(std::string_view name) const;  // Of SQLite; 0: it has none.

  Options options_;
  std::unique_ptr<sqlite3, Closer> connection_;
  std::uint64_t log_pages_ = 0;
};

// BEGIN IMMEDIATE … COMMIT: the write lock is taken at once, so that a transaction which began to
// read can always go on to write. Rolls back unless committed.
class Transaction {
 public:
  explicit Transaction(const Database& database);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  // Durable when it returns. Throws Error{write_failed}; then nothing of it has happened.
  void commit();

 private:
  const Database& database_;
  bool open_ = true;
};

// A part of a transaction that can be undone alone. Undone unless kept.
class Savepoint {
 public:
  explicit Savepoint(const Database& database);
  Savepoint(const Savepoint&) = delete;
  Savepoint& operator=(const Savepoint&) = delete;
  ~Savepoint();

  void keep();

 private:
  const Database& database_;
  bool open_ = true;
};

}  // namespace ipm::sql
