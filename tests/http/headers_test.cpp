#include "http/headers.h"

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"

namespace ipm::http {
namespace {

TEST(Headers, NamesAreFoundWithoutRegardToCase) {
  Headers headers;
  headers.add("Content-Type", "application/ipp");
  EXPECT_EQ(headers.find("content-TYPE"), "application/ipp");
  EXPECT_EQ(headers.find("Content-Typ"), std::nullopt);
  EXPECT_EQ(headers.find(""), std::nullopt);
}

TEST(Headers, KeepOrderAndRepetitions) {
  Headers headers;
  headers.add("Via", "a");
  headers.add("Host", "h");
  headers.add("via", "b");
  ASSERT_EQ(headers.size(), 3U);
  EXPECT_EQ(headers[2].name, "via");
  EXPECT_EQ(headers[2].value, "b");
  EXPECT_EQ(headers.count("VIA"), 2U);
  EXPECT_EQ(headers.find("via"), "a");
}

TEST(Headers, SetReplacesAllOfThatName) {
  Headers headers;
  headers.add("X-A", "1");
  headers.add("Host", "h");
  headers.add("x-a", "2");
  headers.set("X-A", "3");
  EXPECT_EQ(headers.count("x-a"), 1U);
  EXPECT_EQ(headers.find("x-a"), "3");
  EXPECT_EQ(headers.find("host"), "h");
}

TEST(Headers, TokensOfAListAreFoundInAllOccurrences) {
  Headers headers;
  headers.add("Connection", "upgrade , Keep-Alive");
  headers.add("Connection", "close");
  EXPECT_TRUE(headers.has_token("connection", "keep-alive"));
  EXPECT_TRUE(headers.has_token("connection", "CLOSE"));
  EXPECT_FALSE(headers.has_token("connection", "keep"));
}

TEST(Headers, ValuesAreTrimmedAndMayBeEmpty) {
  Headers headers;
  headers.add("A", "  x y\t");
  headers.add("B", "");
  EXPECT_EQ(headers.find("a"), "x y");
  EXPECT_EQ(headers.find("b"), "");
}

TEST(Headers, WhatWouldSplitTheMessageIsRefused) {
  Headers headers;
  EXPECT_THROW(headers.add("X", "a\r\nSet-Cookie: b"), Error);
  EXPECT_THROW(headers.add("X", "a\nb"), Error);
  EXPECT_THROW(headers.add("X", std::string("a\0b", 3)), Error);
  EXPECT_THROW(headers.add("X\r\nY", "a"), Error);
  EXPECT_THROW(headers.add("X ", "a"), Error);
  EXPECT_THROW(headers.add("X:", "a"), Error);
  EXPECT_THROW(headers.add("", "a"), Error);
  EXPECT_TRUE(headers.empty());
}

TEST(Headers, ClearedOnesAreEmptyAndUsableAgain) {
  Headers headers;
  headers.add("A", "1");
  headers.clear();
  EXPECT_TRUE(headers.empty());
  EXPECT_EQ(headers.find("A"), std::nullopt);
  headers.add("B", "2");
  EXPECT_EQ(headers.find("B"), "2");
}

}  // namespace
}  // namespace ipm::http
