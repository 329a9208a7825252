#include "spool/sqlite/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "os/error.h"
#include "spool/sqlite/document_file.h"
#include "spool/sqlite/recovery.h"
#include "spool/sqlite/schema.h"

namespace ipm::spool::sqlite {
namespace {

namespace fs = std::filesystem;

// Measured with documents of 10 kB: a sixth less CPU time than 4096, and less written than 16384.
constexpr std::size_t kPageBytes = 8192;
constexpr std::size_t kReaderCacheBytes = 1U << 20U;

fs::path beside(fs::path database, std::string_view suffix) {
  return database += suffix;
}

os::Lock lock(const fs::path& database) {
  const fs::path path = beside(database, ".lock");
  try {
    make_folder(path.parent_path(), os::Privacy::Owner);
  } catch (const Error& error) {
    throw Error(Message::SpoolUnusable, error.happened(), error.expected());
  }
  std::error_code failure;
  os::Lock taken = os::Lock::try_take(path, failure);
  if (failure == std::errc::operation_would_block) {
    throw Error(Message::RunsAlready, fmt::format("{} is in use", database.string()),
                "one server for each spool",
                fmt::format("find the other with: fuser {}", path.string()));
  }
  if (failure) {
    throw Error(Message::SpoolUnusable,
                fmt::format("{} cannot be opened: {}", path.string(), os::text_of(failure)),
                "a folder that this user may write to",
                fmt::format("look at it with: ls -ld {}", path.parent_path().string()));
  }
  return taken;
}

sql::Options writing(const fs::path& database, const Limits& limits) {
  sql::Options writing;
  writing.file = database;
  writing.page_bytes = kPageBytes;
  writing.bytes_max = limits.database_bytes_max;
  writing.checkpoint_itself = false;
  return writing;
}

sql::Options reading(const fs::path& database) {
  sql::Options reading;
  reading.file = database;
  reading.read_only = true;
  reading.cache_bytes = kReaderCacheBytes;
  return reading;
}

// The disk or the database fails, not the one change.
bool fails_all(const Error& error) {
  return error.message() == Message::SpoolWriteFailed || error.message() == Message::SpoolUnusable;
}

bool has_nothing_to_do(std::span<const HandIn> group) {
  return std::ranges::all_of(
      group, [](const HandIn& hand_in) { return hand_in.failure || hand_in.changes.empty(); });
}

FilesFound look(const fs::path& database) {
  const fs::path log = beside(database, "-wal");
  std::error_code absent;
  std::error_code log_absent;
  const os::Facts facts = os::look_at(database, absent);
  const os::Facts log_facts = os::look_at(log, log_absent);
  return {!absent && facts.bytes == 0, !log_absent && log_facts.bytes > 0};
}

// What neither SQLite nor the rows can tell: it takes an empty file for a new database, and a log
// that is not there for one that was copied back.
std::vector<std::string> find_losses(const sql::Database& database, const fs::path& file,
                                     const FilesFound& found) {
  if (found.database_is_empty && found.log_is_there) {
    return {fmt::format("{} is empty though there is a log beside it: what was in it is gone",
                        file.string())};
  }
  bool was_running = false;
  auto select = database.prepare("SELECT value FROM running");
  if (auto rows = select.query(); rows.next()) was_running = rows.integer(0) != 0;
  if (!was_running || found.log_is_there) return {};
  return {
      fmt::format("{}-wal is not there though the last run did not end in order: what was "
                  "acknowledged last may be gone",
                  file.string())};
}

// Opens the database and brings its tables up to date, before anything prepares a statement.
const sql::Database& migrated(sql::Database& database) {
  database.migrate(kSchema);
  return database;
}

}  // namespace

SqliteEngine::SqliteEngine(const Places& places, const Limits& limits, const Log& log)
    : limits_(limits),
      log_(log),
      lock_(lock(places.database)),
      found_(look(places.database)),
      folder_(places.documents, places.durability),
      reserve_(beside(places.database, ".reserve"), limits.reserve_bytes, folder_.durability()),
      database_(writing(places.database, limits)),
      page_bytes_(database_.page_bytes()),
      tables_(migrated(database_)),
      history_(database_, limits),
      finder_(reading(places.database), folder_),
      history_reader_(reading(places.database)),
      copier_(writing(places.database, limits)) {
  database_.run("DROP TABLE IF EXISTS room");  // of keep_room_inside(), where it was broken off
  Recovered recovered = recover(database_, folder_);
  loaded_ = std::move(recovered.state);
  loaded_.losses = find_losses(database_, places.database, found_);
  last_id_ = recovered.last_id;
  next_id_ = last_id_ + 1;
  mark_running(true);
  if (!reserve_.is_missing()) return;
  folder_.set_closed(true);
  log_.write(no_room(folder_.path()));
}

SqliteEngine::~SqliteEngine() {
  mark_running(false);
}

// In the file itself, so that it is known without the log.
void SqliteEngine::mark_running(bool running) noexcept {
  try {
    database_.run(
        fmt::format("UPDATE running SET value = {0} WHERE value <> {0}", running ? 1 : 0));
    if (running) database_.checkpoint();
  } catch (const std::exception&) {
    // On a full disk the next start may not say that a log is missing, or say so in vain.
  }
}

LoadedState SqliteEngine::load(const Queues& queues) {
  const std::lock_guard guard(loaded_mutex_);
  return take_queues(loaded_, queues);
}

std::unique_ptr<DocumentSink> SqliteEngine::new_document() {
  return std::make_unique<FileSink>(folder_);
}

std::optional<FoundDocument> SqliteEngine::find_document(JobId job, std::int64_t number) {
  return finder_.find(job, number);
}

HistoryPage SqliteEngine::history(const HistoryQuery& query,
                                  const std::optional<HistoryPlace>& after, std::size_t limit) {
  return history_reader_.page(query, after, limit);
}

std::optional<LoadedJob> SqliteEngine::find_finished(JobId id) {
  return history_reader_.find(id);
}

// The rows say which ids were used: a block costs no commit, and what is left of it at a crash is
// given again, having been in no row.
IdBlock SqliteEngine::ids(std::size_t count) {
  const JobId left = kJobIdMax - next_id_ + 1;
  const IdBlock block{next_id_, std::min(count, static_cast<std::size_t>(left))};
  next_id_ += static_cast<JobId>(block.count);
  return block;
}

Outcome SqliteEngine::commit(std::span<HandIn> group, TimePoint now) {
  Outcome outcome;
  Effects effects;
  try {
    const std::vector<JobId> purge = history_.overdue(now, kGroupPurgesMax);
    if (purge.empty() && has_nothing_to_do(group)) return outcome;
    try {
      effects = transact(group, purge, false);
    } catch (const Error& error) {
      if (fails_all(error)) throw;
      // One of them is wrong. Which one, and that the others are not, shows when each has a
      // savepoint.
      effects = transact(group, purge, true);
    }
    outcome.purged = purge.size();
  } catch (const std::exception&) {
    outcome.kind = Outcome::Kind::NotDone;
    outcome.failure = std::current_exception();
    return outcome;
  }
  try {
    history_.note(effects.finished_added, effects.finished_earliest);
  } catch (const Error&) {  // It is durable all the same; the next commit meets the same disk.
  }
  files_to_remove_ = std::move(effects.files_to_remove);
  return outcome;
}

Effects SqliteEngine::transact(std::span<HandIn> group, std::span<const JobId> purge,
                               bool one_by_one) {
  Effects effects;
  sql::Transaction transaction(database_);
  for (const JobId id : purge) tables_.remove_job(id, effects);
  for (auto& hand_in : group) {
    if (hand_in.failure) continue;
    if (!one_by_one) {
      tables_.apply(hand_in, effects);
      continue;
    }
    try {
      Effects own;
      sql::Savepoint savepoint(database_);
      tables_.apply(hand_in, own);
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
  return effects;
}

std::exception_ptr SqliteEngine::refusal() {
  if (!reserve_.is_missing()) return nullptr;
  look_for_room();
  // Room within the database is as good for what fits into it.
  if (!reserve_.is_missing() || database_.free_bytes() >= reserve_.bytes()) return nullptr;
  return std::make_exception_ptr(no_room(folder_.path()));
}

bool SqliteEngine::make_way() {
  folder_.set_closed(true);  // First, so that no document takes it.
  if (!reserve_.give_up()) {
    folder_.set_closed(reserve_.is_missing());
    // Others may have taken what was given up. Copied back, the log begins anew in the room that
    // its file has.
    return reserve_.is_missing() && log_bytes() > 0 && copy_log_back();
  }
  log_.write(Message::SpoolFull,
             fmt::format("The disk with {} is full: {} bytes that were kept for this are given up, "
                         "so that jobs can end, be cancelled and be deleted; new documents are "
                         "refused until there is room again.",
                         folder_.path().string(), reserve_.bytes()));
  copy_log_back();
  keep_room_inside();
  return true;
}

// Others may fill the disk again at once: a part of what was given up becomes free pages of the
// database and length of the log, which nobody else can take.
void SqliteEngine::keep_room_inside() noexcept {
  const auto bytes = std::min<std::uint64_t>(reserve_.bytes() / 4, kRoomInsideBytesMax);
  try {
    database_.run(fmt::format("CREATE TABLE room AS SELECT zeroblob({})", bytes));
    database_.checkpoint();
    database_.run("DROP TABLE room");
    database_.checkpoint();
  } catch (const std::exception&) {
    // Without it the next change has the room that the disk has.
  }
}

void SqliteEngine::look_for_room() {
  reserve_.rebuild();
  if (reserve_.is_missing()) return;
  folder_.set_closed(false);
  if (!reserve_.is_there()) return;  // This disk has none.
  log_.write(Message::Notice,
             fmt::format("There is room on the disk with {} again: {} bytes of it are kept for the "
                         "next time that it is full, and new documents are taken.",
                         folder_.path().string(), reserve_.bytes()));
}

// What a group adds to the log must find room in the database's file, at the worst in the reserve.
std::size_t SqliteEngine::group_bytes_max() const {
  if (reserve_.bytes() == 0) return kGroupBytesMax;
  return static_cast<std::size_t>(
      std::clamp<std::uint64_t>(reserve_.bytes() / 2, kReserveLogBytesMin, kGroupBytesMax));
}

std::uint64_t SqliteEngine::log_bytes_wanted() const {
  if (reserve_.is_missing()) return kReserveLogBytesMin;
  if (reserve_.bytes() == 0) return kLogBytesUnderLoad;
  return std::clamp(reserve_.bytes() / 4, kReserveLogBytesMin, kLogBytesUnderLoad);
}

// Under load there is no quiet moment: the bulk is copied beside the writing, the rest in between.
void SqliteEngine::after_group() {
  for (const auto& file : files_to_remove_) folder_.remove(file);
  files_to_remove_.clear();
  log_was_tried_ = false;
  if (log_bytes() < log_bytes_wanted()) return;
  if (copier_.take_done() || log_bytes() >= kLogBytesMax || reserve_.is_missing()) {
    shorten_log();
  } else {
    copier_.begin();
  }
}

std::optional<std::chrono::milliseconds> SqliteEngine::rest_after() const {
  if (log_is_long()) return kQuietTime;
  if (reserve_.is_missing()) return kReservePause;
  return std::nullopt;
}

void SqliteEngine::rest() {
  if (log_is_long()) shorten_log();
  log_was_tried_ = true;  // Once in a pause: a disk that refuses is not asked all the time.
  if (reserve_.is_missing()) look_for_room();
}

// On a full disk the log cannot grow; copied back, it begins anew in the space that it has. Where
// the database's file cannot grow either, nothing would ever end: then the reserve goes.
void SqliteEngine::shorten_log() {
  try {
    database_.checkpoint();
  } catch (const Error&) {
    // Without a reserve: not needed for what was promised, the log holds it. The next commit meets
    // the same disk, and says so to those whom it concerns.
    make_way();
  }
}

// True when all of it is in the database's file.
bool SqliteEngine::copy_log_back() noexcept {
  try {
    return database_.checkpoint();
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace ipm::spool::sqlite
