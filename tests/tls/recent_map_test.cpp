#include "tls/recent_map.h"

#include <gtest/gtest.h>

#include <array>

namespace ipm::tls {
namespace {

using Key = std::array<unsigned char, 8>;
using Map = RecentMap<Key, int, FirstBytes>;

Key key(int number) {
  return {0,
          0,
          0,
          0,
          0,
          0,
          static_cast<unsigned char>(number >> 8),
          static_cast<unsigned char>(number)};
}

TEST(RecentMap, FindsWhatWasPutAndNothingElse) {
  Map map(10);
  map.put(key(1), 11);
  map.put(key(1), 12);
  EXPECT_EQ(map.find(key(1)), 12);
  EXPECT_EQ(map.find(key(2)), std::nullopt);
}

TEST(RecentMap, HoldsNoMoreThanItsLimit) {
  Map map(100);
  for (int i = 0; i < 1000; ++i) map.put(key(i), i);
  int held = 0;
  for (int i = 0; i < 1000; ++i) held += map.find(key(i)) ? 1 : 0;
  EXPECT_LE(held, 100);
  EXPECT_GE(held, 50);
}

TEST(RecentMap, KeepsWhatIsUsed) {
  Map map(100);
  map.put(key(0), 7);
  for (int i = 1; i < 5000; ++i) {
    map.put(key(i), i);
    if (i % 20 == 0) ASSERT_EQ(map.find(key(0)), 7) << i;
  }
}

TEST(RecentMap, TheLastOnesPutAreThere) {
  Map map(100);
  for (int i = 0; i < 1000; ++i) map.put(key(i), i);
  for (int i = 960; i < 1000; ++i) EXPECT_EQ(map.find(key(i)), i);
}

}  // namespace
}  // namespace ipm::tls
