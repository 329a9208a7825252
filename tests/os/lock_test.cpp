#include "os/lock.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "os/file.h"
#include "temporary_folder.h"

namespace ipm::os {
namespace {

namespace fs = std::filesystem;

TEST(Lock, TheSecondIsToldAndTakesItAfterwards) {
  const test::TemporaryFolder folder;
  const fs::path path = folder / "lock";
  std::error_code failure;
  {
    const auto held = Lock::try_take(path, failure);
    ASSERT_TRUE(held);
    EXPECT_FALSE(Lock::try_take(path, failure));
    EXPECT_EQ(failure, std::errc::operation_would_block);
  }
  EXPECT_TRUE(Lock::try_take(path, failure));
  EXPECT_FALSE(failure);
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(Lock, AnOpenFileIsLockedItselfAndNotAnotherOfItsName) {
  const test::TemporaryFolder folder;
  const fs::path path = folder / "part";
  std::error_code failure;
  const auto file = File::open(path, Intent::Make, failure);
  {
    const auto held = Lock::try_take_open(file.handle(), failure);
    ASSERT_TRUE(held);
    EXPECT_FALSE(Lock::try_take(path, failure));
    EXPECT_EQ(failure, std::errc::operation_would_block);
  }
  fs::remove(path);
  EXPECT_FALSE(Lock::try_take_open(file.handle(), failure));
  EXPECT_EQ(failure, std::errc::no_such_file_or_directory);
  EXPECT_FALSE(fs::exists(path)) << "nothing is made in its place";
}

TEST(Lock, RefusesALinkAndAFolderThatIsNotThere) {
  const test::TemporaryFolder folder;
  fs::create_symlink(folder / "target", folder / "link");
  std::error_code failure;
  EXPECT_FALSE(Lock::try_take(folder / "link", failure));
  EXPECT_EQ(failure, std::errc::too_many_symbolic_link_levels);
  EXPECT_FALSE(fs::exists(folder / "target"));
  EXPECT_FALSE(Lock::try_take(folder / "none/lock", failure));
  EXPECT_EQ(failure, std::errc::no_such_file_or_directory);
  EXPECT_FALSE(Lock::take_folder(folder / "none", failure));
  EXPECT_EQ(failure, std::errc::no_such_file_or_directory);
}

TEST(Lock, TheSystemLetsGoOfItWhenItsHolderIsKilled) {
  const test::TemporaryFolder folder;
  const fs::path path = folder / "lock";
  const pid_t child = ::fork();
  if (child == 0) {
    std::error_code failure;
    const auto held = Lock::try_take(path, failure);
    ::kill(::getpid(), SIGKILL);  // Its destructor never runs.
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  std::error_code failure;
  EXPECT_TRUE(Lock::try_take(path, failure));
}

TEST(Lock, OfAFolderLetsOneInAfterTheOther) {
  const test::TemporaryFolder folder;
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  const auto enter = [&] {
    for (int i = 0; i < 50; ++i) {
      std::error_code failure;
      const auto held = Lock::take_folder(folder.path(), failure);
      ASSERT_TRUE(held);
      const int now = ++inside;
      if (now > most) most = now;
      std::this_thread::yield();
      --inside;
    }
  };
  std::thread first(enter);
  std::thread second(enter);
  first.join();
  second.join();
  EXPECT_EQ(most, 1);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace ipm::os
