#include "output/raw/raw_verdict.h"

#include <gtest/gtest.h>

namespace ipm::output {
namespace {

RawFacts facts(std::uint64_t acknowledged, RawEnd end) {
  return {"device:9100", 100, acknowledged, end, "Connection reset by peer"};
}

TEST(RawVerdict, B13_EachEndMeansWhatWasAcknowledged) {
  struct Row {
    std::uint64_t acknowledged;
    RawEnd end;
    Outcome outcome;
    bool may_be_there;
  };
  for (const Row& row : {
           Row{100, RawEnd::Orderly, Outcome::Delivered, false},
           Row{100, RawEnd::Open, Outcome::Sent, false},
           Row{100, RawEnd::Broken, Outcome::Doubtful, true},
           Row{99, RawEnd::Orderly, Outcome::JobFailed, true},
           Row{99, RawEnd::Broken, Outcome::JobFailed, true},
           Row{0, RawEnd::Orderly, Outcome::DeviceAway, false},
           Row{0, RawEnd::Broken, Outcome::DeviceAway, false},
       }) {
    const auto result = judge_raw(facts(row.acknowledged, row.end));
    EXPECT_EQ(result.outcome, row.outcome) << row.acknowledged << " " << result.text;
    EXPECT_EQ(result.may_be_there, row.may_be_there) << row.acknowledged << " " << result.text;
  }
}

TEST(RawVerdict, AStopLeavesWhatDidNotGoAndTellsOfAPart) {
  auto stopped = facts(0, RawEnd::Open);
  stopped.stopped = true;
  EXPECT_EQ(judge_raw(stopped).outcome, Outcome::Left);
  EXPECT_FALSE(judge_raw(stopped).may_be_there);
  stopped.acknowledged = 60;
  EXPECT_EQ(judge_raw(stopped).outcome, Outcome::Left);
  EXPECT_TRUE(judge_raw(stopped).may_be_there);
  EXPECT_NE(judge_raw(stopped).text.find("60 of 100"), std::string::npos);
  stopped.acknowledged = 100;
  EXPECT_EQ(judge_raw(stopped).outcome, Outcome::Sent) << "this device's end is not waited for";
  stopped.wait_for_end = true;
  EXPECT_EQ(judge_raw(stopped).outcome, Outcome::Doubtful);
  EXPECT_TRUE(judge_raw(stopped).may_be_there);
  stopped.end = RawEnd::Orderly;
  EXPECT_EQ(judge_raw(stopped).outcome, Outcome::Delivered);
}

TEST(RawVerdict, ACancelWinsAndTellsWhatMayBePrinted) {
  for (const std::uint64_t taken : {0U, 60U, 100U}) {
    auto canceled = facts(taken, RawEnd::Open);
    canceled.canceled = true;
    EXPECT_EQ(judge_raw(canceled).outcome, Outcome::Canceled);
    EXPECT_EQ(judge_raw(canceled).may_be_there, taken > 0);
  }
}

}  // namespace
}  // namespace ipm::output
