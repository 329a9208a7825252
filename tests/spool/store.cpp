#include "store.h"

#include <fstream>
#include <string>

#include "spool/sqlite/schema.h"
#include "spool_fixture.h"
#include "sql/database.h"

namespace ipm::spool::test {
namespace {

namespace fs = std::filesystem;

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(fs::path folder) : folder_(std::move(folder)) {}

  std::unique_ptr<Spool> open(const Options& options, const Log& log) override {
    Options here = options;
    here.database = folder_ / "spool.db";
    here.documents = folder_ / "documents";
    return Spool::open(std::move(here), log);
  }

  void kill() override {
    const fs::path after = folder_.string() + "-after";
    fs::create_directories(after);
    for (const auto* name : {"spool.db", "spool.db-wal", "documents"}) {
      fs::copy(folder_ / name, after / name, fs::copy_options::recursive);
    }
    folder_ = after;
  }

  void break_row(JobId job) override {
    run("UPDATE jobs SET state = 12 WHERE id = " + std::to_string(job));
  }

  // One bit in the middle.
  void break_document(JobId job, std::int64_t number) override {
    const std::int64_t key = sqlite::document_key(job, number);
    std::string file;
    {
      sql::Options options;
      options.file = folder_ / "spool.db";
      const sql::Database database(options);
      auto select = database.prepare("SELECT file FROM documents WHERE id = ?");
      auto rows = select.query(key);
      ASSERT_TRUE(rows.next());
      file = rows.text(0);
    }
    if (!file.empty()) {
      std::fstream stream(folder_ / "documents" / file,
                          std::ios::in | std::ios::out | std::ios::binary);
      const auto middle =
          static_cast<std::streamoff>(fs::file_size(folder_ / "documents" / file)) / 2;
      stream.seekg(middle);
      const int byte = stream.get();
      stream.seekp(middle);
      stream.put(static_cast<char>(byte ^ 1));
      return;
    }
    run("UPDATE bodies SET bytes = CAST(substr(bytes, 1, length(bytes) / 2) || x'ff' ||"
        " substr(bytes, length(bytes) / 2 + 2) AS BLOB) WHERE id = " +
        std::to_string(key));
  }

  std::size_t large_documents(std::size_t /*bytes*/) const override {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_ / "documents"), {}));
  }

 private:
  void run(const std::string& statements) const {
    sql::Options options;
    options.file = folder_ / "spool.db";
    sql::Database(options).run(statements);
  }

  fs::path folder_;
};

class MemoryStore final : public Store {
 public:
  std::unique_ptr<Spool> open(const Options& options, const Log& log) override {
    return Spool::open(std::make_unique<memory::MemoryEngine>(disk_, options.limits), options, log);
  }
  void kill() override { disk_->crash(); }
  void break_row(JobId job) override { disk_->damage_row(job); }
  void break_document(JobId job, std::int64_t number) override {
    disk_->damage_document(job, number);
  }
  std::size_t large_documents(std::size_t bytes) const override {
    return disk_->count_documents(bytes);
  }

 private:
  std::shared_ptr<memory::Disk> disk_ = std::make_shared<memory::Disk>();
};

}  // namespace

std::unique_ptr<Store> make_store(StoreKind kind, const fs::path& folder) {
  if (kind == StoreKind::Sqlite) return std::make_unique<SqliteStore>(folder);
  return std::make_unique<MemoryStore>();
}

}  // namespace ipm::spool::test
