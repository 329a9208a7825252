#include "base/file_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "temporary_folder.h"

namespace ipm {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using test::TemporaryFolder;
using testing::HasSubstr;

constexpr milliseconds kPatience{30'000};

TEST(FileLock, ChangesMadeUnderItAreAllThere) {
  const TemporaryFolder folder;
  const fs::path file = folder / "etc" / "list";
  constexpr int kWriters = 8;
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      const auto lock = lock_file(file, kPatience);
      const auto text = find_file(file).value_or("") + std::to_string(i);
      write_file({file, text});
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(read_file(file).size(), kWriters);
}

TEST(FileLock, WaitsNoLongerThanItsLimitAndSaysForWhom) {
  const TemporaryFolder folder;
  const auto held = lock_file(folder / "list", kPatience);
  try {
    lock_file(folder / "list", milliseconds(30));
    FAIL() << "it was taken twice";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), Message::FileUnwritable);
    EXPECT_THAT(error.happened(), HasSubstr((folder / "list").string()));
    EXPECT_THAT(error.mend(), HasSubstr("fuser"));
  }
  EXPECT_NO_THROW(lock_file(folder / "other", milliseconds(0)));
}

TEST(FileLock, IsFreeWhenItsHandleGoesAndNobodyElseMayHoldIt) {
  const TemporaryFolder folder;
  {
    const auto held = lock_file(folder / "list", kPatience);
  }
  EXPECT_NO_THROW(lock_file(folder / "list", milliseconds(0)));
  struct stat status{};
  ASSERT_EQ(::stat((folder / ".list.lock").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

TEST(FileLock, IsNotTakenThroughALink) {
  const TemporaryFolder folder;
  std::ofstream(folder / "target") << "x";
  fs::create_symlink(folder / "target", folder / ".list.lock");
  EXPECT_THROW(lock_file(folder / "list", milliseconds(0)), Error);
}

}  // namespace
}  // namespace ipm
