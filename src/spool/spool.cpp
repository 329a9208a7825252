#include "spool/spool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <future>
#include <mutex>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "spool/document_folder.h"
#include "spool/history_reader.h"
#include "spool/job_rows.h"
#include "spool/recovery.h"
#include "spool/schema.h"
#include "spool/writer.h"
#include "sql/database.h"

namespace ipm::spool {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kFolderMode = 0700;
// Measured with documents of 10 kB: a sixth less CPU time than 4096, and less written than 16384.
constexpr std::size_t kPageBytes = 8192;
constexpr std::size_t kReaderCacheBytes = 1U << 20U;

// Held as long as the handle is: the system lets go of it however the process ends.
FileHandle lock(const fs::path& database) {
  fs::path path = database;
  path += ".lock";
  try {
    make_folder(path.parent_path(), kFolderMode);
  } catch (const Error& error) {
    throw Error(Message::SpoolUnusable, error.happened(), error.expected());
  }
  FileHandle handle{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kPrivateMode)};
  if (!handle) {
    throw Error(Message::SpoolUnusable,
                fmt::format("{} cannot be opened: {}", path.string(), errno_text(errno)),
                "a folder that this user may write to",
                fmt::format("look at it with: ls -ld {}", path.parent_path().string()));
  }
  while (::flock(handle.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    throw Error(Message::RunsAlready, fmt::format("{} is in use", database.string()),
                "one server for each spool",
                fmt::format("find the other with: fuser {}", path.string()));
  }
  return handle;
}

sql::Options writing(const Options& options) {
  sql::Options writing;
  writing.file = options.database;
  writing.page_bytes = kPageBytes;
  writing.bytes_max = options.limits.database_bytes_max;
  writing.checkpoint_itself = false;
  return writing;
}

sql::Options reading(const Options& options) {
  sql::Options reading;
  reading.file = options.database;
  reading.read_only = true;
  reading.cache_bytes = kReaderCacheBytes;
  return reading;
}

// Finds documents on a connection of its own, so that it never waits for a sync.
class DocumentFinder {
 public:
  explicit DocumentFinder(const sql::Options& options)
      : database_(options),
        select_(database_.prepare(
            "SELECT d.id, d.format, d.name, d.bytes, d.file, b.bytes"
            " FROM documents d LEFT JOIN bodies b ON b.id = d.id WHERE d.id = ?")) {}

  struct Found {
    DocumentInfo info;
    std::optional<std::string> file;
    std::string bytes;
  };

  std::optional<Found> find(JobId job, std::int64_t number) {
    const std::lock_guard guard(mutex_);
    auto rows = select_.query(document_key(job, number));
    if (!rows.next()) return std::nullopt;
    Found found;
    found.info = read_document(rows);
    if (!rows.is_null(4)) found.file = rows.text(4);
    found.bytes = rows.blob(5);
    return found;
  }

 private:
  std::mutex mutex_;
  sql::Database database_;
  sql::Statement select_;
};

Error damaged(JobId job, std::int64_t number, std::string_view what) {
  return {Message::SpoolDamaged, fmt::format("document {} of job {} {}", number, job, what),
          "the document as it was acknowledged"};
}

}  // namespace

struct Spool::Parts {
  Parts(Options given, const Log& log)
      : options(std::move(given)),
        lock_file(lock(options.database)),
        folder(options.documents),
        database(writing(options)) {
    database.migrate(kSchema);
    Recovered recovered = recover(database, folder);
    report(recovered.state, log);
    next_id = recovered.last_id + 1;
    finder.emplace(reading(options));
    history.emplace(reading(options));
    copier.emplace(writing(options));
    writer.emplace(
        database, *copier, folder,
        Writer::Options{options.limits, options.clock, options.purged, recovered.last_id}, log);
    loaded = std::move(recovered.state);
  }

  void post(std::vector<Change> changes, Completion completion) {
    HandIn hand_in{std::move(changes), std::move(completion), {}, 0};
    try {
      check(hand_in);
    } catch (const Error&) {
      hand_in.failure = std::current_exception();
    }
    writer->post(std::move(hand_in));
  }

  void post(Change change, Completion completion) {
    std::vector<Change> one;
    one.push_back(std::move(change));
    post(std::move(one), std::move(completion));
  }

  Options options;
  FileHandle lock_file;
  DocumentFolder folder;
  sql::Database database;
  LoadedState loaded;
  std::atomic<JobId> next_id{1};
  std::optional<DocumentFinder> finder;
  std::optional<HistoryReader> history;
  std::optional<LogCopier> copier;
  std::optional<Writer> writer;
};

std::unique_ptr<Spool> Spool::open(Options options, const Log& log) {
  return std::make_unique<Spool>(std::make_unique<Parts>(std::move(options), log));
}

Spool::Spool(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Spool::~Spool() = default;

LoadedState Spool::load() {
  return std::exchange(parts_->loaded, {});
}

JobId Spool::next_job_id() {
  const JobId id = parts_->next_id.fetch_add(1, std::memory_order_relaxed);
  if (id <= kJobIdMax) return id;
  throw Error(Message::TooManyJobs, fmt::format("all job ids up to {} have been given", kJobIdMax),
              "a spool with ids left", "stop the server and begin a new spool");
}

DocumentWriter Spool::new_document(std::uint64_t expected_bytes) {
  return {parts_->folder, parts_->options.limits, expected_bytes};
}

void Spool::hand_in(std::vector<Change> changes, Completion completion) {
  parts_->post(std::move(changes), std::move(completion));
}

void Spool::submit(Job job, std::vector<NewDocument> documents, Completion completion) {
  parts_->post(Submission{std::move(job), std::move(documents)}, std::move(completion));
}

void Spool::add_document(JobUpdate update, NewDocument document, Completion completion) {
  parts_->post(Addition{std::move(update), std::move(document)}, std::move(completion));
}

void Spool::update_job(JobUpdate update, Completion completion) {
  parts_->post(std::move(update), std::move(completion));
}

void Spool::remove_job(JobId id, Completion completion) {
  parts_->post(JobRemoval{id}, std::move(completion));
}

void Spool::put_destination(Destination destination, Completion completion) {
  parts_->post(std::move(destination), std::move(completion));
}

void Spool::remove_destination(DestinationKind kind, std::string name, Completion completion) {
  parts_->post(DestinationRemoval{kind, std::move(name)}, std::move(completion));
}

void Spool::put_setting(std::string key, std::string value, Completion completion) {
  parts_->post(Setting{std::move(key), std::move(value)}, std::move(completion));
}

void Spool::flush() {
  std::promise<void> decided;
  auto waiting = decided.get_future();
  parts_->post(std::vector<Change>(),
               [&decided](const std::exception_ptr&) { decided.set_value(); });
  waiting.wait();
}

std::optional<DocumentReader> Spool::find_document(JobId job, std::int64_t number) {
  if (number < 1 || number > kDocumentsPerJobMax || job < 1 || job > kJobIdMax) return std::nullopt;
  auto found = parts_->finder->find(job, number);
  if (!found) return std::nullopt;
  if (!found->file) {
    if (found->bytes.size() != found->info.bytes) throw damaged(job, number, "has another size");
    return DocumentReader(std::move(found->info), std::move(found->bytes), {});
  }
  if (!DocumentFolder::is_document_name(*found->file)) {
    throw damaged(job, number, "has a file whose name is not a document's");
  }
  const fs::path path = parts_->folder.file(*found->file);
  FileHandle file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  if (!file) {
    const int failure = errno;
    // It may have been removed between the two looks.
    if (failure == ENOENT && !parts_->finder->find(job, number)) return std::nullopt;
    throw damaged(job, number,
                  fmt::format("cannot be opened: {}: {}", path.string(), errno_text(failure)));
  }
  struct stat status{};
  if (::fstat(file.get(), &status) != 0 ||
      static_cast<std::uint64_t>(status.st_size) != found->info.bytes) {
    throw damaged(job, number, fmt::format("has another size: {}", path.string()));
  }
  return DocumentReader(std::move(found->info), {}, std::move(file));
}

HistoryPage Spool::history(const HistoryQuery& query, const std::optional<HistoryPlace>& after,
                           std::size_t limit) {
  return parts_->history->page(query, after, std::min(limit, kHistoryPageMax));
}

std::optional<LoadedJob> Spool::find_finished(JobId id) {
  return parts_->history->find(id);
}

Spool::Counters Spool::counters() const {
  const Writer& writer = *parts_->writer;
  return {writer.changes(), writer.groups(), writer.failures(), writer.waiting()};
}

}  // namespace ipm::spool
