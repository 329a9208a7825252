// Finished jobs are read from the disk by page, newest first, as fast at the millionth as at the
// first.

#include <algorithm>
#include <chrono>

#include "spool/sqlite/history_reader.h"
#include "spool_fixture.h"
#include "sql/database.h"

namespace ipm::spool::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class HistoryTest : public SpoolTest {
 protected:
  // A closed spool with so many finished jobs, one each second, of ten owners and seven
  // destinations; the ids run against the time.
  void fill(int jobs) {
    options_.limits.history_jobs_max = 0;
    options_.limits.history_age_max = std::chrono::hours(0);
    open().reset();
    sql::Options options;
    options.file = options_.database;
    sql::Database database(options);
    database.run(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
        std::to_string(jobs) +
        ") INSERT INTO jobs(id, destination, owner, name, created, state, reasons, message, open,"
        " priority, attempts, documents_done, units_done, finished, attributes)"
        " SELECT i, 'printer' || (i % 7), 'owner' || (i % 10), 'job', 0, 7 + i % 3, '', '', 0, 50,"
        " 1, 1, 0, 2000000000 - i, zeroblob(200) FROM n");
  }
};

TEST_F(HistoryTest, TheLatestComesFirstAndPagesMeetWithoutGapOrOverlap) {
  auto spool = open();
  std::vector<JobId> expected;
  for (int i = 0; i < 23; ++i) {  // Several in the same second.
    const JobId id = submitted(*spool, 10);
    EXPECT_FALSE(update(*spool, finished(id, kNow + std::chrono::seconds(i / 4))));
    expected.insert(expected.begin(), id);
  }
  submitted(*spool, 10);  // Not finished.
  for (const std::size_t limit : {1UL, 2UL, 5UL, 23UL, 24UL}) {
    EXPECT_EQ(history_of(*spool, {}, limit), expected) << limit;
  }
  EXPECT_THAT(spool->history({}, std::nullopt, 0).jobs, IsEmpty());
}

TEST_F(HistoryTest, QueriesNarrowByDestinationOwnerAndEnd) {
  fill(420);
  const auto spool = open();
  const auto expect = [&](const HistoryQuery& query, const auto& wanted) {
    std::vector<JobId> expected;
    for (JobId id = 1; id <= 420; ++id) {
      if (wanted(id)) expected.push_back(id);
    }
    ASSERT_THAT(expected, ::testing::Not(IsEmpty()));
    EXPECT_EQ(history_of(*spool, query, 10), expected);
  };
  HistoryQuery query;
  expect(query, [](JobId) { return true; });
  query.owner = "owner3";
  expect(query, [](JobId id) { return id % 10 == 3; });
  query.destination = "printer5";
  expect(query, [](JobId id) { return id % 10 == 3 && id % 7 == 5; });
  query.owner.reset();
  expect(query, [](JobId id) { return id % 7 == 5; });
  query.owner = "nobody";
  EXPECT_THAT(history_of(*spool, query), IsEmpty());
}

TEST_F(HistoryTest, OneFinishedJobIsFoundByItsId) {
  fill(20);
  const auto spool = open();
  ASSERT_TRUE(spool->find_finished(7));
  EXPECT_EQ(spool->find_finished(7)->job.owner, "owner7");
  EXPECT_FALSE(spool->find_finished(21));
  const JobId waiting = submitted(*spool, 10);
  EXPECT_FALSE(spool->find_finished(waiting)) << "not finished";
}

// However rare they are among the others.
TEST_F(HistoryTest, OnlyTheLastPageIsNotFull) {
  fill(15'000);
  const auto spool = open();
  HistoryQuery query;
  query.owner = "owner3";
  query.destination = "printer3";
  std::size_t found = 0;
  std::optional<HistoryPlace> after;
  do {
    const auto page = spool->history(query, after, 10);
    if (page.next) EXPECT_THAT(page.jobs, SizeIs(10));
    found += page.jobs.size();
    after = page.next;
  } while (after);
  EXPECT_EQ(found, 215U) << "one in seventy";
  query.destination = "nowhere";
  const auto none = spool->history(query, std::nullopt, 10);
  EXPECT_THAT(none.jobs, IsEmpty());
  EXPECT_FALSE(none.next);
}

TEST_F(HistoryTest, EachKindOfQueryGoesToItsPlaceInAnIndexAndSortsNothing) {
  fill(100);
  sql::Options options;
  options.file = options_.database;
  const sql::Database database(options);
  using sqlite::HistoryKind;
  for (const auto kind : {HistoryKind::All, HistoryKind::OfOwner, HistoryKind::OfDestination,
                          HistoryKind::OfOwnerAt}) {
    auto text = "EXPLAIN QUERY PLAN " + sqlite::text_of(kind);
    std::ranges::replace(text, '?', '1');  // the plan is the same for every value
    auto explain = database.prepare(text);
    std::vector<std::string> steps;
    for (auto rows = explain.query(); rows.next();) steps.emplace_back(rows.text(3));
    ASSERT_THAT(steps, SizeIs(1)) << "nothing is sorted";
    EXPECT_THAT(steps[0], StartsWith("SEARCH jobs USING INDEX jobs_"));
    EXPECT_THAT(steps[0], HasSubstr("finished<?"));
  }
}

TEST_F(HistoryTest, AMillionJobsDeepAPageCostsWhatTheFirstCosts) {
  constexpr int kJobs = 1'000'000;
  fill(kJobs);
  const auto begun = std::chrono::steady_clock::now();
  const auto spool = open();
  EXPECT_THAT(spool->load().jobs, IsEmpty());
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(2)) << "the start";
  const auto place = [](JobId id) {
    return HistoryPlace{TimePoint(std::chrono::seconds(2'000'000'000 - id)), id};
  };
  HistoryQuery of_owner;
  of_owner.owner = "owner3";
  HistoryQuery at;
  at.destination = "printer3";
  HistoryQuery both = of_owner;
  both.destination = "printer3";
  for (const auto& query : {HistoryQuery(), of_owner, at, both}) {
    for (const JobId behind : {1, kJobs / 2, kJobs - 8000}) {
      auto best = std::chrono::steady_clock::duration::max();
      for (int i = 0; i < 5; ++i) {
        const auto asked = std::chrono::steady_clock::now();
        EXPECT_THAT(spool->history(query, place(behind), 100).jobs, SizeIs(100));
        best = std::min(best, std::chrono::steady_clock::now() - asked);
      }
      // Bounded for a busy machine; a scan of the table takes a second.
      EXPECT_LT(best, std::chrono::milliseconds(20)) << behind;
    }
  }
}

}  // namespace
}  // namespace ipm::spool::test
