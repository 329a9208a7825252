// When a change of files is told, and when it is waited for.
#include "base/file_watch.h"

#include <gtest/gtest.h>

#include <fstream>

#include "temporary_folder.h"

namespace ipm {
namespace {

struct FileWatchTest : testing::Test {
  test::TemporaryFolder folder;
  std::filesystem::path file = folder / "ipmd.toml";
  int size = 0;

  void grow() { std::ofstream(file, std::ios::app) << std::string(++size, 'x'); }
};

TEST_F(FileWatchTest, WhatHasBeenTakenIsNoChange) {
  grow();
  FileWatch watch({file});
  watch.take();
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(watch.look());
}

TEST_F(FileWatchTest, AChangeIsToldWhenTwoLooksSawTheSame) {
  FileWatch watch({file});
  watch.take();
  grow();
  EXPECT_FALSE(watch.look());
  EXPECT_TRUE(watch.look());
  EXPECT_FALSE(watch.restless());
}

TEST_F(FileWatchTest, AChangeThatGoesOnIsToldAfterThreeLooks) {
  FileWatch watch({file});
  watch.take();
  for (int i = 1; i < FileWatch::kUnsettledLooksMax; ++i) {
    grow();
    EXPECT_FALSE(watch.look()) << i;
  }
  grow();
  EXPECT_TRUE(watch.look());
  EXPECT_TRUE(watch.restless());
}

TEST_F(FileWatchTest, AFileThatComesAndOneThatGoesAreChanges) {
  FileWatch watch({file});
  watch.take();
  grow();
  watch.look();
  EXPECT_TRUE(watch.look());
  watch.take();
  std::filesystem::remove(file);
  watch.look();
  EXPECT_TRUE(watch.look());
}

}  // namespace
}  // namespace ipm
