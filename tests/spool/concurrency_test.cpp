// Many threads at once: nothing is lost or mixed up, changes keep their order, and one sync serves
// many.

#include <algorithm>
#include <latch>
#include <thread>

#include "spool_fixture.h"

namespace ipm::spool::test {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class ConcurrencyTest : public ContractTest {};

class LogTest : public SpoolTest {};

TEST_P(ConcurrencyTest, SubmittersReadersAndFinishersMeet) {
  auto spool = open();
  constexpr int kThreads = 8;
  constexpr int kRounds = 60;
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int round = 0; round < kRounds; ++round) {
        const std::size_t bytes = (round + thread) % 20 == 0 ? 80'000 : 2000;
        const JobId id = spool->next_job_id();
        if (submit(*spool, job_of(id), one(document_of(*spool, id, 1, bytes)))) ++wrong;
        if (find_body(*spool, id) != body_of(id, 1, bytes)) ++wrong;
        if (round % 2 == 0 && update(*spool, finished(id, kNow))) ++wrong;
        if (round % 2 == 0 && spool->find_document(id, 1)) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  const auto counters = spool->counters();
  EXPECT_EQ(counters.changes, 8U * 90U);
  EXPECT_LT(counters.groups, counters.changes) << "one sync serves many";
  EXPECT_EQ(counters.failures, 0U);
  const auto state = reopened(spool);
  EXPECT_THAT(state.jobs, SizeIs(kThreads * kRounds / 2));
  EXPECT_THAT(state.damaged, IsEmpty());
  EXPECT_EQ(state.orphans_removed, 0U);
  std::vector<LoadedJob> all = state.jobs;
  for (const JobId id : history_of(*spool)) all.push_back(spool->find_finished(id).value());
  ASSERT_THAT(all, SizeIs(kThreads * kRounds));
  for (const auto& loaded : all) {
    EXPECT_EQ(loaded.job, [&] {
      Job expected = with_documents(job_of(loaded.job.id), {loaded.job.octets});
      expected.status = loaded.job.status;
      return expected;
    }());
    EXPECT_EQ(loaded.documents.empty(), is_finished(loaded.job.status.state));
  }
}

TEST_P(ConcurrencyTest, ChangesTakeEffectInTheirOrder) {
  const auto spool = open();
  const JobId id = spool->next_job_id();
  std::vector<int> order;  // Written on the writer thread alone.
  spool->submit(job_of(id), {}, [&](const std::exception_ptr&) { order.push_back(0); });
  for (int i = 1; i <= 2000; ++i) {
    JobUpdate next;
    next.id = id;
    next.status.attempts = i;
    spool->update_job(
        next, [&, i](const std::exception_ptr& failure) { order.push_back(failure ? -1 : i); });
  }
  spool->flush();
  ASSERT_THAT(order, SizeIs(2001));
  EXPECT_TRUE(std::ranges::is_sorted(order));
  EXPECT_EQ(order.front(), 0);
  EXPECT_LT(spool->counters().groups, 200U);
}

TEST_P(ConcurrencyTest, IdsAreDistinct) {
  const auto spool = open();
  std::vector<std::vector<JobId>> given(4);
  std::vector<std::thread> threads;
  std::latch start(4);
  for (auto& own : given) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      while (own.size() < 5000) {
        try {
          own.push_back(spool->next_job_id());
        } catch (const Error&) {  // Faster than the stock is filled.
          std::this_thread::yield();
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::vector<JobId> all;
  for (const auto& own : given) all.insert(all.end(), own.begin(), own.end());
  std::ranges::sort(all);
  EXPECT_EQ(std::ranges::adjacent_find(all), all.end());
}

TEST_P(ConcurrencyTest, AReadingNeverWaitsForACommit) {
  const auto spool = open();
  const JobId id = submitted(*spool, 1000);
  Standstill standstill(*spool);
  EXPECT_TRUE(find_body(*spool, id));  // Would hang here.
  standstill.end();
}

TEST_F(LogTest, TheLogStaysShortUnderLoadAndWhenQuiet) {
  const auto spool = open();
  const std::string body(60'000, 'x');
  for (int i = 0; i < 1500; ++i) {  // 90 MB
    const JobId id = spool->next_job_id();
    DocumentWriter writer = spool->new_document(body.size());
    writer.append(body);
    NewDocument document;
    document.document = writer.finish();
    spool->submit(job_of(id), one(std::move(document)), {});
    if (i % 50 == 0) spool->flush();
  }
  spool->flush();
  const auto log = options_.database.string() + "-wal";
  EXPECT_LT(std::filesystem::file_size(log), kLogBytesMax + 2 * kGroupBytesMax);
}

INSTANTIATE_TEST_SUITE_P(Engines, ConcurrencyTest,
                         ::testing::Values(StoreKind::Sqlite, StoreKind::Memory),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace ipm::spool::test
