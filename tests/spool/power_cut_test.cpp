// B3 without mercy: the power goes at any moment of the work, and what was written and not synced
// is there, is not there, or is there in parts. What was acknowledged is whole all the same.

#include "power_cut.h"

#include <chrono>
#include <mutex>
#include <set>
#include <thread>

#include "spool/sqlite/engine.h"
#include "spool_fixture.h"

namespace ipm::spool::test {
namespace {

namespace fs = std::filesystem;

using ::testing::IsEmpty;

// Large enough that the database's log is copied back and begins anew under way; every ninth in a
// file.
constexpr std::size_t bytes_of(JobId id) {
  return id % 9 == 0 ? 70'000 : 60'000;
}
constexpr int kJobs = 420;
constexpr std::size_t kJobsBetween = 37;  // One power cut and the next.

class PowerCutTest : public SpoolTest {
 protected:
  // What clients had been told at some moment.
  struct Told {
    std::set<JobId> acknowledged;
    std::set<JobId> over;    // Finished, documents dropped.
    std::set<JobId> ending;  // Being finished: either is right.
  };

  // Takes jobs and finishes every third, all at once, as a busy server does.
  void work(Spool& spool) {
    for (int i = 0; i < kJobs; ++i) {
      const JobId id = spool.next_job_id();
      spool.submit(job_of(id), one(document_of(spool, id, 1, bytes_of(id))),
                   [this, &spool, id](const std::exception_ptr& failure) {
                     if (failure) return;
                     const std::lock_guard lock(mutex_);
                     told_.acknowledged.insert(id);
                     if (id % 3 != 0) return;
                     told_.ending.insert(id);
                     spool.update_job(finished(id, kNow),
                                      [this, id](const std::exception_ptr& why) {
                                        const std::lock_guard again(mutex_);
                                        if (!why) told_.over.insert(id);
                                      });
                   });
      if (i % 16 == 0) spool.flush();
      if (i % 100 == 99) std::this_thread::sleep_for(3 * kQuietTime);  // Quiet: the log is copied.
    }
  }

  void expect_whole(const fs::path& state, const Told& told) {
    Options options = options_;
    options.database = state / "spool.db";
    options.documents = state / "documents";
    const auto spool = Spool::open(options, log_);
    const auto loaded = spool->load();
    EXPECT_THAT(loaded.damaged, IsEmpty());
    std::set<JobId> present;
    for (const auto& job : loaded.jobs) present.insert(job.job.id);
    for (const JobId id : told.acknowledged) {
      if (told.over.contains(id)) {
        EXPECT_TRUE(spool->find_finished(id)) << id;
        EXPECT_FALSE(present.contains(id)) << id << " was finished";
      } else if (!told.ending.contains(id)) {
        EXPECT_TRUE(present.contains(id)) << id << " is lost";
      }
    }
    for (const JobId id : present) {
      EXPECT_TRUE(find_body(*spool, id) == body_of(id, 1, bytes_of(id))) << id << " is torn";
    }
    EXPECT_GT(spool->next_job_id(), told.acknowledged.empty() ? 0 : *told.acknowledged.rbegin());
  }

  std::mutex mutex_;
  Told told_;  // Under mutex_.
};

TEST_F(PowerCutTest, B3_NoAcknowledgedJobIsLostWheneverThePowerGoes) {
  const PowerCut power;
  const fs::path state = folder_ / "state";
  std::vector<std::pair<fs::path, Told>> cuts;
  {
    const sqlite::Places places{state / "spool.db", state / "documents", power.durability()};
    const auto spool = Spool::open(
        std::make_unique<sqlite::SqliteEngine>(places, options_.limits, log_), options_, log_);
    std::atomic<bool> working{true};
    std::thread worker([&] {
      work(*spool);
      working = false;
    });
    while (working) {
      Told told;
      {
        const std::lock_guard lock(mutex_);
        told = told_;
      }
      if (told.acknowledged.size() < kJobsBetween * (cuts.size() + 1)) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        continue;
      }
      // What is finished while the copy is made may be in it; what was told before must be.
      fs::path copy = folder_ / ("cut" + std::to_string(cuts.size()));
      power.copy(state, copy, 1000 + cuts.size());
      {
        const std::lock_guard lock(mutex_);
        told.ending.insert(told_.ending.begin(), told_.ending.end());
      }
      cuts.emplace_back(std::move(copy), std::move(told));
    }
    worker.join();
  }
  EXPECT_GT(power.syncs(), 20U);
  ASSERT_GT(cuts.size(), 5U);
  for (const auto& [copy, told] : cuts) {
    SCOPED_TRACE(copy.filename().string());
    expect_whole(copy, told);
    fs::remove_all(copy);
  }
  EXPECT_EQ(told_.acknowledged.size(), static_cast<std::size_t>(kJobs));
}

}  // namespace
}  // namespace ipm::spool::test
