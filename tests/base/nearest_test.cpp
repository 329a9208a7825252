#include "base/nearest.h"

#include <gtest/gtest.h>

#include <array>

namespace ipm {
namespace {

const std::array<std::string, 5> kWords = {"print", "printer", "jobs", "job", "encryption"};

TEST(NearestTest, CountsChangesAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("print", "prnt"), 1U);
  EXPECT_EQ(edit_distance("encryptoin", "encryption"), 1U);
  EXPECT_EQ(edit_distance("ca", "abc"), 3U);
}

TEST(NearestTest, FindsWhatWasMeant) {
  EXPECT_EQ(find_nearest("prnt", kWords), "print");
  EXPECT_EQ(find_nearest("pritner", kWords), "printer");
  EXPECT_EQ(find_nearest("encryptoin", kWords), "encryption");
  EXPECT_EQ(find_nearest("jbos", kWords), "jobs");
}

TEST(NearestTest, SuggestsNothingThatIsFar) {
  EXPECT_FALSE(find_nearest("doctor", kWords));
  EXPECT_FALSE(find_nearest("x", kWords));
  EXPECT_FALSE(find_nearest("", kWords));
  EXPECT_FALSE(find_nearest(std::string(4096, 'p'), kWords));
  EXPECT_FALSE(find_nearest("print", {}));
}

}  // namespace
}  // namespace ipm
