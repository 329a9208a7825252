#include "print/jobs/job_machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/error.h"
#include "print/jobs/job_record.h"

namespace ipm::print {
namespace {

using ipp::JobState;
using output::Outcome;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const TimePoint kNow{std::chrono::seconds{1'900'000'000}};

Job job_in(JobState state) {
  Job job;
  job.id = 7;
  job.destination = "office";
  job.state = state;
  job.documents = {{1, "a", "text/plain", 5}};
  if (state == JobState::Processing) job.delivered_to = "laser";
  if (job.finished()) job.completed = kNow;
  if (state == JobState::PendingHeld) job.hold_until = "indefinite";
  return job;
}

Job incoming(std::size_t documents = 1) {
  Job job = job_in(JobState::PendingHeld);
  job.hold_until = "no-hold";
  job.incoming = true;
  job.documents.resize(documents);
  return job;
}

output::Result result_of(Outcome outcome, std::string text = "it says so") {
  output::Result result;
  result.outcome = outcome;
  result.text = std::move(text);
  return result;
}

constexpr Recourse kAsk{.can_ask = true, .replaces = false};
constexpr Recourse kReplace{.can_ask = false, .replaces = true};
constexpr Recourse kNone{};

Job settled(const Job& job, const output::Result& result, ErrorPolicy policy = {},
            Recourse recourse = kAsk) {
  return apply(job, job_event::Settle{result, policy, recourse}, kNow).job;
}

bool refuses(const Job& job, const JobEvent& event) {
  try {
    static_cast<void>(apply(job, event, kNow));
    return false;
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), Message::JobNotPossible);
    return true;
  }
}

// However it ends, and the disk is told.
TEST(JobMachine, B13_AJobThatEndsKeepsNoSecrets) {
  const auto with_pin = [](Job job) {
    job.secrets.add_octets("job-password", "4711");
    return job;
  };
  const Job waits = with_pin(job_in(JobState::Pending));
  const Job prints = with_pin(job_in(JobState::Processing));
  const auto settle = [&](Outcome outcome) {
    return apply(prints, job_event::Settle{result_of(outcome), {}}, kNow);
  };
  for (const auto& ended :
       {apply(waits, job_event::Cancel{"by alice"}, kNow),
        apply(waits, job_event::Abort{"bad"}, kNow),
        apply(with_pin(incoming(0)), job_event::TimeOut{}, kNow), settle(Outcome::Delivered),
        settle(Outcome::Canceled), settle(Outcome::JobRefused)}) {
    ASSERT_TRUE(ended.job.finished());
    EXPECT_TRUE(ended.job.secrets.attributes.empty());
    EXPECT_TRUE(ended.attributes);
  }
  const auto again = settle(Outcome::DeviceAway);
  EXPECT_TRUE(again.job.secrets.contains("job-password"));
  EXPECT_FALSE(again.attributes);
}

// Each event in each state: the state afterwards, or nothing when it is refused.
TEST(JobMachine, EveryEventInEveryStateIsAllowedOrRefused) {
  using Expected = std::map<JobState, std::optional<JobState>>;
  const auto refused_when_finished = [](Expected table) {
    for (const auto state : {JobState::Canceled, JobState::Aborted, JobState::Completed})
      table[state] = std::nullopt;
    return table;
  };
  const auto P = JobState::Pending;
  const auto H = JobState::PendingHeld;
  const auto R = JobState::Processing;
  const auto C = JobState::Canceled;
  const std::optional<JobState> no;
  job_event::Resume asks;
  asks.recourse = kAsk;
  const std::vector<std::tuple<std::string, JobEvent, Expected>> cases = {
      {"add", job_event::AddDocument{DocumentInfo{}, true}, {{P, no}, {H, no}, {R, no}}},
      {"time out", job_event::TimeOut{}, {{P, no}, {H, no}, {R, no}}},
      {"hold", job_event::Hold{"indefinite"}, {{P, H}, {H, H}, {R, no}}},
      {"release", job_event::Hold{"no-hold"}, {{P, P}, {H, P}, {R, no}}},
      {"edit", job_event::Edit{"new", 70, std::nullopt, {}}, {{P, P}, {H, H}, {R, no}}},
      {"cancel", job_event::Cancel{"by alice"}, {{P, C}, {H, C}, {R, R}}},
      {"take", job_event::Take{"laser"}, {{P, R}, {H, no}, {R, no}}},
      {"accepted", job_event::Accepted{42, 1}, {{P, no}, {H, no}, {R, R}}},
      {"settle",
       job_event::Settle{result_of(Outcome::Delivered), {}},
       {{P, no}, {H, no}, {R, JobState::Completed}}},
      {"move", job_event::Move{"attic"}, {{P, P}, {H, H}, {R, no}}},
      {"lose device", job_event::LoseDevice{}, {{P, P}, {H, H}, {R, no}}},
      {"resume", asks, {{P, P}, {R, P}}},
      {"abort", job_event::Abort{"damaged"}, {{P, JobState::Aborted}, {H, JobState::Aborted}}},
  };
  for (const auto& [name, event, table] : cases) {
    for (const auto& [state, after] : refused_when_finished(table)) {
      SCOPED_TRACE(name + " in " + std::string(ipp::job_state_name(state)));
      const Job job = job_in(state);
      if (!after) {
        EXPECT_TRUE(refuses(job, event));
        continue;
      }
      const Job next = apply(job, event, kNow).job;
      EXPECT_EQ(next.state, *after);
      EXPECT_EQ(next.finished(), next.completed.has_value());
    }
  }
}

TEST(JobMachine, AJobIsPrintedOnlyWhenItsLastDocumentIsThere) {
  Job job = incoming(0);
  EXPECT_FALSE(can_print(job));
  auto next =
      apply(job, job_event::AddDocument{DocumentInfo{0, "a", "text/plain", 3}, false}, kNow);
  EXPECT_EQ(next.job.state, JobState::PendingHeld);
  EXPECT_THAT(reasons_of(next.job), ElementsAre("job-incoming"));
  EXPECT_FALSE(can_print(next.job));
  next = apply(next.job, job_event::AddDocument{DocumentInfo{0, "b", "text/plain", 4}, true}, kNow);
  EXPECT_EQ(next.job.documents.back().number, 2);
  EXPECT_EQ(next.job.bytes(), 7U);
  EXPECT_TRUE(can_print(next.job));
  EXPECT_TRUE(refuses(next.job, job_event::AddDocument{std::nullopt, true}));
  Job held = incoming();
  held.hold_until = "indefinite";
  held = apply(held, job_event::AddDocument{std::nullopt, true}, kNow).job;
  EXPECT_EQ(held.state, JobState::PendingHeld) << "a hold asked for before it was closed";
}

TEST(JobMachine, WithoutADocumentItIsAborted) {
  for (const JobEvent& event :
       {JobEvent(job_event::AddDocument{std::nullopt, true}), JobEvent(job_event::TimeOut{})}) {
    const Job job = apply(incoming(0), event, kNow).job;
    EXPECT_EQ(job.state, JobState::Aborted);
    EXPECT_THAT(reasons_of(job), ElementsAre("aborted-by-system"));
    EXPECT_FALSE(job.incoming);
  }
  EXPECT_EQ(apply(incoming(1), job_event::TimeOut{}, kNow).job.state, JobState::Pending);
}

TEST(JobMachine, ACancelOfAJobAtADeviceIsAWishUntilTheDeviceLetsGo) {
  Job job = apply(job_in(JobState::Processing),
                  job_event::Cancel{"by an operator", Cause::CanceledByOperator}, kNow)
                .job;
  EXPECT_EQ(job.state, JobState::Processing);
  EXPECT_TRUE(job.cancel_wanted);
  EXPECT_THAT(reasons_of(job), ElementsAre("processing-to-stop-point", "job-canceled-by-operator"));
  for (const auto outcome : {Outcome::Canceled, Outcome::DeviceAway, Outcome::JobFailed,
                             Outcome::JobRefused, Outcome::Left, Outcome::Doubtful}) {
    const Job ended = settled(job, result_of(outcome));
    EXPECT_EQ(ended.state, JobState::Canceled);
    EXPECT_THAT(reasons_of(ended), ElementsAre("job-canceled-by-operator"));
    EXPECT_EQ(ended.doubtful, outcome == Outcome::Doubtful);
    EXPECT_THAT(ended.message, HasSubstr("by an operator"));
  }
  EXPECT_EQ(settled(job, result_of(Outcome::Delivered)).state, JobState::Completed)
      << "it was printed all the same";
}

TEST(JobMachine, B13_EveryOutcomeSaysWhatBecameOfTheJob) {
  const Job job = job_in(JobState::Processing);
  EXPECT_EQ(settled(job, result_of(Outcome::Delivered)).state, JobState::Completed);
  EXPECT_THAT(reasons_of(settled(job, result_of(Outcome::Sent, "sent, not confirmed"))),
              ElementsAre("job-completed-successfully"));
  EXPECT_EQ(settled(job, result_of(Outcome::JobRefused)).state, JobState::Aborted);
  EXPECT_THAT(reasons_of(settled(job, result_of(Outcome::Canceled))),
              ElementsAre("job-canceled-at-device"));
  const Job away = settled(job, result_of(Outcome::DeviceAway));
  EXPECT_EQ(away.state, JobState::Pending);
  EXPECT_EQ(away.attempts, 0) << "it is not this job's fault";
  const Job left = settled(job, result_of(Outcome::Left));
  EXPECT_EQ(left.state, JobState::Pending);
  EXPECT_EQ(left.attempts, 0);
  const Job failed = settled(job, result_of(Outcome::JobFailed));
  EXPECT_EQ(failed.state, JobState::Pending);
  EXPECT_EQ(failed.attempts, 1);
}

TEST(JobMachine, B13_AnAttemptThatMayHaveLeftSomethingMakesTheDeviceBeAskedFirst) {
  for (const auto outcome : {Outcome::DeviceAway, Outcome::Left, Outcome::JobFailed}) {
    auto result = result_of(outcome);
    result.may_be_there = true;
    Job job = settled(job_in(JobState::Processing), result);
    EXPECT_TRUE(job.ask_first);
    job = settled(apply(job, job_event::Take{"laser"}, kNow).job, result_of(outcome));
    EXPECT_FALSE(job.ask_first) << "the device was asked";
  }
}

// A reset after 3 of 9 MB at a raw device: a next attempt prints those 3 again.
TEST(JobMachine, B13_WhatMayBeAtADeviceThatCannotBeAskedIsDoubtfulHoweverTheAttemptEnded) {
  ErrorPolicy again;
  again.doubt = OnDoubt::Again;
  for (const auto outcome : {Outcome::DeviceAway, Outcome::Left, Outcome::JobFailed}) {
    auto result = result_of(outcome, "3 of 9 bytes");
    result.may_be_there = true;
    const Job held = settled(job_in(JobState::Processing), result, {}, kNone);
    EXPECT_EQ(held.state, JobState::PendingHeld);
    EXPECT_TRUE(held.doubtful);
    EXPECT_FALSE(held.ask_first) << "nobody can be asked";
    EXPECT_THAT(held.message, HasSubstr("3 of 9 bytes; it may be there twice"));
    Job next = settled(job_in(JobState::Processing), result, again, kNone);
    EXPECT_EQ(next.state, JobState::Pending);
    EXPECT_TRUE(next.doubtful);
    next = settled(apply(next, job_event::Take{"laser"}, kNow).job, result_of(Outcome::Sent), again,
                   kNone);
    EXPECT_EQ(next.state, JobState::Completed);
    EXPECT_TRUE(next.doubtful) << "it is told to the end";
    const Job file = settled(job_in(JobState::Processing), result, {}, kReplace);
    EXPECT_EQ(file.state, JobState::Pending);
    EXPECT_FALSE(file.doubtful) << "the next file replaces it";
    result.may_be_there = false;
    EXPECT_FALSE(settled(job_in(JobState::Processing), result, {}, kNone).doubtful);
  }
  for (const auto outcome : {Outcome::JobRefused, Outcome::Canceled}) {
    auto result = result_of(outcome);
    result.may_be_there = true;
    const Job ended = settled(job_in(JobState::Processing), result);
    EXPECT_TRUE(ended.doubtful);
    EXPECT_THAT(ended.message, HasSubstr("may have printed it, wholly or in part"));
  }
}

TEST(JobMachine, B13_ThatADeviceHasAllOfAJobHoldsForThatJobOnly) {
  auto result = result_of(Outcome::Left);
  result.may_be_there = result.whole = true;
  Job job = apply(job_in(JobState::Processing), job_event::Accepted{42, 1000}, kNow).job;
  EXPECT_FALSE(job.whole);
  job = settled(job, result);
  EXPECT_TRUE(job.whole);
  const Job waiting = job;
  job = apply(job, job_event::Take{"laser"}, kNow).job;
  EXPECT_TRUE(job.whole) << "the device is asked with it";
  job_event::Resume crash;
  crash.recourse = kAsk;
  EXPECT_TRUE(apply(job, crash, kNow).job.whole) << "said once, it stays true";
  EXPECT_FALSE(apply(job, job_event::Accepted{43, 1000}, kNow).job.whole);
  EXPECT_FALSE(apply(waiting, job_event::Take{"other"}, kNow).job.whole);
  EXPECT_FALSE(settled(job_in(JobState::Processing), result).whole) << "there is no job there";
}

TEST(JobMachine, B13_AfterTooManyFailuresThePolicyDecides) {
  const auto fail = [](Job job, ErrorPolicy policy, int times) {
    for (int at = 0; at < times; ++at) {
      job.state = JobState::Processing;
      job = settled(job, result_of(Outcome::JobFailed, "no"), policy);
    }
    return job;
  };
  ErrorPolicy policy;
  policy.attempts = 3;
  EXPECT_EQ(fail(job_in(JobState::Processing), policy, 2).state, JobState::Pending);
  Job held = fail(job_in(JobState::Processing), policy, 3);
  EXPECT_EQ(held.state, JobState::PendingHeld);
  EXPECT_THAT(reasons_of(held), ElementsAre("job-hold-until-specified", "errors-detected"));
  EXPECT_THAT(held.message, HasSubstr("attempt 3 of 3"));
  held = apply(held, job_event::Hold{"no-hold"}, kNow).job;
  EXPECT_EQ(held.state, JobState::Pending);
  EXPECT_EQ(held.attempts, 0) << "a release gives it as many attempts again";
  policy.failure = OnFailure::AbortJob;
  EXPECT_EQ(fail(job_in(JobState::Processing), policy, 3).state, JobState::Aborted);
  policy.failure = OnFailure::Retry;
  EXPECT_EQ(fail(job_in(JobState::Processing), policy, 50).state, JobState::Pending);
  policy.failure = OnFailure::StopPrinter;
  const Job stopped = fail(job_in(JobState::Processing), policy, 3);
  EXPECT_EQ(stopped.state, JobState::Pending);
  EXPECT_EQ(stopped.attempts, 0);
}

TEST(JobMachine, B13_WhereNobodyKnowsTheJobSaysSoAndThePolicyDecides) {
  ErrorPolicy policy;
  Job held = settled(job_in(JobState::Processing), result_of(Outcome::Doubtful), policy);
  EXPECT_EQ(held.state, JobState::PendingHeld);
  EXPECT_TRUE(held.doubtful);
  EXPECT_FALSE(held.ask_first);
  EXPECT_THAT(held.message, HasSubstr("may be there twice"));
  EXPECT_THAT(reasons_of(held), ElementsAre("job-hold-until-specified", "job-held-for-review"));
  Job done = apply(held, job_event::Hold{"no-hold"}, kNow).job;
  done = settled(apply(done, job_event::Take{"laser"}, kNow).job, result_of(Outcome::Delivered));
  EXPECT_EQ(done.state, JobState::Completed);
  EXPECT_THAT(reasons_of(done), ElementsAre("job-completed-with-warnings"));
  EXPECT_THAT(done.message, HasSubstr("may be there twice"));

  policy.doubt = OnDoubt::Again;
  policy.attempts = 2;
  Job again = settled(job_in(JobState::Processing), result_of(Outcome::Doubtful), policy);
  EXPECT_EQ(again.state, JobState::Pending);
  again = settled(apply(again, job_event::Take{"laser"}, kNow).job, result_of(Outcome::Doubtful),
                  policy);
  EXPECT_EQ(again.state, JobState::PendingHeld) << "not without end";
}

TEST(JobMachine, B13_WhatAnEarlierAttemptLeftMayBeThereTwiceAndTheJobSaysSo) {
  auto result = result_of(Outcome::Delivered);
  result.may_be_there = true;
  const Job done = settled(job_in(JobState::Processing), result);
  EXPECT_EQ(done.state, JobState::Completed);
  EXPECT_TRUE(done.doubtful);
  EXPECT_THAT(reasons_of(done), ElementsAre("job-completed-with-warnings"));
  EXPECT_THAT(done.message, HasSubstr("may be there twice"));
}

TEST(JobMachine, B13_TheDevicesOwnNumberStaysWithThatDevice) {
  Job job = apply(job_in(JobState::Processing), job_event::Accepted{42, 1000}, kNow).job;
  EXPECT_EQ(job.device_job, 42);
  EXPECT_EQ(job.device_up, 1000U);
  job = settled(job, result_of(Outcome::Left));
  EXPECT_EQ(job.device_job, 42) << "the device goes on with it";
  EXPECT_EQ(apply(job, job_event::Take{"laser"}, kNow).job.device_job, 42);
  EXPECT_EQ(apply(job, job_event::Take{"other"}, kNow).job.device_job, 0);
  const Job moved = apply(job, job_event::Move{"attic"}, kNow).job;
  EXPECT_EQ(moved.destination, "attic");
  EXPECT_EQ(moved.state, JobState::PendingHeld) << "the old device may print it";
  EXPECT_TRUE(moved.doubtful);
  EXPECT_EQ(apply(job_in(JobState::Pending), job_event::Move{"attic"}, kNow).job.state,
            JobState::Pending);
}

TEST(JobMachine, B13_AJobThatAnEndOfTheServerInterruptedIsAskedForHeldOrReplaced) {
  job_event::Resume resume;
  const Job raw = apply(job_in(JobState::Processing), resume, kNow).job;
  EXPECT_EQ(raw.state, JobState::PendingHeld);
  EXPECT_TRUE(raw.doubtful);
  resume.doubt = OnDoubt::Again;
  EXPECT_EQ(apply(job_in(JobState::Processing), resume, kNow).job.state, JobState::Pending);
  resume.recourse = kAsk;
  const Job ipp = apply(job_in(JobState::Processing), resume, kNow).job;
  EXPECT_EQ(ipp.state, JobState::Pending);
  EXPECT_TRUE(ipp.ask_first);
  EXPECT_FALSE(ipp.doubtful);
  EXPECT_FALSE(ipp.whole) << "how far the document came nobody saw";
  resume.recourse = kReplace;
  const Job file = apply(job_in(JobState::Processing), resume, kNow).job;
  EXPECT_EQ(file.state, JobState::Pending);
  EXPECT_FALSE(file.doubtful || file.ask_first);
  Job canceled = job_in(JobState::Processing);
  canceled.cancel_wanted = true;
  canceled = apply(canceled, job_event::Resume{}, kNow).job;
  EXPECT_EQ(canceled.state, JobState::Canceled) << "its end was acknowledged";
  EXPECT_TRUE(canceled.doubtful);
}

TEST(JobMachine, AnEditReplacesAttributesByName) {
  Job job = job_in(JobState::Pending);
  job.job_template.add_integer("copies", 2);
  job.job_template.add_keyword("sides", "one-sided");
  job_event::Edit edit;
  edit.priority = 80;
  edit.hold_until = "indefinite";
  edit.job_template.add_integer("copies", 5);
  const auto next = apply(job, edit, kNow);
  EXPECT_EQ(next.job.copies(), 5);
  EXPECT_EQ(next.job.job_template.attributes.size(), 2U);
  EXPECT_EQ(next.job.priority, 80);
  EXPECT_EQ(next.job.state, JobState::PendingHeld);
  EXPECT_TRUE(next.attributes);
}

TEST(JobRecord, B3_AJobComesBackFromItsRecordAsItWas) {
  Job job = job_in(JobState::PendingHeld);
  job.owner.name = "alice";
  job.name = "report";
  job.created = kNow;
  job.cause = Cause::MayBeThereTwice;
  job.ask_first = true;
  job.whole = true;
  job.doubtful = true;
  job.attempts = 3;
  job.delivered_to = "laser";
  job.device_job = 42;
  job.device_up = 1234;
  job.details = {"document-format-error"};
  job.message = "look at the printer";
  job.priority = 70;
  job.uuid = "urn:uuid:1";
  job.job_template.add_integer("copies", 2);
  spool::LoadedJob record;
  record.job = to_record(job);
  record.documents = {{1, "text/plain", "a", 5}};
  record.job.octets = 5;
  record.job.documents = 1;
  Job back = from_record(record);
  EXPECT_EQ(back.hold_until, "indefinite");
  EXPECT_EQ(back.cause, job.cause);
  EXPECT_TRUE(back.ask_first && back.doubtful && back.whole);
  EXPECT_EQ(back.attempts, 3);
  EXPECT_EQ(back.device_job, 42);
  EXPECT_EQ(back.device_up, 1234U);
  EXPECT_EQ(back.delivered_to, "laser");
  EXPECT_EQ(back.details, job.details);
  EXPECT_EQ(reasons_of(back), reasons_of(job));
  EXPECT_EQ(back.bytes(), 5U);
  EXPECT_EQ(back.document_count(), 1U);
  EXPECT_EQ(back.copies(), 2);

  // A finished job has no documents any more, but keeps their number and size.
  record.documents.clear();
  back = from_record(record);
  EXPECT_EQ(back.bytes(), 5U);
  EXPECT_EQ(back.document_count(), 1U);

  // A change of status does not write what the client asked for again; an edit does.
  EXPECT_FALSE(to_update(job, false, false).attributes);
  EXPECT_FALSE(to_update(job, false, false).destination);
  job.name = "renamed";
  const auto update = to_update(job, true, true);
  record.job.attributes = *update.attributes;
  EXPECT_EQ(from_record(record).name, "renamed");
  EXPECT_EQ(update.destination, "office");
  EXPECT_FALSE(update.drop_documents);
}

}  // namespace
}  // namespace ipm::print
