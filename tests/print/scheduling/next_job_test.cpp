#include "print/scheduling/next_job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "print/limits.h"

namespace ipm::print {
namespace {

using ipp::JobState;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Time = DeviceState::Time;

const Time kNow{std::chrono::hours{1}};

Topology topology_of_two() {
  Topology topology;
  for (const auto* name : {"one", "two"}) {
    DestinationOrder order;
    order.name = name;
    apply(topology, add_destination(topology, order, "", TimePoint{}));
  }
  return topology;
}

class NextJob : public ::testing::Test {
 protected:
  void put(int id, std::function<void(Job&)> adjust = {}, const std::string& queue = "one") {
    Job job;
    job.id = id;
    job.destination = queue;
    job.documents = {{1, "a", "text/plain", 5}};
    if (adjust) adjust(job);
    jobs.put(std::make_shared<const Job>(std::move(job)), queue);
  }
  std::optional<int> next(std::string_view device = "one", Time now = kNow) const {
    return next_job(topology, jobs, state, device, now).job;
  }
  std::optional<Time> look_again() const {
    return next_job(topology, jobs, state, "one", kNow).look_again;
  }

  Topology topology = topology_of_two();
  JobTable jobs;
  DeviceState state;
};

TEST_F(NextJob, HigherPrioritiesThenOlderJobsComeFirst) {
  EXPECT_FALSE(next());
  put(3);
  put(5);
  EXPECT_EQ(next(), 3);
  put(9, [](Job& job) { job.priority = 80; });
  EXPECT_EQ(next(), 9);
  EXPECT_FALSE(next("two"));
}

TEST_F(NextJob, B13_AJobThatFailedLetsTheOthersGoFirst) {
  put(1, [](Job& job) {
    job.attempts = 1;
    job.priority = 100;
  });
  put(2);
  EXPECT_EQ(next(), 2);
  put(2, [](Job& job) { job.state = JobState::Processing; });
  EXPECT_EQ(next(), 1);
  jobs.postpone(1, kNow + milliseconds(5));
  EXPECT_FALSE(next());
  EXPECT_EQ(look_again(), kNow + milliseconds(5));
  EXPECT_EQ(next("one", kNow + milliseconds(5)), 1);
  put(3);
  EXPECT_EQ(next("one", kNow + milliseconds(5)), 3);
}

TEST_F(NextJob, ADeviceThatIsPausedBusyAwayOrUnrecordedTakesNothing) {
  put(1);
  state.job = 7;
  EXPECT_FALSE(next());
  state = {};
  state.unwritten = true;
  EXPECT_FALSE(next());
  state = {};
  state.not_before = kNow + milliseconds(1);
  EXPECT_FALSE(next());
  EXPECT_EQ(look_again(), state.not_before);
  EXPECT_EQ(next("one", state.not_before), 1);
  state = {};
  topology.devices.at("one").paused = true;
  EXPECT_FALSE(next());
  topology.devices.at("one").paused = false;
  topology.queues.at("one").paused = true;
  EXPECT_FALSE(next());
  EXPECT_FALSE(next("nowhere"));
}

TEST_F(NextJob, WhatIsHeldIncomingEmptyFinishedOrJustChangingIsNotPrinted) {
  put(1, [](Job& job) { job.state = JobState::PendingHeld; });
  put(2, [](Job& job) { job.incoming = true; });
  put(3, [](Job& job) { job.documents.clear(); });
  put(4, [](Job& job) {
    job.state = JobState::Canceled;
    job.completed = TimePoint{};
  });
  EXPECT_FALSE(next());
  put(5);
  jobs.set_changing(5, true);
  EXPECT_FALSE(next());
  jobs.set_changing(5, false);
  EXPECT_EQ(next(), 5);
}

TEST_F(NextJob, ADeviceOfAPoolTakesFromEachQueueThatFeedsIt) {
  put(1, {}, "one");
  put(2, [](Job& job) { job.priority = 90; }, "two");
  EXPECT_EQ(next("two"), 2);
  topology.queues.at("one").devices = {"one", "two"};
  EXPECT_EQ(next("one"), 1);
  topology.queues.at("two").devices = {"two", "one"};
  EXPECT_EQ(next("one"), 2);
  topology.queues.at("two").paused = true;
  EXPECT_EQ(next("two"), 1);
}

TEST_F(NextJob, B13_AJobThatAnotherDeviceMayHaveIsLeftToThatOne) {
  topology.queues.at("one").devices = {"one", "two"};
  put(1, [](Job& job) {
    job.delivered_to = "two";
    job.device_job = 42;
  });
  put(2, [](Job& job) {
    job.delivered_to = "two";
    job.ask_first = true;
  });
  EXPECT_FALSE(next("one"));
  EXPECT_EQ(next("two"), 1);
  put(3, [](Job& job) { job.delivered_to = "two"; });
  EXPECT_EQ(next("one"), 3);
}

TEST_F(NextJob, AllOrdersOfTheTableFollowEachChange) {
  put(1);
  put(2, [](Job& job) { job.priority = 60; });
  put(3, {}, "two");
  EXPECT_THAT(jobs.unfinished(""), ElementsAre(2, 1, 3));
  EXPECT_THAT(jobs.unfinished("one"), ElementsAre(2, 1));
  EXPECT_EQ(jobs.unfinished_count("one"), 2U);
  const auto after = [&](std::string_view destination, std::optional<JobTable::Order> place) {
    std::vector<int> ids;
    for (const auto& job : jobs.unfinished_after(destination, place, 2)) ids.push_back(job->id);
    return ids;
  };
  EXPECT_THAT(after("", std::nullopt), ElementsAre(2, 1));
  EXPECT_THAT(after("", JobTable::order_of(*jobs.find(1))), ElementsAre(3));
  EXPECT_THAT(after("one", JobTable::order_of(*jobs.find(2))), ElementsAre(1));
  EXPECT_THAT(after("nowhere", std::nullopt), IsEmpty());
  const auto waiting = [&] {
    std::size_t count = 0;
    jobs.visit_waiting("one", {}, [&](const JobTable::Place&, const Job&) {
      ++count;
      return false;
    });
    return count;
  };
  EXPECT_EQ(waiting(), 2U);
  for (const int id : {2, 1}) {
    put(id, [&](Job& job) {
      job.state = JobState::Completed;
      job.completed = TimePoint{std::chrono::seconds{100 - id}};
    });
  }
  EXPECT_EQ(waiting(), 0U);
  EXPECT_THAT(jobs.unfinished("one"), IsEmpty());
  EXPECT_NE(jobs.find(2), nullptr);
  jobs.trim_history(1);
  EXPECT_NE(jobs.find(1), nullptr) << "the last to end";
  EXPECT_EQ(jobs.find(2), nullptr);
  jobs.erase(3);
  EXPECT_EQ(jobs.unfinished_count(), 0U);
  jobs.erase(3);
}

TEST(DeviceState, B13_PausesGrowToTheirLimitWhileItIsAwayAndEndWhenItAnswers) {
  output::Result away;
  away.outcome = output::Outcome::DeviceAway;
  away.text = "no answer";
  DeviceState state;
  milliseconds before{0};
  for (int at = 1; at < 30; ++at) {
    state.job = 7;
    state = after_delivery(state, away, kNow);
    EXPECT_EQ(state.failures, at);
    EXPECT_EQ(state.job, 0);
    EXPECT_EQ(state.pause,
              std::min(before == milliseconds{0} ? kRetryPauseFirst : before * 2, kRetryPauseMax));
    EXPECT_EQ(state.not_before, kNow + state.pause);
    before = state.pause;
  }
  EXPECT_EQ(state.pause, kRetryPauseMax);
  EXPECT_THAT(state.reasons, ElementsAre("connecting-to-device"));
  EXPECT_EQ(state.message, "no answer; next try in 300 s");
  for (const auto outcome : {output::Outcome::Delivered, output::Outcome::JobFailed,
                             output::Outcome::JobRefused, output::Outcome::Doubtful}) {
    output::Result result;
    result.outcome = outcome;
    const DeviceState after = after_delivery(state, result, kNow);
    EXPECT_EQ(after.failures, 0);
    EXPECT_EQ(after.pause, milliseconds{0});
    EXPECT_LE(after.not_before, kNow);
    EXPECT_THAT(after.reasons, IsEmpty());
  }
  EXPECT_THAT(after_absence({}, "no folder", kNow).message, "no folder; next try in 1 s");
}

TEST(DeviceState, AJobsOwnPauseGrowsWithItsFailures) {
  EXPECT_EQ(job_pause(0), milliseconds{0});
  EXPECT_EQ(job_pause(1), kRetryPauseFirst);
  EXPECT_EQ(job_pause(3), kRetryPauseFirst * 4);
  EXPECT_EQ(job_pause(1000), kRetryPauseMax);
}

}  // namespace
}  // namespace ipm::print
