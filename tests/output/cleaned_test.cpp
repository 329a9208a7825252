#include "output/ipp/cleaned.h"

#include <gtest/gtest.h>

#include "output/limits.h"

namespace ipm::output {
namespace {

// About `bytes` of one attribute's values, in as few as there can be.
void add_large(ipp::AttributeList& list, const std::string& name, std::size_t bytes) {
  std::vector<std::string> values;
  for (std::size_t sum = 0; sum < bytes; sum += 250) values.emplace_back(250, 'x');
  list.add_keywords(name, values);
}

TEST(Cleaned, WhatIsTooLargeTakesNothingElseWithIt) {
  ipp::AttributeList told;
  add_large(told, "media-supported", 80'000);
  add_large(told, "media-ready", 80'000);
  add_large(told, "finishings-database", 110'000);  // no room for that one
  told.add_keyword("sides-supported", "one-sided");
  const auto kept = capabilities_among(told);
  EXPECT_TRUE(kept.contains("media-supported"));
  EXPECT_TRUE(kept.contains("media-ready"));
  EXPECT_FALSE(kept.contains("finishings-database"));
  EXPECT_TRUE(kept.contains("sides-supported"));
}

TEST(Cleaned, AnAttributeHasSoManyValuesAndADescriptionSoManyAttributes) {
  ipp::AttributeList told;
  const std::vector<std::string> most(kDescriptionValuesMax, "a");
  auto more = most;
  more.emplace_back("a");
  told.add_keywords("media-supported", more);
  told.add_keywords("sides-supported", most);
  auto kept = capabilities_among(told);
  EXPECT_FALSE(kept.contains("media-supported"));
  EXPECT_TRUE(kept.contains("sides-supported"));
  told = {};
  for (std::size_t at = 0; at <= kDescriptionAttributesMax; ++at) {
    told.add_boolean("x" + std::to_string(at) + "-supported", true);
  }
  kept = capabilities_among(told);
  EXPECT_EQ(kept.attributes.size(), kDescriptionAttributesMax);
  EXPECT_FALSE(kept.contains("x" + std::to_string(kDescriptionAttributesMax) + "-supported"));
}

TEST(Cleaned, ADescriptionIsReadUpToItsBound) {
  // As it is counted: the name, and 16 for a value beside its own bytes.
  constexpr std::size_t kEach = 20'000;
  for (const std::size_t more : {0U, 1U}) {
    ipp::AttributeList told;
    std::size_t left = kDescriptionBytesMax + more;
    for (int at = 100; left > 0; ++at) {
      const std::string name = "x" + std::to_string(at) + "-supported";
      const std::size_t size = std::min(left, kEach);
      told.add_keyword(name, std::string(size - name.size() - 16, 'x'));
      left -= size;
    }
    EXPECT_EQ(capabilities_among(told).attributes.size(), told.attributes.size() - more) << more;
  }
}

}  // namespace
}  // namespace ipm::output
