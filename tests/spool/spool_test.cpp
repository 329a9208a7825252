// What was acknowledged is there after the next start, exactly; what failed changed nothing.

#include "spool/spool.h"

#include <algorithm>

#include "spool_fixture.h"
#include "wait_until.h"

namespace ipm::spool::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

JobStatus full_status() {
  JobStatus status;
  status.state = JobState::Held;
  status.reasons = "job-hold-until-specified";
  status.message = "waits for the evening";
  status.open = true;
  status.priority = 77;
  status.attempts = 3;
  status.documents_done = 2;
  status.units_done = 5'000'000'000;
  status.cancel_wanted = true;
  status.device = "left";
  status.device_job = 2'147'483'647;
  status.device_up = 1'900'000'000;
  status.doubtful = true;
  status.processing_at = kNow - std::chrono::hours(1);
  return status;
}

TEST_P(ContractTest, B3_AJobComesBackWithAllThatItHad) {
  Job job = job_of(0);
  job.owner = std::string("CN=\xc3\xbc\0x", 7);
  job.status = full_status();
  {
    const auto spool = open();
    job.id = spool->next_job_id();
    auto documents = one(document_of(*spool, job.id, 1, 10'000));
    documents.push_back(document_of(*spool, job.id, 2, 300'000));
    documents[1].info.name = std::string("\0\xff", 2);
    EXPECT_FALSE(submit(*spool, job, std::move(documents)));
  }
  const auto spool = open();
  const LoadedState state = spool->load();
  ASSERT_THAT(state.jobs, SizeIs(1));
  EXPECT_EQ(state.jobs[0].job, with_documents(job, {10'000, 300'000}));
  EXPECT_FALSE(state.jobs[0].interrupted);
  ASSERT_THAT(state.jobs[0].documents, SizeIs(2));
  EXPECT_EQ(state.jobs[0].documents[0].bytes, 10'000U);
  EXPECT_EQ(state.jobs[0].documents[1].name, std::string("\0\xff", 2));
  EXPECT_TRUE(find_body(*spool, job.id, 1) == body_of(job.id, 1, 10'000));
  EXPECT_TRUE(find_body(*spool, job.id, 2) == body_of(job.id, 2, 300'000));
  EXPECT_THAT(state.damaged, IsEmpty());
}

TEST_P(ContractTest, AnUpdateReplacesTheStatusAndOnlyWhatIsGivenBesides) {
  JobId id = 0;
  {
    const auto spool = open();
    id = submitted(*spool, 100);
    JobUpdate change;
    change.id = id;
    change.status = full_status();
    EXPECT_FALSE(update(*spool, change));
  }
  Job expected = with_documents(job_of(id), {100});
  expected.status = full_status();
  {
    const auto spool = open();
    EXPECT_EQ(spool->load().jobs.at(0).job, expected);
    JobUpdate change;
    change.id = id;
    change.attributes = "new";
    change.destination = "archive";
    EXPECT_FALSE(update(*spool, change));
  }
  expected.status = JobStatus();
  expected.attributes = "new";
  expected.destination = "archive";
  EXPECT_EQ(open()->load().jobs.at(0).job, expected);
}

TEST_P(ContractTest, ADocumentIsAddedWithTheJobsNewStatusInOneChange) {
  auto spool = open();
  const JobId id = spool->next_job_id();
  Job job = job_of(id);
  job.status.open = true;
  EXPECT_FALSE(submit(*spool, job, {}));
  for (std::int64_t number = 1; number <= 2; ++number) {
    JobUpdate change;
    change.id = id;
    change.status.open = true;
    auto document = document_of(*spool, id, number, number == 1 ? 100 : 100'000);
    EXPECT_FALSE(attempt([&](Completion done) {
      spool->add_document(change, std::move(document), std::move(done));
    }));
    EXPECT_TRUE(find_body(*spool, id, number));
  }
  EXPECT_FALSE(find_body(*spool, id, 3));
  EXPECT_EQ(reopened(spool).jobs.at(0).job, with_documents(job, {100, 100'000}));
}

TEST_P(ContractTest, ASecondDocumentOfTheSameNumberIsRefusedWhole) {
  const auto spool = open();
  const JobId id = submitted(*spool, 100);
  JobUpdate change;
  change.id = id;
  change.attributes = "changed";
  auto document = document_of(*spool, id, 1, 100'000);
  EXPECT_TRUE(attempt(
      [&](Completion done) { spool->add_document(change, std::move(document), std::move(done)); }));
  EXPECT_TRUE(find_body(*spool, id) == body_of(id, 1, 100)) << "the first document stays";
  spool->flush();
  EXPECT_EQ(large(), 0U);
}

TEST_P(ContractTest, AJobIdInUseIsRefusedAndTheFirstJobStays) {
  const auto spool = open();
  const JobId id = submitted(*spool, 100);
  const auto error = submit(*spool, job_of(id), one(document_of(*spool, id, 2, 100'000)));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message(), Message::Unexpected);
  EXPECT_FALSE(find_body(*spool, id, 2));
  spool->flush();
  EXPECT_EQ(large(), 0U);
}

TEST_P(ContractTest, ChangesToAJobThatIsNotThereFail) {
  const auto spool = open();
  JobUpdate change;
  change.id = 12;
  const auto unknown = update(*spool, change);
  ASSERT_TRUE(unknown);
  EXPECT_EQ(unknown->message(), Message::JobNotFound);
  auto document = document_of(*spool, 12, 1, 100'000);
  const auto addition = attempt(
      [&](Completion done) { spool->add_document(change, std::move(document), std::move(done)); });
  ASSERT_TRUE(addition);
  EXPECT_EQ(addition->message(), Message::JobNotFound);
  EXPECT_FALSE(remove_job(*spool, 12));
  EXPECT_FALSE(spool->find_document(12, 1));
  EXPECT_FALSE(spool->find_document(-1, 1));
  EXPECT_FALSE(spool->find_document(1, 0));
  EXPECT_FALSE(spool->find_document(1, kDocumentsPerJobMax + 1));
}

TEST_P(ContractTest, ValuesThatNoRowCanHoldAreRefusedOneByOne) {
  auto spool = open();
  std::vector<std::pair<const char*, Job>> broken;
  const auto add = [&](const char* what, const auto& breaking) {
    Job job = job_of(7);
    breaking(job);
    broken.emplace_back(what, std::move(job));
  };
  add("id 0", [](Job& job) { job.id = 0; });
  add("id too large", [](Job& job) { job.id = kJobIdMax + 1; });
  add("owner", [](Job& job) { job.owner = std::string(kTextBytesMax + 1, 'x'); });
  add("attributes", [](Job& job) { job.attributes = std::string(kAttributesBytesMax + 1, 'x'); });
  add("finished without time", [](Job& job) { job.status.state = JobState::Canceled; });
  add("time without finish", [](Job& job) { job.status.finished_at = kNow; });
  for (auto& [what, job] : broken) {
    const auto error = submit(*spool, job, {});
    ASSERT_TRUE(error) << what;
    EXPECT_EQ(error->message(), Message::Unexpected) << what;
  }
  for (const std::int64_t number : {std::int64_t{0}, kDocumentsPerJobMax + 1}) {
    EXPECT_TRUE(submit(*spool, job_of(7), one(document_of(*spool, 7, number, 10)))) << number;
  }
  auto twice = one(document_of(*spool, 7, 1, 10));
  twice.push_back(document_of(*spool, 7, 1, 10));
  EXPECT_TRUE(submit(*spool, job_of(7), std::move(twice)));
  Destination destination;
  destination.name = "office";
  destination.feeds = {"a\nb"};
  EXPECT_TRUE(
      attempt([&](Completion done) { spool->put_destination(destination, std::move(done)); }));
  EXPECT_EQ(spool->counters().changes, 0U);
  EXPECT_THAT(reopened(spool).jobs, IsEmpty());
}

TEST_P(ContractTest, DestinationsAndSettingsComeBack) {
  Destination queue;
  queue.kind = DestinationKind::Queue;
  queue.name = "office";
  queue.feeds = {"left", "right"};
  queue.attributes = std::string("\0\xff", 2);
  queue.created_at = kNow;
  Destination device;
  device.kind = DestinationKind::Actual;
  device.name = "left";
  device.device_uri = "socket://10.0.0.1:9100";
  device.paused = true;
  device.accepting = false;
  device.message = "out of paper";
  {
    const auto spool = open();
    spool->put_destination(device, {});
    device.message = "door open";
    spool->put_destination(device, {});
    spool->put_destination(queue, {});
    Destination gone = queue;
    gone.name = "gone";
    spool->put_destination(gone, {});
    spool->remove_destination(DestinationKind::Queue, "gone", {});
    spool->remove_destination(DestinationKind::Actual, "office", {});  // Another kind: not there.
    spool->hand_in(together(Setting{"default", "office"}), {});
    spool->hand_in(together(Setting{"default", std::string("\0office", 7)}), {});
  }
  const auto state = open()->load();
  EXPECT_THAT(state.destinations, ElementsAre(queue, device));
  EXPECT_THAT(state.settings, ElementsAre(std::pair<const std::string, std::string>(
                                  "default", std::string("\0office", 7))));
}

TEST_P(ContractTest, ARemovedJobLeavesNothing) {
  const auto spool = open();
  const JobId big = submitted(*spool, 100'000);
  const JobId small = submitted(*spool, 100);
  EXPECT_EQ(large(), 1U);
  for (const JobId id : {big, small}) {
    EXPECT_FALSE(remove_job(*spool, id));
    EXPECT_FALSE(spool->find_document(id, 1));
  }
  spool->flush();
  EXPECT_EQ(large(), 0U);
}

TEST_P(ContractTest, AFinishedJobKeepsItsRowAndLosesItsDocumentsWhenTold) {
  auto spool = open();
  const JobId dropped = submitted(*spool, 100'000);
  const JobId retained = submitted(*spool, 100'000);
  EXPECT_FALSE(update(*spool, finished(dropped, kNow)));
  EXPECT_FALSE(update(*spool, finished(retained, kNow, false)));
  spool->flush();
  EXPECT_EQ(large(), 1U);
  EXPECT_FALSE(find_body(*spool, dropped));
  EXPECT_TRUE(find_body(*spool, retained));
  EXPECT_THAT(reopened(spool).jobs, IsEmpty()) << "finished jobs are history";
  EXPECT_EQ(large(), 1U);
  const auto first = spool->find_finished(dropped);
  const auto second = spool->find_finished(retained);
  ASSERT_TRUE(first && second);
  Job expected = with_documents(job_of(dropped), {100'000});
  expected.status = finished(dropped, kNow).status;
  EXPECT_EQ(first->job, expected) << "what its documents were is still known";
  EXPECT_THAT(first->documents, IsEmpty());
  EXPECT_THAT(second->documents, SizeIs(1));
  EXPECT_TRUE(find_body(*spool, retained));
}

TEST_P(ContractTest, TheHistoryKeepsTheNewest) {
  options_.limits.history_jobs_max = 3;
  auto spool = open();
  for (int i = 0; i < 6; ++i) {
    const JobId id = submitted(*spool, 100);
    EXPECT_FALSE(update(*spool, finished(id, kNow + std::chrono::seconds(i))));
  }
  const JobId waits = submitted(*spool, 100);
  spool->flush();
  const auto state = reopened(spool);
  ASSERT_THAT(state.jobs, SizeIs(1));
  EXPECT_EQ(state.jobs[0].job.id, waits);
  EXPECT_THAT(history_of(*spool), ElementsAre(6, 5, 4));
}

TEST_P(ContractTest, TheHistoryForgetsWhatIsTooOldAlsoAtTheStart) {
  options_.limits.history_age_max = std::chrono::hours(24);
  auto spool = open();
  const JobId old = submitted(*spool, 100);
  EXPECT_FALSE(update(*spool, finished(old, kNow)));
  spool.reset();
  now_ = kNow + std::chrono::hours(25);
  spool = open();
  spool->flush();
  EXPECT_THAT(history_of(*spool), IsEmpty());
  const JobId next = spool->next_job_id();
  EXPECT_GT(next, old);
}

TEST_P(ContractTest, AJobThatIsTakenUpAgainLeavesTheHistory) {
  options_.limits.history_jobs_max = 1;
  auto spool = open();
  const JobId first = submitted(*spool, 100);
  EXPECT_FALSE(update(*spool, finished(first, kNow, false)));
  JobUpdate again;
  again.id = first;
  EXPECT_FALSE(update(*spool, again));
  for (int i = 0; i < 3; ++i) {
    const JobId id = submitted(*spool, 100);
    EXPECT_FALSE(update(*spool, finished(id, kNow + std::chrono::seconds(1 + i))));
  }
  submitted(*spool, 100);
  EXPECT_TRUE(find_body(*spool, first));
  EXPECT_THAT(history_of(*spool), ElementsAre(4));
}

TEST_P(ContractTest, AHistoryWithoutBoundsForgetsNothing) {
  options_.limits.history_jobs_max = 0;
  options_.limits.history_age_max = std::chrono::hours(0);
  auto spool = open();
  for (int i = 0; i < 30; ++i) {
    const JobId id = submitted(*spool, 10);
    EXPECT_FALSE(update(*spool, finished(id, kNow - std::chrono::hours(24 * 365 * 60))));
  }
  EXPECT_THAT(reopened(spool).jobs, IsEmpty());
  spool->flush();
  EXPECT_THAT(history_of(*spool), SizeIs(30));
}

TEST_P(ContractTest, WhatIsHandedInTogetherIsThereTogether) {
  auto spool = open();
  const JobId first = submitted(*spool, 100);
  const JobId second = submitted(*spool, 100'000);
  Destination queue;
  queue.kind = DestinationKind::Queue;
  queue.name = "office";
  Destination device;
  device.kind = DestinationKind::Actual;
  device.name = "office";
  const auto before = spool->counters();
  EXPECT_FALSE(hand_in(*spool, together(queue, device, Setting{"default", "office"},
                                        finished(first, kNow), finished(second, kNow))));
  EXPECT_EQ(spool->counters().groups, before.groups + 1);
  EXPECT_EQ(spool->counters().changes, before.changes + 5);
  EXPECT_FALSE(hand_in(*spool, together(DestinationRemoval{DestinationKind::Queue, "office"},
                                        Setting{"default", std::nullopt})));
  const auto state = reopened(spool);
  EXPECT_THAT(state.jobs, IsEmpty());
  EXPECT_THAT(state.destinations, ElementsAre(device));
  EXPECT_THAT(state.settings, IsEmpty());
  EXPECT_THAT(history_of(*spool), ElementsAre(second, first));
}

// The one that fails may be any of them, and others may be in the group.
TEST_P(ContractTest, OfWhatIsHandedInTogetherNothingIsThereWhenOneFails) {
  for (std::size_t bad = 0; bad < 3; ++bad) {
    SCOPED_TRACE(bad);
    auto spool = open();
    const JobId used = submitted(*spool, 10);
    Standstill standstill(*spool);
    const JobId other = spool->next_job_id();
    auto before =
        begin([&](Completion done) { spool->submit(job_of(other), {}, std::move(done)); });
    const JobId id = spool->next_job_id();
    auto changes = together(Submission{job_of(id), one(document_of(*spool, id, 1, 100'000))},
                            Setting{"place", std::to_string(bad)}, finished(other, kNow));
    JobUpdate nobody;
    nobody.id = 1'000'000;
    changes.insert(changes.begin() + static_cast<std::ptrdiff_t>(bad), Change(std::move(nobody)));
    auto failing =
        begin([&](Completion done) { spool->hand_in(std::move(changes), std::move(done)); });
    auto after =
        begin([&](Completion done) { spool->update_job(finished(used, kNow), std::move(done)); });
    standstill.end();
    EXPECT_FALSE(failure_of(std::move(before)));
    const auto failure = failure_of(std::move(failing));
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->message(), Message::JobNotFound);
    EXPECT_FALSE(failure_of(std::move(after)));
    ipm::test::wait_until([&] { return large() == 0; });
    const auto state = reopened(spool);
    EXPECT_FALSE(state.settings.contains("place"));
    EXPECT_TRUE(std::ranges::any_of(
        state.jobs, [&](const LoadedJob& loaded) { return loaded.job.id == other; }));
    EXPECT_FALSE(std::ranges::any_of(state.jobs,
                                     [&](const LoadedJob& loaded) { return loaded.job.id == id; }));
    EXPECT_TRUE(spool->find_finished(used));
    EXPECT_FALSE(spool->find_finished(other));
  }
}

TEST_P(ContractTest, AnInvalidValueRefusesAllThatCameWithIt) {
  auto spool = open();
  JobUpdate wrong;
  wrong.id = kJobIdMax + 1;
  const auto failure = hand_in(*spool, together(Setting{"a", "1"}, wrong));
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->message(), Message::Unexpected);
  EXPECT_THAT(reopened(spool).settings, IsEmpty());
}

TEST_P(ContractTest, NoIdIsGivenTwiceEvenWhenTheLastJobIsGone) {
  auto spool = open();
  submitted(*spool, 10);
  const JobId last = submitted(*spool, 10);
  const JobId given = spool->next_job_id();
  EXPECT_EQ(given, last + 1);  // Never submitted.
  EXPECT_FALSE(remove_job(*spool, last));
  EXPECT_FALSE(remove_job(*spool, last - 1));
  spool.reset();
  spool = open();
  EXPECT_THAT(spool->load().jobs, IsEmpty());
  EXPECT_GT(spool->next_job_id(), last);
}

TEST_P(ContractTest, TooMuchWaitingIsRefusedButUpdatesAreTaken) {
  options_.limits.waiting_changes_max = 2;
  const auto spool = open();
  const JobId id = submitted(*spool, 10);
  Standstill standstill(*spool);
  std::vector<std::future<void>> results;
  for (JobId next = 100; next < 104; ++next) {
    results.push_back(
        begin([&](Completion done) { spool->submit(job_of(next), {}, std::move(done)); }));
  }
  auto updated =
      begin([&](Completion done) { spool->update_job(finished(id, kNow), std::move(done)); });
  EXPECT_GE(spool->counters().waiting, 5U);
  standstill.end();
  EXPECT_FALSE(failure_of(std::move(results[0])));
  EXPECT_FALSE(failure_of(std::move(results[1])));
  for (int i = 2; i < 4; ++i) {
    const auto error = failure_of(std::move(results[static_cast<std::size_t>(i)]));
    ASSERT_TRUE(error);
    EXPECT_EQ(error->message(), Message::SpoolBusy);
  }
  EXPECT_FALSE(failure_of(std::move(updated)));
}

TEST_P(ContractTest, AFailingChangeFailsAloneInItsGroup) {
  auto spool = open();
  const JobId used = submitted(*spool, 10);
  Standstill standstill(*spool);
  std::vector<std::future<void>> good;
  std::vector<std::future<void>> bad;
  for (int i = 0; i < 10; ++i) {
    const JobId id = spool->next_job_id();
    good.push_back(begin([&](Completion done) {
      spool->submit(job_of(id), one(document_of(*spool, id, 1, i == 3 ? 100'000 : 100)),
                    std::move(done));
    }));
    bad.push_back(begin([&](Completion done) {
      spool->submit(job_of(used), one(document_of(*spool, used, 2, 100'000)), std::move(done));
    }));
  }
  const auto before = spool->counters();
  standstill.end();
  for (auto& result : good) EXPECT_FALSE(failure_of(std::move(result)));
  for (auto& result : bad) EXPECT_TRUE(failure_of(std::move(result)));
  spool->flush();
  EXPECT_EQ(spool->counters().groups, before.groups + 1) << "one commit for all";
  EXPECT_EQ(spool->counters().failures, 10U);
  EXPECT_EQ(large(), 1U);
  const auto state = reopened(spool);
  EXPECT_THAT(state.jobs, SizeIs(11));
  EXPECT_THAT(state.damaged, IsEmpty());
  EXPECT_EQ(state.orphans_removed, 0U);
}

TEST_P(ContractTest, ACompletionThatThrowsIsLoggedAndHurtsNobody) {
  const auto spool = open();
  spool->hand_in(together(Setting{"a", "1"}), [](const std::exception_ptr&) {
    throw Error(Message::Unexpected, "careless", "a completion that does not throw");
  });
  EXPECT_FALSE(hand_in(*spool, together(Setting{"b", "2"})));
  EXPECT_THAT(logged(), HasSubstr("careless"));
}

TEST_P(ContractTest, WhatWaitsAtTheEndIsCommitted) {
  int completed = 0;
  {
    const auto spool = open();
    for (int i = 0; i < 500; ++i) {
      const JobId id = spool->next_job_id();
      spool->submit(job_of(id), one(document_of(*spool, id, 1, 1000)),
                    [&](const std::exception_ptr& failure) { completed += failure ? 0 : 1; });
    }
  }
  EXPECT_EQ(completed, 500);
  EXPECT_THAT(open()->load().jobs, SizeIs(500));
}

TEST_P(ContractTest, B3_WhatWasAcknowledgedSurvivesTheEndOfTheServer) {
  auto spool = open();
  const JobId small = submitted(*spool, 100);
  const JobId large_one = submitted(*spool, 100'000);
  const JobId over = submitted(*spool, 100);
  EXPECT_FALSE(update(*spool, finished(over, kNow)));
  const auto abandoned = document_of(*spool, 99, 1, 100'000);
  store_->kill();
  const auto next = open();
  const auto state = next->load();
  EXPECT_THAT(state.damaged, IsEmpty());
  ASSERT_THAT(state.jobs, SizeIs(2));
  EXPECT_TRUE(find_body(*next, small) == body_of(small, 1, 100));
  EXPECT_TRUE(find_body(*next, large_one) == body_of(large_one, 1, 100'000));
  EXPECT_THAT(history_of(*next), ElementsAre(over));
  EXPECT_EQ(large(), 1U) << "what no row names is gone";
  EXPECT_GT(next->next_job_id(), over);
}

TEST_P(ContractTest, AJobThatWasProcessingIsPendingAndMarked) {
  auto spool = open();
  const JobId waiting = submitted(*spool, 10);
  const JobId processing = submitted(*spool, 10);
  JobUpdate begun;
  begun.id = processing;
  begun.status.state = JobState::Processing;
  begun.status.documents_done = 1;
  begun.status.processing_at = kNow;
  EXPECT_FALSE(update(*spool, begun));
  for (int round = 0; round < 2; ++round) {  // Also when the next run ends before it comes to it.
    const auto state = reopened(spool);
    ASSERT_THAT(state.jobs, SizeIs(2));
    EXPECT_EQ(state.jobs[0].job.id, waiting);
    EXPECT_FALSE(state.jobs[0].interrupted);
    EXPECT_TRUE(state.jobs[1].interrupted);
    EXPECT_EQ(state.jobs[1].job.status.state, JobState::Pending);
    EXPECT_EQ(state.jobs[1].job.status.documents_done, 1);
    EXPECT_EQ(state.interrupted, 1U);
  }
  EXPECT_THAT(logged(), HasSubstr("IMP-5005"));
  EXPECT_THAT(logged(), HasSubstr("2 unfinished jobs, 1 of them interrupted"));
}

TEST_P(ContractTest, ADamagedRowSetsItsJobAsideAndNoOther) {
  auto spool = open();
  const JobId damaged = submitted(*spool, 10);
  const JobId sound = submitted(*spool, 10);
  spool.reset();
  store_->break_row(damaged);
  spool = open();
  auto state = spool->load();
  ASSERT_THAT(state.jobs, SizeIs(1));
  EXPECT_EQ(state.jobs[0].job.id, sound);
  ASSERT_THAT(state.damaged, SizeIs(1));
  EXPECT_EQ(state.damaged[0].job.id, damaged);
  EXPECT_EQ(state.damaged[0].job.status.state, JobState::Aborted);
  EXPECT_THAT(logged(), HasSubstr("IMP-5003"));
  EXPECT_FALSE(update(*spool, finished(damaged, kNow)));
  state = reopened(spool);
  EXPECT_THAT(state.damaged, IsEmpty());
  EXPECT_THAT(history_of(*spool), ElementsAre(damaged));
}

// Any byte may have changed on the disk: what is given out is what was acknowledged, or nothing.
TEST_P(ContractTest, B3_ADocumentThatTheDiskAlteredIsNotGivenOut) {
  for (const std::size_t bytes : {1000UL, 300'000UL}) {
    SCOPED_TRACE(bytes);
    auto spool = open();
    const JobId id = submitted(*spool, bytes);
    spool.reset();
    store_->break_document(id, 1);
    spool = open();
    for (const std::size_t step : {100UL, kPieceBytes, 1UL << 20U}) {
      std::string given;
      const Error error = error_of([&] {
        auto reader = spool->find_document(id, 1);
        std::string space(step, '\0');
        while (const auto got = reader->read(space)) given.append(space, 0, got);
      });
      EXPECT_EQ(error.message(), Message::SpoolDamaged);
      EXPECT_THAT(error.happened(), HasSubstr("document 1 of job " + std::to_string(id)));
      EXPECT_TRUE(body_of(id, 1, bytes).starts_with(given)) << "up to the piece that is damaged";
    }
  }
}

TEST_P(ContractTest, AReaderOutlivesItsJob) {
  const auto spool = open();
  const JobId id = submitted(*spool, 300'000);
  auto reader = spool->find_document(id, 1);
  ASSERT_TRUE(reader);
  EXPECT_FALSE(remove_job(*spool, id));
  EXPECT_TRUE(read_all(*reader) == body_of(id, 1, 300'000));
  EXPECT_FALSE(spool->find_document(id, 1));
}

TEST_P(ContractTest, DocumentsComeOutAsTheyWentInWhateverTheStep) {
  const auto spool = open();
  for (const std::size_t bytes : {0UL, 1UL, 1000UL, kPieceBytes, kPieceBytes + 1, 300'000UL}) {
    const JobId id = submitted(*spool, bytes);
    for (const std::size_t step : {7UL, 4096UL, kPieceBytes, kPieceBytes + 1, 1UL << 20U}) {
      auto reader = spool->find_document(id, 1);
      ASSERT_TRUE(reader);
      EXPECT_EQ(reader->bytes(), bytes);
      EXPECT_EQ(reader->info().format, "application/pdf");
      EXPECT_TRUE(read_all(*reader, step) == body_of(id, 1, bytes)) << bytes << " by " << step;
    }
  }
}

TEST_P(ContractTest, TheStateOfAQueueIsTakenAlone) {
  auto spool = open();
  const auto destination = [](DestinationKind kind, std::string name,
                              std::vector<std::string> feeds) {
    Destination made;
    made.kind = kind;
    made.name = std::move(name);
    made.feeds = std::move(feeds);
    return made;
  };
  EXPECT_FALSE(
      hand_in(*spool, together(destination(DestinationKind::Logical, "office", {"left"}),
                               destination(DestinationKind::Logical, "shop", {"right"}),
                               destination(DestinationKind::Queue, "left", {"l1", "l2"}),
                               destination(DestinationKind::Queue, "right", {"r1"}),
                               destination(DestinationKind::Actual, "l1", {}),
                               destination(DestinationKind::Actual, "l2", {}),
                               destination(DestinationKind::Actual, "r1", {}), Setting{"a", "1"})));
  const JobId office = submitted(*spool, 10);
  Job other = job_of(spool->next_job_id());
  other.destination = "shop";
  EXPECT_FALSE(submit(*spool, other, {}));
  spool.reset();
  spool = open();
  const auto names = [](const LoadedState& state) {
    std::vector<std::string> all;
    for (const auto& each : state.destinations) all.push_back(each.name);
    return all;
  };
  const auto left = spool->load(std::vector<std::string>{"left"});
  ASSERT_THAT(left.jobs, SizeIs(1));
  EXPECT_EQ(left.jobs[0].job.id, office);
  EXPECT_THAT(names(left), ElementsAre("office", "left", "l1", "l2"));
  EXPECT_THAT(left.settings, SizeIs(1));
  const auto right = spool->load(std::vector<std::string>{"right"});
  ASSERT_THAT(right.jobs, SizeIs(1));
  EXPECT_EQ(right.jobs[0].job.id, other.id);
  EXPECT_THAT(names(right), ElementsAre("shop", "right", "r1"));
}

INSTANTIATE_TEST_SUITE_P(Engines, ContractTest,
                         ::testing::Values(StoreKind::Sqlite, StoreKind::Memory),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace ipm::spool::test
