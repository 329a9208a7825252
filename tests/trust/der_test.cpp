#include "trust/der.h"

#include <gtest/gtest.h>

namespace ipm::trust::der {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

TEST(Der, ElementsInTheirOrder) {
  Reader reader("\x02\x01\x05\x05\x00"sv);
  const auto integer = reader.next(kInteger);
  ASSERT_TRUE(integer);
  EXPECT_EQ(integer->content, "\x05");
  EXPECT_EQ(integer->encoding, "\x02\x01\x05");
  EXPECT_TRUE(reader.next_is(kNull));
  EXPECT_FALSE(reader.next(kInteger));
  EXPECT_TRUE(reader.next(kNull));
  EXPECT_TRUE(reader.at_end());
  EXPECT_FALSE(reader.next());
}

TEST(Der, LongLengths) {
  const std::string content(200, 'x');
  const std::string bytes = "\x04\x81\xc8" + content;
  const auto element = sole(bytes, kOctetString);
  ASSERT_TRUE(element);
  EXPECT_EQ(element->content, content);
}

TEST(Der, WhatIsNotDerIsRefused) {
  const std::string_view cases[] = {
      "\x02"sv,                          // no length
      "\x02\x02\x05"sv,                  // too short
      "\x30\x80\x00\x00"sv,              // indefinite length
      "\x02\x81\x01\x05"sv,              // a long length for a short one
      "\x02\x82\x00\x01\x05"sv,          // a length with a zero in front
      "\x02\x85\x01\x00\x00\x00\x00"sv,  // a length of five bytes
      "\x1f\x1f\x01\x05"sv,              // a tag of two bytes
      "\x02\x84\xff\xff\xff\xff"sv,      // more than there is
      "\x06\x00"sv,                      // an object identifier without arcs
      "\x06\x03\x55\x1d\x8f"sv,          // its last arc not whole
      "\x06\x04\x55\x1d\x80\x0f"sv,      // an arc with a zero in front
  };
  for (const auto bytes : cases) EXPECT_FALSE(Reader(bytes).next()) << bytes.size();
}

TEST(Der, SoleMeansNothingBehind) {
  EXPECT_TRUE(sole("\x05\x00"sv, kNull));
  EXPECT_FALSE(sole("\x05\x00\x00"sv, kNull));
  EXPECT_FALSE(sole("\x05\x00"sv, kInteger));
  EXPECT_FALSE(sole(""sv, kNull));
}

TEST(Der, Integers) {
  EXPECT_EQ(small_integer("\x00"sv), 0);
  EXPECT_EQ(small_integer("\x7f"sv), 127);
  EXPECT_EQ(small_integer("\x00\x80"sv), 128);
  EXPECT_EQ(small_integer("\x7f\xff\xff\xff"sv), 2147483647);
  EXPECT_FALSE(small_integer("\x00\x7f"sv));  // not the shortest
  EXPECT_FALSE(small_integer("\x80"sv));      // negative
  EXPECT_FALSE(small_integer("\x00\x80\x00\x00\x00"sv));
  EXPECT_FALSE(small_integer(""sv));
  EXPECT_FALSE(is_minimal_integer("\xff\x80"sv));
  EXPECT_TRUE(is_minimal_integer("\xff\x7f"sv));
  EXPECT_TRUE(is_negative("\xff"sv));
}

TEST(Der, Booleans) {
  EXPECT_EQ(boolean("\x00"sv), false);
  EXPECT_EQ(boolean("\xff"sv), true);
  EXPECT_FALSE(boolean("\x01"sv));
  EXPECT_FALSE(boolean("\xff\xff"sv));
}

TEST(Der, BitStrings) {
  ASSERT_TRUE(bit_string("\x07\x80"sv));
  EXPECT_EQ(bit_string("\x07\x80"sv)->unused, 7U);
  EXPECT_TRUE(bit_string("\x00"sv));
  EXPECT_FALSE(bit_string(""sv));
  EXPECT_FALSE(bit_string("\x08\x80"sv));
  EXPECT_FALSE(bit_string("\x01"sv));
  EXPECT_FALSE(bit_string("\x07\x81"sv));  // an unused bit is set
}

std::optional<Time> utc(std::string_view text) {
  return time({kUtcTime, text, {}});
}
std::optional<Time> generalized(std::string_view text) {
  return time({kGeneralizedTime, text, {}});
}

TEST(Der, Times) {
  EXPECT_EQ(to_rfc3339(utc("500101000000Z")->when), "1950-01-01T00:00:00Z");
  EXPECT_EQ(to_rfc3339(utc("491231235959Z")->when), "2049-12-31T23:59:59Z");
  EXPECT_FALSE(generalized("20500229000000Z"));  // no leap year
  EXPECT_EQ(to_rfc3339(generalized("99991231235959Z")->when), "9999-12-31T23:59:59Z");
  EXPECT_TRUE(generalized("20500101000000Z")->right_kind);
  EXPECT_FALSE(generalized("20491231235959Z")->right_kind);
  EXPECT_FALSE(generalized("19500101000000Z")->right_kind);
  EXPECT_TRUE(generalized("19491231235959Z")->right_kind);
  for (const auto text : {"0101010000Z"sv, "010101000000"sv, "010101000000+"sv, "01010100000 Z"sv,
                          "011301000000Z"sv, "010100000000Z"sv, "010101240000Z"sv,
                          "010101006000Z"sv, "010101000060Z"sv, "01-101000000Z"sv, ""sv}) {
    EXPECT_FALSE(utc(text)) << text;
  }
  EXPECT_FALSE(generalized("20510101000000.0Z"));
  EXPECT_FALSE(time({kInteger, "010101000000Z", {}}));
}

TEST(Der, ObjectIdentifiersForMessages) {
  EXPECT_EQ(dotted("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"sv), "1.2.840.113549.1.1.11");
  EXPECT_EQ(dotted("\x55\x1d\x11"sv), "2.5.29.17");
  EXPECT_EQ(dotted("\x2a\x86"sv), "(not an OID)");
  EXPECT_EQ(dotted(""sv), "(not an OID)");
  EXPECT_EQ(dotted(std::string(20, '\xff') + "\x01"), "(too large)");
}

}  // namespace
}  // namespace ipm::trust::der
