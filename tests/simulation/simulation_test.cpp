#include <gtest/gtest.h>

#include <string>

#include "seeds.h"
#include "world.h"

namespace ipm::simulation {
namespace {

std::string tail_of(const Report& report) {
  constexpr std::size_t kLines = 60;
  const std::size_t from = report.trace.size() > kLines ? report.trace.size() - kLines : 0;
  std::string text;
  for (std::size_t at = from; at < report.trace.size(); ++at) text += report.trace[at] + "\n";
  return text + "Replay: simulate --trace " + std::to_string(report.seed);
}

TEST(Simulation, TheSameSeedIsTheSameRun) {
  for (const std::uint64_t seed : {3, 14, 15}) {
    const Report first = run(seed);
    const Report second = run(seed);
    ASSERT_EQ(first.trace, second.trace);
    EXPECT_EQ(first.digest, second.digest);
  }
  EXPECT_NE(run(3).digest, run(4).digest);
}

TEST(Simulation, EveryPromiseIsKeptWhateverHappens) {
  std::size_t jobs = 0;
  std::size_t lives = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Report report = run(seed);
    ASSERT_FALSE(report.broken) << *report.broken << "\n" << tail_of(report);
    jobs += report.jobs;
    lives += report.lives;
  }
  EXPECT_GT(jobs, kSeeds * 10);
  EXPECT_GT(lives, kSeeds * 3);
}

}  // namespace
}  // namespace ipm::simulation
