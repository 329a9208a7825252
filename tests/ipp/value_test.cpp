#include "ipp/value.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace ipm::ipp {
namespace {

DateTime octets_of(std::initializer_list<int> octets) {
  DateTime time;
  std::size_t at = 0;
  for (const int octet : octets) time.octets.at(at++) = static_cast<unsigned char>(octet);
  return time;
}

TEST(Value, IsSmall) {
  EXPECT_LE(sizeof(Value), 48U);
}

TEST(Value, DatesReadAsUtc) {
  const TimePoint time = *parse_rfc3339("2029-05-21T10:33:41Z");
  EXPECT_EQ(DateTime::from(time), octets_of({0x07, 0xed, 5, 21, 10, 33, 41, 0, '+', 0, 0}));
  EXPECT_EQ(DateTime::from(time).find_time(), time);
  EXPECT_EQ(octets_of({0x07, 0xed, 5, 21, 12, 33, 41, 9, '+', 2, 0}).find_time(), time);
  EXPECT_EQ(octets_of({0x07, 0xed, 5, 21, 5, 3, 41, 0, '-', 5, 30}).find_time(), time);
  EXPECT_EQ(octets_of({0x07, 0xe0, 12, 31, 23, 59, 60, 0, '+', 0, 0}).find_time(),
            parse_rfc3339("2017-01-01T00:00:00Z"));
}

TEST(Value, DatesThatDoNotExistAreNoTimes) {
  const DateTime good = octets_of({0x07, 0xed, 5, 21, 10, 33, 41, 0, '+', 0, 0});
  const std::pair<std::size_t, int> wrong[] = {{2, 0},   {2, 13}, {3, 0},  {3, 32},
                                               {4, 24},  {5, 60}, {6, 61}, {7, 10},
                                               {8, 'Z'}, {8, 0},  {9, 15}, {10, 60}};
  for (const auto& [at, octet] : wrong) {
    DateTime bad = good;
    bad.octets.at(at) = static_cast<unsigned char>(octet);
    EXPECT_FALSE(bad.find_time()) << at << " " << octet;
  }
  EXPECT_FALSE(octets_of({0x07, 0xed, 2, 29, 0, 0, 0, 0, '+', 0, 0}).find_time());
}

TEST(Value, FindersAreAbsentForOtherTypes) {
  AttributeList list;
  list.add_integer("integer", 1);
  list.add_enum("enum", 2);
  list.add_boolean("boolean", false);
  list.add_keyword("keyword", "k");
  list.add_octets("octets", "o");
  list.add_range("range", 1, 4);
  list.add_no_value("nothing");
  list.add("none", std::vector<Value>());
  EXPECT_EQ(list.find_integer("integer"), 1);
  EXPECT_EQ(list.find_integer("enum"), 2);
  EXPECT_EQ(list.find_boolean("boolean"), false);
  EXPECT_EQ(list.find_text("keyword"), "k");
  EXPECT_EQ(list.find_octets("octets"), "o");
  EXPECT_EQ(list.find_range("range"), (Range{1, 4}));
  EXPECT_EQ(list.find_range("integer"), (Range{1, 1}));
  EXPECT_FALSE(list.find_range("enum"));
  EXPECT_FALSE(list.find_integer("boolean"));
  EXPECT_FALSE(list.find_boolean("integer"));
  EXPECT_FALSE(list.find_text("octets"));
  EXPECT_FALSE(list.find_octets("keyword"));
  EXPECT_FALSE(list.find_text("nothing"));
  EXPECT_FALSE(list.find_integer("none"));
  EXPECT_FALSE(list.find_integer("absent"));
  EXPECT_EQ(list.find_collection("keyword"), nullptr);
  EXPECT_TRUE(list.find_all_text("absent").empty());
  EXPECT_TRUE(list.remove("none"));
  EXPECT_FALSE(list.remove("none"));
}

TEST(Value, BuildersTakeRanges) {
  AttributeList list;
  const std::vector<std::string> names = {"a", "b"};
  list.add_keywords("strings", names);
  list.add_integers("numbers", Tag::Enum, {3, 4});
  EXPECT_EQ(list.find_all_text("strings"), (std::vector<std::string_view>{"a", "b"}));
  EXPECT_EQ(list.find_all_integers("numbers"), (std::vector<std::int32_t>{3, 4}));
}

TEST(Value, ATagOfAnotherTypeIsRefused) {
  EXPECT_THROW(Value::string(Tag::Integer, "x"), Error);
  EXPECT_THROW(Value::string(Tag::NoValue, "x"), Error);
  EXPECT_THROW(Value::string(Tag::NameWithLanguage, "x"), Error);
  EXPECT_THROW(Value::integer(1, Tag::Keyword), Error);
  EXPECT_THROW(Value::out_of_band(Tag::Keyword), Error);
  EXPECT_THROW(Value::with_language(Tag::Text, "en", "x"), Error);
  EXPECT_THROW(Value::with_language(Tag::TextWithLanguage, "en", std::string(32762, 'x')), Error);
}

TEST(Value, CopiesOfCollectionsAreTheirOwn) {
  Collection inner;
  inner.add_integer("x", 1);
  Value value = Value::collection(inner);
  const Value copy = value;
  inner.add_integer("y", 2);
  value = Value::collection(inner);
  EXPECT_NE(value, copy);
  EXPECT_EQ(copy.find_collection()->attributes.size(), 1U);
}

}  // namespace
}  // namespace ipm::ipp
