#include "sql/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include "os/error.h"
#include "os/file.h"

namespace ipm::sql {
namespace {

constexpr std::uint64_t kLogPagesMax = 1000;  // SQLite's own measure for when to checkpoint.

// The file is private from its first instruction on; SQLite gives its log the same mode. A file
// that is there is never opened here: closing it would drop the locks of this process's other
// connections.
void make_private(const std::filesystem::path& file, Message unusable) {
  std::error_code failure;
  if (os::File::open(file, os::Intent::Make, failure)) return;
  if (failure != std::errc::file_exists) {
    throw Error(unusable, fmt::format("{} cannot be made: {}", file.string(), os::text_of(failure)),
                "a folder that this user may write to, with free space",
                fmt::format("look at it with: ls -ld {}", file.parent_path().string()));
  }
  if (os::look_at(file, failure).privacy != os::Privacy::Owner) {
    // Without the right to change it, opening it says what is wrong.
    os::set_privacy(file, os::Privacy::Owner);
  }
}

bool is_damage(int code) {
  return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

bool is_write_failure(int code) {
  return code == SQLITE_FULL || code == SQLITE_IOERR || code == SQLITE_READONLY ||
         code == SQLITE_BUSY || code == SQLITE_LOCKED || code == SQLITE_CANTOPEN ||
         code == SQLITE_PERM || code == SQLITE_NOLFS;
}

}  // namespace

void Database::Closer::operator()(sqlite3* connection) const {
  sqlite3_close_v2(connection);
}

Database::Database(const Options& options) : options_(options) {
  if (!options_.read_only) make_private(options_.file, options_.unusable);
  sqlite3* opened = nullptr;
  const int flags = (options_.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(options_.file.c_str(), &opened, flags, nullptr);
  connection_.reset(opened);
  try {
    if (code != SQLITE_OK) fail(code, "opening");
    sqlite3_busy_timeout(opened, static_cast<int>(options_.busy_wait.count()));
    if (!options_.read_only) {
      run(fmt::format(
          "PRAGMA page_size={}; PRAGMA max_page_count={}", options_.page_bytes,
          options_.bytes_max == 0 ? 0xfffffffeU : options_.bytes_max / options_.page_bytes));
      auto journal = prepare("PRAGMA journal_mode=WAL");
      auto rows = journal.query();
      if (!rows.next() || rows.text(0) != "wal") fail(SQLITE_CANTOPEN, "opening its log");
    }
    run(
        fmt::format("PRAGMA synchronous=FULL; PRAGMA cache_size=-{}; PRAGMA temp_store=MEMORY;"
                    "PRAGMA secure_delete=FAST; PRAGMA trusted_schema=OFF;",
                    options_.cache_bytes / 1024));
    // Reads the header: a file that is no database shows itself here.
    run("SELECT count(*) FROM sqlite_schema");
  } catch (const Error& error) {
    if (error.message() == options_.unusable) throw;
    throw Error(options_.unusable, error.happened(),
                "an SQLite database that this user may read and write",
                fmt::format("look at it with: ls -l {}", options_.file.string()));
  }
  sqlite3_wal_hook(
      opened,
      [](void* self, sqlite3* connection, const char*, int pages) {
        auto& database = *static_cast<Database*>(self);
        database.log_pages_ = static_cast<std::uint64_t>(pages);
        if (database.options_.checkpoint_itself && database.log_pages_ >= kLogPagesMax) {
          sqlite3_wal_checkpoint_v2(connection, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr,
                                    nullptr);
        }
        return SQLITE_OK;
      },
      this);
}

Database::~Database() = default;

void Database::migrate(std::span<const std::string_view> steps) {
  std::size_t version = 0;
  {
    auto statement = prepare("PRAGMA user_version");
    auto rows = statement.query();
    if (rows.next()) version = static_cast<std::size_t>(rows.integer(0));
  }
  if (version > steps.size()) {
    throw Error(options_.unusable,
                fmt::format("{} has schema {}, written by a newer version of this program",
                            options_.file.string(), version),
                fmt::format("schema {} or older", steps.size()),
                "install that version again, or restore the copy made before the update");
  }
  for (; version < steps.size(); ++version) {
    Transaction transaction(*this);
    run(std::string(steps[version]));
    run(fmt::format("PRAGMA user_version={}", version + 1));
    transaction.commit();
  }
}

Statement Database::prepare(std::string_view statement) const {
  sqlite3_stmt* prepared = nullptr;
  const int code =
      sqlite3_prepare_v3(connection_.get(), statement.data(), static_cast<int>(statement.size()),
                         SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
  if (code != SQLITE_OK) fail(code, fmt::format("preparing \"{}\"", statement));
  return {*this, prepared};
}

void Database::run(const std::string& script) const {
  const int code = sqlite3_exec(connection_.get(), script.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code, "writing");
}

std::int64_t Database::changed_rows() const {
  return sqlite3_changes64(connection_.get());
}

std::size_t Database::page_bytes() const {
  return static_cast<std::size_t>(setting("page_size"));
}

std::uint64_t Database::free_bytes() const {
  return setting("freelist_count") * page_bytes();
}

std::uint64_t Database::setting(std::string_view name) const {
  auto statement = prepare(fmt::format("PRAGMA {}", name));
  auto rows = statement.query();
  return rows.next() ? static_cast<std::uint64_t>(rows.integer(0)) : 0;
}

bool Database::checkpoint() {
  int logged = 0;
  int copied = 0;
  const int code = sqlite3_wal_checkpoint_v2(connection_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                             &logged, &copied);
  if (code == SQLITE_BUSY) return false;  // Somebody else is at it.
  if (code != SQLITE_OK) fail(code, "copying its log back");
  if (logged != copied) return false;
  log_pages_ = 0;
  return true;
}

std::string Database::find_damage() const {
  auto statement = prepare("PRAGMA quick_check(1)");
  auto rows = statement.query();
  if (!rows.next()) return "the check says nothing";
  return rows.text(0) == "ok" ? std::string() : std::string(rows.text(0));
}

void Database::fail(int code, std::string_view doing) const {
  const int kind = code & 0xff;
  const std::string file = options_.file.string();
  const std::string happened =
      fmt::format("{} failed {}: {} (SQLite code {})", file, doing,
                  connection_ ? sqlite3_errmsg(connection_.get()) : sqlite3_errstr(code), code);
  if (is_damage(kind)) {
    throw Error(
        options_.unusable, happened, "an undamaged SQLite database",
        fmt::format("stop the program and restore the file from a copy; without one, set it "
                    "aside and begin anew: mv {0} {0}.damaged",
                    file));
  }
  if (kind == SQLITE_BUSY || kind == SQLITE_LOCKED) {
    throw Error(
        Message::InUse, fmt::format("{} is in use by another program", file),
        "a file that no other program has locked",
        fmt::format("wait until that program has ended, and try again; fuser {} tells which "
                    "it is",
                    file));
  }
  if (is_write_failure(kind)) {
    throw Error(options_.write_failed, happened, "a disk with free space that works",
                fmt::format("free space where the file is: df -h {}", file));
  }
  throw Error(Message::Unexpected, happened, "a statement that SQLite carries out");
}

Transaction::Transaction(const Database& database) : database_(database) {
  database_.run("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.run("ROLLBACK");
  } catch (const Error&) {  // SQLite has rolled back by itself already.
  }
}

void Transaction::commit() {
  database_.run("COMMIT");
  open_ = false;
}

Savepoint::Savepoint(const Database& database) : database_(database) {
  database_.run("SAVEPOINT part");
}

Savepoint::~Savepoint() {
  if (!open_) return;
  try {
    database_.run("ROLLBACK TO part; RELEASE part");
  } catch (const Error&) {  // The whole transaction is gone, and this part with it.
  }
}

void Savepoint::keep() {
  database_.run("RELEASE part");
  open_ = false;
}

}  // namespace ipm::sql
