// The next start after a bad end: what contradicts itself is set aside and named, what nobody
// acknowledged is cleared away, and a spool that cannot be trusted is not opened.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "spool/sqlite/schema.h"
#include "spool_fixture.h"
#include "sql/database.h"

namespace ipm::spool::test {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class RecoveryTest : public SpoolTest {
 protected:
  // Changes the rows of a closed spool behind its back.
  void tamper(const std::string& statements) const {
    sql::Options options;
    options.file = options_.database;
    sql::Database(options).run(statements);
  }

  void write(const std::string& name, std::size_t bytes) const {
    std::ofstream(options_.documents / name) << std::string(bytes, 'x');
  }
};

TEST_F(RecoveryTest, ANewSpoolIsEmptyPrivateAndSilent) {
  const auto spool = open();
  const auto state = spool->load();
  EXPECT_THAT(state.jobs, IsEmpty());
  EXPECT_THAT(state.destinations, IsEmpty());
  EXPECT_EQ(spool->next_job_id(), 1);
  EXPECT_EQ(spool->next_job_id(), 2);
  EXPECT_EQ(logged(), "");
  for (const auto* name : {"spool.db", "spool.db-wal", "spool.db.lock"}) {
    struct stat status{};
    ASSERT_EQ(::stat((folder_ / "state" / name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 07777U, 0600U) << name;
  }
  for (const auto* name : {"state", "state/documents"}) {
    struct stat status{};
    ASSERT_EQ(::stat((folder_ / name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 07777U, 0700U) << name;
  }
}

TEST_F(RecoveryTest, ASecondServerOnTheSameSpoolIsRefused) {
  auto spool = open();
  const Error error = error_of([&] { open(); });
  EXPECT_EQ(error.message(), Message::RunsAlready);
  EXPECT_THAT(error.mend(), HasSubstr("fuser "));
  submitted(*spool, 10);
  EXPECT_THAT(reopened(spool).jobs, SizeIs(1)) << "and the lock goes with its holder";
}

TEST_F(RecoveryTest, FilesThatNoRowNamesAreRemovedAndForeignFilesStay) {
  auto spool = open();
  const JobId id = submitted(*spool, 100'000);
  const std::string own = files().at(0);
  spool.reset();
  write("d-17-1", 10);
  write(".d-17-2.part", 10);
  write("notes.txt", 10);
  write("d-17-1~", 10);
  fs::create_directory(options_.documents / "d-17-3");
  spool = open();
  EXPECT_THAT(files(), ::testing::UnorderedElementsAre(own, "notes.txt", "d-17-1~", "d-17-3"));
  EXPECT_EQ(spool->load().orphans_removed, 2U);
  EXPECT_TRUE(find_body(*spool, id) == body_of(id, 1, 100'000));
  EXPECT_THAT(logged(), HasSubstr("2 files of unacknowledged documents were removed"));
}

TEST_F(RecoveryTest, EachKindOfDamageSetsItsJobAsideAndNoOther) {
  auto spool = open();
  std::vector<std::string> names;
  for (int i = 0; i < 2; ++i) {
    submitted(*spool, 100'000);
    for (const auto& name : files()) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  for (int i = 0; i < 6; ++i) submitted(*spool, 100);
  spool.reset();
  fs::resize_file(options_.documents / names.at(0), 99'999);
  fs::remove(options_.documents / names.at(1));
  tamper(
      "DELETE FROM bodies WHERE id = 3 * 65536 + 1;"
      "UPDATE documents SET bytes = 99 WHERE id = 4 * 65536 + 1;"
      "UPDATE jobs SET state = 12 WHERE id = 5;"
      "UPDATE jobs SET state = 9 WHERE id = 6;"
      "UPDATE jobs SET id = 99999999999 WHERE id = 7;"
      "UPDATE documents SET id = 99999999999 * 65536 + 1 WHERE id = 7 * 65536 + 1");
  spool = open();
  const auto state = spool->load();
  ASSERT_THAT(state.jobs, SizeIs(1));
  EXPECT_EQ(state.jobs[0].job.id, 8);
  ASSERT_THAT(state.damaged, SizeIs(7));
  const std::vector<std::string> words = {"has 99999 bytes instead of 100000",
                                          "is missing",
                                          "are missing",
                                          "has 100 bytes instead of 99",
                                          "its state is 12",
                                          "contradict",
                                          "out of range"};
  for (std::size_t i = 0; i < words.size(); ++i) {
    EXPECT_THAT(state.damaged[i].damage, HasSubstr(words[i]));
    EXPECT_EQ(state.damaged[i].job.status.state, JobState::Aborted);
    EXPECT_EQ(state.damaged[i].job.owner, "client.example.com");
  }
  EXPECT_THAT(logged(), HasSubstr("IMP-5003 job 1 is damaged"));
  EXPECT_EQ(spool->next_job_id(), 9) << "an impossible id does not use up the ids";
  EXPECT_TRUE(find_body(*spool, 8));
  // The floor above ends such jobs, or removes them: the next start has nothing to say.
  for (const JobId id : {1, 2, 3, 4, 5}) EXPECT_FALSE(update(*spool, finished(id, kNow, false)));
  EXPECT_FALSE(remove_job(*spool, 6));
  const auto next = reopened(spool);
  EXPECT_THAT(next.damaged, SizeIs(1)) << "the impossible id";
  EXPECT_THAT(next.jobs, SizeIs(1));
  EXPECT_THAT(history_of(*spool), ElementsAre(5, 4, 3, 2, 1));
}

TEST_F(RecoveryTest, ARowCannotNameAFileOutsideTheFolder) {
  auto spool = open();
  const JobId id = submitted(*spool, 100'000);
  spool.reset();
  const fs::path outside = folder_ / "outside";
  std::ofstream(outside) << std::string(100'000, 'x');
  tamper("UPDATE documents SET file = '../../outside'");
  spool = open();
  EXPECT_THAT(spool->load().damaged, SizeIs(1));
  EXPECT_EQ(error_of([&] { static_cast<void>(spool->find_document(id, 1)); }).message(),
            Message::SpoolDamaged);
  EXPECT_FALSE(remove_job(*spool, id));
  spool.reset();
  EXPECT_TRUE(fs::exists(outside)) << "nor have one removed";
}

TEST_F(RecoveryTest, ANewerSchemaIsRefusedAndLeftAlone) {
  auto spool = open();
  submitted(*spool, 10);
  spool.reset();
  tamper("PRAGMA user_version=99");
  const Error error = error_of([&] { open(); });
  EXPECT_EQ(error.message(), Message::SpoolUnusable);
  EXPECT_THAT(error.happened(), HasSubstr("schema 99"));
  tamper(fmt::format("PRAGMA user_version={}", std::size(sqlite::kSchema)));
  EXPECT_THAT(open()->load().jobs, SizeIs(1));
}

// A database as the first version wrote it, with a job of each kind.
TEST_F(RecoveryTest, B3_ADatabaseOfTheFirstVersionIsTakenOver) {
  fs::create_directories(options_.documents);
  {
    sql::Options options;
    options.file = options_.database;
    sql::Database database(options);
    database.migrate(std::span(sqlite::kSchema).first(1));
  }
  tamper(
      "INSERT INTO jobs VALUES(1, 'office', 'client.example.com', 'report', 2000000000, 3, 'none',"
      " 'text', 1, 77, 3, 2, 5, 2000000007, 2000000001, NULL, x'0201');"
      "INSERT INTO jobs VALUES(2, 'office', 'ann', 'done', 2000000000, 9, '', '', 0, 50, 1, 1, 0,"
      " NULL, 2000000001, 2000000002, x'');"
      "INSERT INTO documents VALUES(65537, 'text/plain', 'a', x'01', x'02', 5, NULL);"
      "INSERT INTO bodies VALUES(65537, x'48656c6c6f');"
      "INSERT INTO documents VALUES(65538, 'text/plain', 'b', x'', x'', 7, 'd-17-1');"
      "INSERT INTO destinations VALUES(1, 'office', 'office', '', 0, 1, '', 2000000000, x'');"
      "INSERT INTO settings VALUES('default-printer', x'6f6666696365');"
      "UPDATE last_job SET id = 9;");
  write("d-17-1", 7);
  auto spool = open();
  const auto state = spool->load();
  EXPECT_THAT(state.damaged, IsEmpty());
  ASSERT_THAT(state.jobs, SizeIs(1));
  Job expected = job_of(1);
  expected.attributes = "\x02\x01";
  expected.status.reasons = "none";
  expected.status.message = "text";
  expected.status.open = true;
  expected.status.priority = 77;
  expected.status.attempts = 3;
  expected.status.documents_done = 2;
  expected.status.units_done = 5;
  expected.status.processing_at = kNow + std::chrono::seconds(1);
  EXPECT_EQ(state.jobs[0].job, with_documents(expected, {5, 7}));
  EXPECT_THAT(state.jobs[0].documents, SizeIs(2));
  EXPECT_EQ(find_body(*spool, 1, 1), "Hello");
  EXPECT_EQ(find_body(*spool, 1, 2), "xxxxxxx");
  EXPECT_EQ(spool->find_finished(2)->job.owner, "ann");
  EXPECT_EQ(spool->next_job_id(), 10);
  EXPECT_THAT(state.destinations, SizeIs(1));
  EXPECT_EQ(state.settings.at("default-printer"), "office");
  submitted(*spool, 10);
  EXPECT_THAT(reopened(spool).jobs, SizeIs(2)) << "and once only";
}

TEST_F(RecoveryTest, ADamagedDatabaseIsRefusedWithTheMend) {
  open().reset();
  for (const std::string& content :
       {std::string("no database at all"), std::string(100'000, '\xee')}) {
    std::ofstream(options_.database, std::ios::trunc) << content;
    const Error error = error_of([&] { open(); });
    EXPECT_EQ(error.message(), Message::SpoolUnusable);
    EXPECT_THAT(error.mend(), HasSubstr("mv "));
  }
}

TEST_F(RecoveryTest, DamageInsideTheTablesIsRefusedOrSetAsideNeverACrash) {
  auto spool = open();
  for (int i = 0; i < 200; ++i) {
    const JobId id = spool->next_job_id();
    spool->submit(job_of(id), one(document_of(*spool, id, 1, 3000)), {});
  }
  spool.reset();
  const auto size = fs::file_size(options_.database);
  const fs::path copy = folder_ / "copy.db";
  fs::copy_file(options_.database, copy);
  for (std::uintmax_t at = 4096; at + 4096 < size; at += 5 * 4096 + 512) {
    fs::copy_file(copy, options_.database, fs::copy_options::overwrite_existing);
    {
      std::fstream file(options_.database, std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(static_cast<std::streamoff>(at));
      file << std::string(700, '\xa5');
    }
    try {
      spool = open();
      for (const auto& loaded : spool->load().jobs) {
        static_cast<void>(find_body(*spool, loaded.job.id));
      }
    } catch (const Error& error) {
      EXPECT_TRUE(error.message() == Message::SpoolUnusable ||
                  error.message() == Message::SpoolDamaged)
          << error.what();
    }
    spool.reset();
  }
}

// SQLite takes both for a database without them.
TEST_F(RecoveryTest, AnEmptiedDatabaseOrALogThatIsGoneIsSaidInTheLog) {
  auto spool = open();
  submitted(*spool, 10);
  store_->kill();  // Goes on with what a killed process leaves.
  const fs::path left = folder_ / "state-after";
  spool.reset();
  for (const bool log_is_gone : {true, false}) {
    options_.database = folder_ / (log_is_gone ? "one" : "two") / "spool.db";
    options_.documents = options_.database.parent_path() / "documents";
    fs::copy(left, options_.database.parent_path(), fs::copy_options::recursive);
    if (log_is_gone) {
      fs::remove(options_.database.string() + "-wal");
    } else {
      fs::resize_file(options_.database, 0);
    }
    auto next = Spool::open(options_, log_);
    EXPECT_THAT(next->load().jobs, IsEmpty());
    const std::string words =
        log_is_gone ? "did not end in order" : "is empty though there is a log";
    EXPECT_THAT(logged(), HasSubstr(words));
    next.reset();
  }
  const std::string before = logged();
  auto next = open();
  EXPECT_THAT(reopened(next).jobs, SizeIs(1)) << "with the log nothing is missing";
  EXPECT_THAT(logged().substr(before.size()), Not(HasSubstr("IMP-5003")));
}

// Before there were checksums.
TEST_F(RecoveryTest, ADocumentWithoutChecksumsIsRead) {
  auto spool = open();
  const JobId small = submitted(*spool, 1000);
  const JobId large = submitted(*spool, 300'000);
  spool.reset();
  tamper("UPDATE documents SET sums = NULL");
  spool = open();
  EXPECT_TRUE(find_body(*spool, small) == body_of(small, 1, 1000));
  EXPECT_TRUE(find_body(*spool, large) == body_of(large, 1, 300'000));
}

TEST_F(RecoveryTest, AFolderInTheWayIsNamed) {
  fs::create_directories(options_.database);
  const Error error = error_of([&] { open(); });
  EXPECT_EQ(error.message(), Message::SpoolUnusable);
  EXPECT_THAT(error.happened(), HasSubstr("spool.db"));
}

TEST_F(RecoveryTest, AFileInTheFoldersPlaceIsNamed) {
  fs::create_directories(options_.documents.parent_path());
  std::ofstream(options_.documents) << "x";
  const Error error = error_of([&] { open(); });
  EXPECT_EQ(error.message(), Message::SpoolUnusable);
  EXPECT_THAT(error.happened(), HasSubstr("documents"));
}

TEST_F(RecoveryTest, TenThousandJobsAreThereInWellUnderASecond) {
  auto spool = open();
  constexpr std::size_t kJobs = 10'000;
  for (std::size_t i = 0; i < kJobs; ++i) {
    Job job = job_of(spool->next_job_id());
    job.attributes = std::string(1000, 'a');
    DocumentWriter writer = spool->new_document(1000);
    writer.append(job.attributes);
    NewDocument document;
    document.document = writer.finish();
    spool->submit(std::move(job), one(std::move(document)), {});
  }
  spool.reset();
  const auto begun = std::chrono::steady_clock::now();
  spool = open();
  EXPECT_THAT(spool->load().jobs, SizeIs(kJobs));
  const auto took = std::chrono::steady_clock::now() - begun;
  // The sanitizers and a busy machine are given their due.
  EXPECT_LT(took, std::chrono::seconds(3));
}

}  // namespace
}  // namespace ipm::spool::test
