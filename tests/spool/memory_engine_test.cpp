// What an engine may do to the spool: doubt, loss, absence, a full disk, an end. The engine in
// memory does it on demand; what the spool makes of it holds for each.

#include "spool/memory/engine.h"

#include <algorithm>
#include <thread>

#include "spool_fixture.h"

namespace ipm::spool::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EngineTest : public SpoolTest {
 protected:
  std::unique_ptr<Spool> open() {
    return Spool::open(std::make_unique<memory::MemoryEngine>(disk_, options_.limits), options_,
                       log_);
  }

  std::future<void> begin_submit(Spool& spool, JobId id, std::string destination = "office") {
    return begin([&](Completion done) {
      Job job = job_of(id);
      job.destination = std::move(destination);
      spool.submit(std::move(job), one(document_of(spool, id, 1, 100'000)), std::move(done));
    });
  }

  static bool is_decided(const std::future<void>& future, std::chrono::milliseconds wait) {
    return future.wait_for(wait) == std::future_status::ready;
  }

  std::shared_ptr<memory::Disk> disk_ = std::make_shared<memory::Disk>();
};

TEST_F(EngineTest, AChangeInDoubtIsNeitherCompletedNorFailedUntilItIsKnown) {
  for (const bool durable : {true, false}) {
    SCOPED_TRACE(durable);
    const auto spool = open();
    const JobId id = spool->next_job_id();
    disk_->set_mute(true);
    disk_->lose_answer(durable);
    auto result = begin_submit(*spool, id);
    auto later = begin_submit(*spool, id + 1);
    EXPECT_FALSE(is_decided(result, 3 * kDoubtPause));
    EXPECT_FALSE(is_decided(later, std::chrono::milliseconds(0))) << "nothing overtakes it";
    disk_->set_mute(false);
    // Not durable: the same group is committed again.
    EXPECT_FALSE(failure_of(std::move(result)));
    EXPECT_FALSE(failure_of(std::move(later)));
    EXPECT_TRUE(find_body(*spool, id) == body_of(id, 1, 100'000));
    EXPECT_EQ(spool->counters().changes, 2U);
  }
}

TEST_F(EngineTest, WhatStaysInDoubtToTheEndKeepsItsDocumentsAndSaysSo) {
  auto spool = open();
  const JobId id = spool->next_job_id();
  disk_->set_mute(true);
  disk_->lose_answer(true);
  auto result = begin_submit(*spool, id);
  spool.reset();
  const auto failure = failure_of(std::move(result));
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->message(), Message::SpoolAway);
  disk_->set_mute(false);
  spool = open();
  ASSERT_THAT(spool->load().jobs, SizeIs(1));
  EXPECT_TRUE(find_body(*spool, id) == body_of(id, 1, 100'000));
}

TEST_F(EngineTest, AnAbsentDatabaseRefusesNewWorkAndEachIsToldOnce) {
  const auto spool = open();
  const JobId before = submitted(*spool, 100);
  disk_->set_away(true);
  std::atomic<int> told{0};
  for (int i = 0; i < 20; ++i) {
    Job job = job_of(spool->next_job_id());
    spool->submit(std::move(job), {}, [&](const std::exception_ptr& failure) {
      EXPECT_TRUE(failure);
      ++told;
    });
  }
  spool->flush();
  EXPECT_EQ(told, 20);
  EXPECT_EQ(error_of([&] { static_cast<void>(spool->find_document(before, 1)); }).message(),
            Message::SpoolAway);
  disk_->set_away(false);
  EXPECT_TRUE(find_body(*spool, before));
  submitted(*spool, 100);
  EXPECT_EQ(spool->counters().changes, 2U);
  EXPECT_THAT(logged(), ::testing::HasSubstr("IMP-5008"));
  EXPECT_THAT(logged(), ::testing::HasSubstr("can write again"));
}

TEST_F(EngineTest, IdsComeFromAStockAsLongAsItLastsAndNeverTwice) {
  const auto spool = open();
  std::vector<JobId> given;
  disk_->set_away(true);
  try {
    for (;;) given.push_back(spool->next_job_id());
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), Message::SpoolAway);
  }
  EXPECT_EQ(given.size(), 2 * kIdBlock);
  disk_->set_away(false);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  for (bool more = false; !more && std::chrono::steady_clock::now() < deadline;) {
    try {
      given.push_back(spool->next_job_id());
      more = true;
    } catch (const Error&) {
      std::this_thread::yield();
    }
  }
  disk_->crash();
  const auto next = open();
  for (int i = 0; i < 10; ++i) given.push_back(next->next_job_id());
  EXPECT_EQ(given.size(), 2 * kIdBlock + 11);
  std::ranges::sort(given);
  EXPECT_EQ(std::ranges::adjacent_find(given), given.end());
}

TEST_F(EngineTest, WhereThereIsNoRoomForNewWorkReliefStillGetsThrough) {
  const auto spool = open();
  const JobId waiting = submitted(*spool, 100);
  const JobId fresh = spool->next_job_id();
  Standstill standstill(*spool);
  auto document = begin_submit(*spool, fresh);
  auto relief =
      begin([&](Completion done) { spool->update_job(finished(waiting, kNow), std::move(done)); });
  auto wrong =
      begin([&](Completion done) { spool->update_job(finished(77, kNow), std::move(done)); });
  disk_->set_full(true);
  standstill.end();
  const auto refused = failure_of(std::move(document));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->message(), Message::SpoolWriteFailed);
  EXPECT_FALSE(failure_of(std::move(relief)));
  EXPECT_EQ(failure_of(std::move(wrong))->message(), Message::JobNotFound);
  EXPECT_THAT(history_of(*spool), ElementsAre(waiting));
  disk_->set_full(false);
  disk_->set_dead(true);
  EXPECT_EQ(update(*spool, finished(waiting, kNow))->message(), Message::SpoolWriteFailed);
}

TEST_F(EngineTest, AQueueThatAnotherServerTookIsLostAndTheOthersGoOn) {
  std::vector<std::string> lost;
  options_.lost = [&](const std::vector<std::string>& queues) { lost = queues; };
  const auto spool = open();
  const JobId id = submitted(*spool, 100);
  disk_->take_over({"office"});
  auto there = begin_submit(*spool, spool->next_job_id(), "office");
  auto here = begin_submit(*spool, spool->next_job_id(), "shop");
  const auto failure = failure_of(std::move(there));
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->message(), Message::SpoolAway);
  EXPECT_FALSE(failure_of(std::move(here)));
  EXPECT_EQ(update(*spool, finished(id, kNow))->message(), Message::SpoolAway);
  spool->flush();
  EXPECT_THAT(lost, ElementsAre("office"));
  // Acquired again, it is loaded as the other left it.
  const auto state = spool->load(std::vector<std::string>{"office"});
  EXPECT_THAT(state.jobs, SizeIs(1));
  EXPECT_FALSE(update(*spool, finished(id, kNow)));
}

TEST_F(EngineTest, AServerThatWasGivenUpWritesNothingAnyMore) {
  auto zombie = open();
  const JobId id = submitted(*zombie, 100);
  const auto owner = open();
  EXPECT_EQ(update(*zombie, finished(id, kNow))->message(), Message::SpoolAway);
  EXPECT_TRUE(submit(*zombie, job_of(zombie->next_job_id()), {}));
  zombie.reset();
  const auto state = owner->load();
  ASSERT_THAT(state.jobs, SizeIs(1));
  EXPECT_EQ(state.jobs[0].job.status.state, JobState::Pending);
}

}  // namespace
}  // namespace ipm::spool::test
