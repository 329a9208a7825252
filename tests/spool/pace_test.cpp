#include "spool/pace.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <optional>
#include <vector>

namespace ipm::spool {
namespace {

using std::chrono::milliseconds;

// Rests as it is told to, one after the other, and remembers how each ended.
struct Rests {
  explicit Rests(std::vector<Rest> wanted) : rests(std::move(wanted)) {}

  std::unique_ptr<Pace> begin() {
    return make_pace([this](bool undisturbed) -> std::optional<Rest> {
      ended.push_back(undisturbed);
      if (ended.size() == 1) begun.set_value();
      if (ended.size() == 1 && first) first();
      if (ended.size() > rests.size()) return std::nullopt;
      return rests[ended.size() - 1];
    });
  }

  std::vector<Rest> rests;
  std::vector<bool> ended;
  std::function<void()> first;
  std::promise<void> begun;
};

TEST(Pace, ARestThatNobodyDisturbsSaysSo) {
  Rests rests({{milliseconds(1)}, {milliseconds(0)}});
  rests.begin().reset();
  EXPECT_EQ(rests.ended, (std::vector<bool>{false, true, false}));
}

TEST(Pace, WhoeverWakesItWhileItWorksIsHeard) {
  Rests rests({{std::chrono::hours(1)}});
  std::promise<void> woken;
  rests.first = [&] { woken.get_future().wait(); };
  auto pace = rests.begin();
  pace->wake();
  woken.set_value();
  pace.reset();
  EXPECT_EQ(rests.ended, (std::vector<bool>{false, false}));
}

TEST(Pace, WhoeverWakesItWhileItRestsIsHeard) {
  Rests rests({{std::chrono::hours(1)}});
  auto pace = rests.begin();
  rests.begun.get_future().wait();
  pace->wake();
  pace.reset();
  EXPECT_EQ(rests.ended, (std::vector<bool>{false, false}));
}

TEST(Pace, ARestThatHearsNobodyLastsItsTime) {
  const auto begin = std::chrono::steady_clock::now();
  Rests rests({{milliseconds(30), false}});
  auto pace = rests.begin();
  pace->wake();
  pace.reset();
  EXPECT_EQ(rests.ended, (std::vector<bool>{false, true}));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(30));
}

}  // namespace
}  // namespace ipm::spool
