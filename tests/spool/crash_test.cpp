// B3, the hard way: a process that takes jobs is killed at an arbitrary point of its work, again
// and again on the same spool. What it acknowledged must be whole, and nothing else may be left.

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <thread>

#include "spool_fixture.h"

namespace ipm::spool::test {
namespace {

using ::testing::IsEmpty;

constexpr int kRounds = 25;
constexpr int kSubmitters = 6;

// What job N consists of follows from N alone, so that the parent knows what the child must have
// stored.
std::size_t bytes_of(JobId job, std::int64_t number) {
  if ((job + number) % 7 == 0) return 150'000 + static_cast<std::size_t>(job % 1000);
  return 500 + static_cast<std::size_t>((job * 37) % 9000);
}
std::int64_t documents_of(JobId job) {
  return job % 5 == 0 ? 2 : 1;
}

// One line to the parent: what ("a" a job is acknowledged, "f"/"F" it is about to be, it is
// finished, "r"/"R" removed) and whom it concerns. Short enough to arrive whole or not at all.
void tell(int pipe, char what, JobId id) {
  const std::string line = std::string(1, what) + std::to_string(id) + "\n";
  if (::write(pipe, line.data(), line.size()) < 0) ::_exit(2);
}

class CrashTest : public SpoolTest {
 protected:
  // The child: takes, finishes and removes jobs until it is killed.
  [[noreturn]] void work_until_killed(int pipe) {
    const auto spool = open();
    std::vector<std::thread> submitters;
    for (int i = 0; i < kSubmitters; ++i) {
      submitters.emplace_back([&] {
        for (;;) work_once(*spool, pipe);
      });
    }
    for (auto& submitter : submitters) submitter.join();
    ::_exit(0);
  }

  static void work_once(Spool& spool, int pipe) {
    const JobId id = spool.next_job_id();
    std::vector<NewDocument> documents;
    for (std::int64_t number = 1; number <= documents_of(id); ++number) {
      documents.push_back(document_of(spool, id, number, bytes_of(id, number)));
    }
    std::optional<Error> failure;
    if (id % 4 == 1) {  // Create-Job, then its documents; acknowledged with the last one.
      failure = submit(spool, job_of(id), {});
      for (auto& document : documents) {
        JobUpdate change;
        change.id = id;
        if (failure) break;
        failure = attempt([&](Completion done) {
          spool.add_document(change, std::move(document), std::move(done));
        });
      }
    } else {
      failure = submit(spool, job_of(id), std::move(documents));
    }
    if (failure) ::_exit(3);
    tell(pipe, 'a', id);
    if (id % 3 == 0) {
      tell(pipe, 'f', id);
      if (update(spool, finished(id, kNow))) ::_exit(3);
      tell(pipe, 'F', id);
    }
    if (id % 11 == 0) {
      tell(pipe, 'r', id);
      if (remove_job(spool, id)) ::_exit(3);
      tell(pipe, 'R', id);
    }
  }

  // Runs a child, kills it after so many of its lines, and notes all that it said.
  void run_and_kill(int lines_max) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(ends[0]);
      work_until_killed(ends[1]);
    }
    ::close(ends[1]);
    std::string said;
    char space[4096];
    bool killed = false;
    for (;;) {
      const auto got = ::read(ends[0], space, sizeof space);
      if (got <= 0) break;
      said.append(space, static_cast<std::size_t>(got));
      if (!killed && std::ranges::count(said, '\n') >= lines_max) {
        ::kill(child, SIGKILL);
        killed = true;
      }
    }
    ::close(ends[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "status " << status;
    for (std::size_t at = 0; at < said.size();) {
      const auto end = said.find('\n', at);
      ASSERT_NE(end, std::string::npos) << "a line arrived in part";
      told_[std::stoll(said.substr(at + 1, end - at - 1))] += said[at];
      at = end + 1;
    }
  }

  static bool has(const std::string& said, char what) {
    return said.find(what) != std::string::npos;
  }

  void check_job(Spool& spool, const LoadedJob& loaded) {
    const JobId id = loaded.job.id;
    const std::string& said = told_[id];
    EXPECT_FALSE(has(said, 'R')) << id << " was removed";
    if (has(said, 'F')) {
      EXPECT_EQ(loaded.job.status.state, JobState::Completed) << id;
    }
    if (loaded.job.status.state == JobState::Completed) {
      EXPECT_TRUE(has(said, 'f')) << id;
      EXPECT_THAT(loaded.documents, IsEmpty()) << id;
      return;
    }
    if (has(said, 'a')) {
      EXPECT_EQ(loaded.documents.size(), static_cast<std::size_t>(documents_of(id))) << id;
    }
    // Whole also where the acknowledgement did not get out any more.
    for (const auto& info : loaded.documents) {
      EXPECT_EQ(info.bytes, bytes_of(id, info.number)) << id;
      EXPECT_TRUE(find_body(spool, id, info.number) == body_of(id, info.number, info.bytes)) << id;
      files_expected_ += info.bytes > options_.limits.inline_bytes_max ? 1 : 0;
    }
  }

  void check_spool() {
    const auto spool = open();
    const auto state = spool->load();
    EXPECT_THAT(state.damaged, IsEmpty());
    files_expected_ = 0;
    std::map<JobId, const LoadedJob*> present;
    for (const auto& loaded : state.jobs) {
      present[loaded.job.id] = &loaded;
      check_job(*spool, loaded);
    }
    std::vector<LoadedJob> over;
    for (const JobId id : history_of(*spool)) over.push_back(spool->find_finished(id).value());
    for (const auto& loaded : over) {
      present[loaded.job.id] = &loaded;
      check_job(*spool, loaded);
    }
    JobId last = 0;
    for (const auto& [id, said] : told_) {
      last = std::max(last, id);
      if (has(said, 'a') && !has(said, 'r')) EXPECT_TRUE(present.contains(id)) << id << " is lost";
    }
    EXPECT_EQ(files().size(), files_expected_) << "orphans";
    EXPECT_GT(spool->next_job_id(), last) << "an id would be given twice";
    // Half of what is there meets the next crash too, the rest makes room.
    for (const auto& [id, loaded] : present) {
      if (id % 2 != 0) continue;
      spool->hand_in(together(JobRemoval{id}), {});
      told_[id] += 'r';
    }
  }

  std::map<JobId, std::string> told_;
  std::size_t files_expected_ = 0;
};

TEST_F(CrashTest, B3_NoAcknowledgedJobIsLostOrTornAndNoFileIsLeft) {
  for (int round = 0; round < kRounds && !HasFailure(); ++round) {
    SCOPED_TRACE(round);
    run_and_kill(1 + (round * 53) % 120);
    check_spool();
  }
  EXPECT_GT(std::ranges::count_if(told_, [](const auto& job) { return has(job.second, 'a'); }),
            kRounds * 10);
}

}  // namespace
}  // namespace ipm::spool::test
