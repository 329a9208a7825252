#include "os/streams.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>

namespace ipm::os {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

class StreamsTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("streams." + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path pipe(const char* name) const {
    const fs::path path = folder_ / name;
    EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
    return path;
  }

  fs::path folder_;
};

TEST_F(StreamsTest, TellsWhatCanBeReadOnlyOnce) {
  std::error_code failure;
  std::ofstream(folder_ / "file") << "x";
  const auto file = look_at_source(folder_ / "file", failure);
  EXPECT_TRUE(file.regular && !file.read_once && !file.folder && !failure);
  EXPECT_TRUE(look_at_source(folder_, failure).folder);
  const auto one = look_at_source(pipe("one"), failure);
  EXPECT_TRUE(one.read_once && !one.regular && !failure);
  fs::create_symlink(folder_ / "one", folder_ / "other-name");
  EXPECT_EQ(look_at_source(folder_ / "other-name", failure).identity, one.identity);
  EXPECT_NE(look_at_source(pipe("two"), failure).identity, one.identity);
  look_at_source(folder_ / "nothing", failure);
  EXPECT_EQ(failure, std::errc::no_such_file_or_directory);
  EXPECT_FALSE(may_read(folder_ / "nothing", failure));
  EXPECT_TRUE(may_read(folder_ / "file", failure));
}

TEST_F(StreamsTest, WaitsForAWriterWithoutBlocking) {
  const auto path = pipe("slow");
  std::error_code failure;
  File reader = File::open(path, Intent::ReadNow, failure);
  ASSERT_TRUE(reader);
  EXPECT_FALSE(is_readable(reader, milliseconds(1)));  // nobody has opened it to write
  std::ofstream writer(path);
  EXPECT_FALSE(is_readable(reader, milliseconds(1)));
  writer << "x" << std::flush;
  EXPECT_TRUE(is_readable(reader, milliseconds(1'000)));
  std::array<char, 8> space{};
  EXPECT_EQ(reader.read(space, failure), 1U);
  writer.close();
  EXPECT_TRUE(is_readable(reader, milliseconds(1'000)));  // the end
  EXPECT_EQ(reader.read(space, failure), 0U);
}

TEST(StreamsDeathTest, EndsAsTheSignalWouldHave) {
  EXPECT_EXIT(end_by_signal(SIGTERM), testing::KilledBySignal(SIGTERM), "");
}

TEST(SignalsTest, TellsWhetherASignalIsIgnored) {
  EXPECT_FALSE(is_ignored(SIGHUP));
  std::signal(SIGHUP, SIG_IGN);
  EXPECT_TRUE(is_ignored(SIGHUP));
  std::signal(SIGHUP, SIG_DFL);
}

}  // namespace
}  // namespace ipm::os
