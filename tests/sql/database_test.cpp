// The SQLite floor: statements bind and read exactly, failures get their owner's number,
// transactions and savepoints undo, a newer or damaged file is refused.

#include "sql/database.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <fstream>
#include <string>

#include "temporary_folder.h"

namespace ipm::sql {
namespace {

using ::testing::HasSubstr;

constexpr std::array<std::string_view, 1> kSchema = {
    "CREATE TABLE things(id INTEGER PRIMARY KEY, name TEXT UNIQUE, body BLOB)"};

class DatabaseTest : public ::testing::Test {
 protected:
  Options options() const {
    Options options;
    options.file = folder_ / "things.db";
    return options;
  }

  static std::int64_t count(const Database& database) {
    auto statement = database.prepare("SELECT count(*) FROM things");
    auto rows = statement.query();
    return rows.next() ? rows.integer(0) : -1;
  }

  template <typename Action>
  static Error error_of(const Action& action) {
    try {
      action();
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "nothing was thrown";
    return {Message::Notice, "", ""};
  }

  test::TemporaryFolder folder_;
};

TEST_F(DatabaseTest, TextAndBytesComeBackAsTheyWentInNulIncluded) {
  Database database(options());
  database.migrate(kSchema);
  auto insert = database.prepare("INSERT INTO things VALUES(?, ?, ?)");
  const std::string text("a\0b", 3);
  const std::string bytes("\0\xff\x80", 3);
  insert.run(1, text, Blob{bytes});
  insert.run(2, "", Blob{});
  insert.run(3, std::optional<std::string>(), std::nullopt);

  auto select = database.prepare("SELECT name, body FROM things WHERE id = ?");
  {
    auto rows = select.query(1);
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.text(0), text);
    EXPECT_EQ(rows.blob(1), bytes);
    EXPECT_FALSE(rows.next());
  }
  {
    auto rows = select.query(2);
    ASSERT_TRUE(rows.next());
    EXPECT_FALSE(rows.is_null(0)) << "empty is not NULL";
    EXPECT_FALSE(rows.is_null(1));
  }
  auto rows = select.query(3);
  ASSERT_TRUE(rows.next());
  EXPECT_TRUE(rows.is_null(0));
  EXPECT_EQ(rows.text(0), "");
  EXPECT_EQ(rows.find_integer(1), std::nullopt);
}

TEST_F(DatabaseTest, AStatementCanBeUsedAgainAfterItsRowsAndAfterAFailure) {
  Database database(options());
  database.migrate(kSchema);
  auto insert = database.prepare("INSERT INTO things(name) VALUES(?)");
  insert.run("a");
  EXPECT_EQ(error_of([&] { insert.run("a"); }).message(), Message::Unexpected);
  insert.run("b");
  EXPECT_EQ(database.changed_rows(), 1);
  EXPECT_EQ(count(database), 2);
  EXPECT_EQ(count(database), 2);
}

TEST_F(DatabaseTest, TheWrongNumberOfValuesIsAMistake) {
  Database database(options());
  database.migrate(kSchema);
  auto insert = database.prepare("INSERT INTO things(id, name) VALUES(?, ?)");
  EXPECT_EQ(error_of([&] { insert.run(1); }).message(), Message::Unexpected);
  EXPECT_EQ(count(database), 0);
}

TEST_F(DatabaseTest, ATransactionThatIsNotCommittedHasNotHappened) {
  Database database(options());
  database.migrate(kSchema);
  {
    Transaction transaction(database);
    database.run("INSERT INTO things(name) VALUES('gone')");
  }
  EXPECT_EQ(count(database), 0);
  Transaction transaction(database);
  {
    Savepoint part(database);
    database.run("INSERT INTO things(name) VALUES('gone')");
  }
  {
    Savepoint part(database);
    database.run("INSERT INTO things(name) VALUES('kept')");
    part.keep();
  }
  transaction.commit();
  EXPECT_EQ(count(database), 1);
}

TEST_F(DatabaseTest, FileAndLogAreReadableByTheirOwnerAlone) {
  const mode_t before = ::umask(0);
  Database database(options());
  database.migrate(kSchema);
  ::umask(before);
  for (const auto* name : {"things.db", "things.db-wal", "things.db-shm"}) {
    struct stat status{};
    ASSERT_EQ(::stat((folder_ / name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 07777U, 0600U) << name;
  }
}

TEST_F(DatabaseTest, AFileLeftOpenToOthersIsClosedToThem) {
  {
    Database database(options());
  }
  ASSERT_EQ(::chmod((folder_ / "things.db").c_str(), 0666), 0);
  Database database(options());
  struct stat status{};
  ASSERT_EQ(::stat((folder_ / "things.db").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

TEST_F(DatabaseTest, ASchemaOfTheFutureIsRefusedAndLeftAlone) {
  {
    Database database(options());
    database.migrate(kSchema);
    database.run("PRAGMA user_version=2");
  }
  Options own = options();
  own.unusable = Message::AuthorityDamaged;
  Database database(own);
  const Error error = error_of([&] { database.migrate(kSchema); });
  EXPECT_EQ(error.message(), Message::AuthorityDamaged);
  EXPECT_THAT(error.happened(), HasSubstr("schema 2"));
  EXPECT_THAT(error.expected(), HasSubstr("schema 1"));
  EXPECT_EQ(count(database), 0);
}

TEST_F(DatabaseTest, MigrationsRunOnceEachInOrder) {
  {
    Database database(options());
    database.migrate(kSchema);
  }
  constexpr std::array<std::string_view, 2> kLater = {
      kSchema[0], "ALTER TABLE things ADD COLUMN more TEXT; INSERT INTO things(more) VALUES('x')"};
  for (int round = 0; round < 2; ++round) {
    Database database(options());
    database.migrate(kLater);
    EXPECT_EQ(count(database), 1);
  }
}

TEST_F(DatabaseTest, AMigrationThatFailsLeavesTheOldSchema) {
  Database database(options());
  constexpr std::array<std::string_view, 2> kBroken = {
      kSchema[0], "INSERT INTO things(name) VALUES('x'); CREATE TABLE things(id)"};
  error_of([&] { database.migrate(kBroken); });
  EXPECT_EQ(count(database), 0);
  database.migrate(kSchema);
}

TEST_F(DatabaseTest, WhatIsNoDatabaseIsRefusedWithTheMend) {
  std::ofstream(folder_ / "things.db") << std::string(5000, 'x');
  const Error error = error_of([&] { Database database(options()); });
  EXPECT_EQ(error.message(), Message::SpoolUnusable);
  EXPECT_THAT(error.mend(), HasSubstr("mv "));
}

TEST_F(DatabaseTest, ADamagedPageIsFound) {
  {
    Database database(options());
    database.migrate(kSchema);
    auto insert = database.prepare("INSERT INTO things(name, body) VALUES(?, ?)");
    for (int i = 0; i < 100; ++i) insert.run(std::to_string(i), Blob{std::string(1000, 'b')});
  }
  std::fstream file(folder_ / "things.db", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(4096) * 5);
  file << std::string(std::size_t{4096} * 5, '\xee');
  file.close();
  Database database(options());
  bool found = false;
  try {
    found = !database.find_damage().empty();
  } catch (const Error& error) {
    found = error.message() == Message::SpoolUnusable;
  }
  EXPECT_TRUE(found);
}

TEST_F(DatabaseTest, AMissingFolderIsNamed) {
  Options missing = options();
  missing.file = folder_ / "none" / "things.db";
  const Error error = error_of([&] { Database database(missing); });
  EXPECT_EQ(error.message(), Message::SpoolUnusable);
  EXPECT_THAT(error.happened(), HasSubstr("No such file"));
}

TEST_F(DatabaseTest, AReadOnlyConnectionNeedsAFileAndDoesNotWrite) {
  Options reader = options();
  reader.read_only = true;
  EXPECT_EQ(error_of([&] { Database database(reader); }).message(), Message::SpoolUnusable);
  Database writer(options());
  writer.migrate(kSchema);
  const Database database(reader);
  const Error error = error_of([&] { database.run("INSERT INTO things(name) VALUES('x')"); });
  EXPECT_EQ(error.message(), Message::SpoolWriteFailed);
}

TEST_F(DatabaseTest, AFullFileFailsTheTransactionAndTakesSmallerOnes) {
  Options small = options();
  small.bytes_max = 64U << 10U;
  Database database(small);
  database.migrate(kSchema);
  const Error error = error_of([&] {
    Transaction transaction(database);
    database.run("INSERT INTO things(body) VALUES(zeroblob(200000))");
    transaction.commit();
  });
  EXPECT_EQ(error.message(), Message::SpoolWriteFailed);
  EXPECT_THAT(error.mend(), HasSubstr("df -h"));
  EXPECT_EQ(count(database), 0);
  database.run("INSERT INTO things(body) VALUES(zeroblob(1000))");
  EXPECT_EQ(count(database), 1);
}

TEST_F(DatabaseTest, TheLogIsCopiedBackWhenNoReaderIsInTheWay) {
  Options manual = options();
  manual.checkpoint_itself = false;
  Database database(manual);
  database.migrate(kSchema);
  database.run("INSERT INTO things(body) VALUES(zeroblob(100000))");
  EXPECT_GT(database.log_pages(), 20U);
  Options reading = options();
  reading.read_only = true;
  const Database reader(reading);
  {
    auto select = reader.prepare("SELECT id FROM things");
    auto rows = select.query();
    ASSERT_TRUE(rows.next());
    database.run("INSERT INTO things(body) VALUES(zeroblob(100000))");
    EXPECT_FALSE(database.checkpoint());
  }
  EXPECT_TRUE(database.checkpoint());
  database.run("INSERT INTO things(name) VALUES('next')");
  EXPECT_LT(database.log_pages(), 20U) << "the log begins anew";
}

TEST_F(DatabaseTest, B3_ACommitIsSyncedIntoALogOfItsOwn) {
  const Database database(options());
  const auto value = [&](std::string_view name) {
    auto statement = database.prepare(name);
    auto rows = statement.query();
    return rows.next() ? std::string(rows.text(0)) : std::string();
  };
  EXPECT_EQ(value("PRAGMA synchronous"), "2") << "FULL: the log is synced at each commit";
  EXPECT_EQ(value("PRAGMA journal_mode"), "wal");
}

TEST_F(DatabaseTest, TheLogStaysShortByItself) {
  Database database(options());
  database.migrate(kSchema);
  auto insert = database.prepare("INSERT INTO things(body) VALUES(zeroblob(40000))");
  for (int i = 0; i < 300; ++i) insert.run();
  EXPECT_LT(database.log_pages(), 1100U);
}

}  // namespace
}  // namespace ipm::sql
