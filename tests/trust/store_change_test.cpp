#include "trust/store_change.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certdata_test_support.h"

namespace ipm::trust {
namespace {

using ::testing::HasSubstr;

std::vector<Anchor> anchors(std::initializer_list<std::size_t> which) {
  static const std::string text = test::own("nss.txt");
  static const Certdata data = parse_certdata(text, "nss.txt");
  std::vector<Anchor> result;
  for (const auto i : which) {
    result.push_back({data.certificates.at(i).certificate(), true, false, std::nullopt, true});
  }
  return result;
}

TEST(StoreChange, WhatCameWentChangedAndStayed) {
  const auto before = anchors({0, 1, 2});
  auto after = anchors({1, 2, 3});
  after[0].server_distrust_after = test::that_day();
  const auto change = compare(before, after);
  ASSERT_EQ(change.came.size(), 1U);
  EXPECT_EQ(change.came[0].certificate, after[2].certificate);
  ASSERT_EQ(change.gone.size(), 1U);
  EXPECT_EQ(change.gone[0].certificate, before[0].certificate);
  ASSERT_EQ(change.changed.size(), 1U);
  EXPECT_FALSE(change.changed[0].before.server_distrust_after);
  EXPECT_TRUE(change.changed[0].after.server_distrust_after);
  EXPECT_EQ(change.kept, 1U);
  EXPECT_FALSE(change.empty());
}

TEST(StoreChange, OrderAloneIsNoChange) {
  EXPECT_TRUE(compare(anchors({0, 1}), anchors({1, 0})).empty());
}

TEST(StoreChange, TooFewRootsOrTooManyGoneAreImplausible) {
  StoreChange change;
  EXPECT_THAT(*implausible(change, 0, kRootsFloor - 1), HasSubstr("fewer than 50"));
  EXPECT_FALSE(implausible(change, 0, kRootsFloor));
  change.gone = anchors({0, 1, 2});
  EXPECT_FALSE(implausible(change, 9, 60));
  EXPECT_THAT(*implausible(change, 8, 60), HasSubstr("3 of 8 roots would go"));
}

TEST(StoreChange, TermsInWords) {
  auto anchor = anchors({0}).front();
  EXPECT_EQ(vouches_text(anchor), "servers");
  anchor.vouches_for_clients = true;
  EXPECT_EQ(vouches_text(anchor), "servers and clients");
  anchor.vouches_for_servers = false;
  EXPECT_EQ(vouches_text(anchor), "clients");
  anchor.vouches_for_clients = false;
  anchor.server_distrust_after = *parse_rfc3339("2024-11-30T23:59:59Z");
  EXPECT_EQ(vouches_text(anchor), "nobody, not those issued after 2024-11-30T23:59:59Z");
}

}  // namespace
}  // namespace ipm::trust
