#include "base/error_wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace ipm {
namespace {

const Error& sample() {
  static const Error kError(Message::PrinterNotFound, "there is no destination \"office; 2\"",
                            "the name of a destination: with colons, and \"quotes\"",
                            "ipm printer list\nshows them");
  return kError;
}

TEST(ErrorWire, AProblemComesBackWholeWhateverItsWordsHold) {
  const auto back = decode_problem(encode_problem(sample(), 404));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->message(), Message::PrinterNotFound);
  EXPECT_EQ(back->happened(), sample().happened());
  EXPECT_EQ(back->expected(), sample().expected());
  EXPECT_EQ(back->mend(), printable(sample().mend()));
}

TEST(ErrorWire, AProblemHasTheMembersOfRfc9457) {
  const auto problem = nlohmann::json::parse(encode_problem(sample(), 404));
  EXPECT_EQ(problem["type"], "urn:imprimatur:IMP-4004");
  EXPECT_EQ(problem["status"], 404);
  EXPECT_EQ(problem["detail"], sample().happened());
  EXPECT_EQ(problem["title"], std::string(row(Message::PrinterNotFound).meaning));
}

TEST(ErrorWire, TheCataloguesMendStandsInForAMissingOne) {
  const auto back = decode_problem(encode_problem(Error(Message::JobNotFound, "a", "b"), 404));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->mend(), std::string(row(Message::JobNotFound).mend));
}

TEST(ErrorWire, TextsAreCutAtCharacters) {
  std::string many;
  for (int i = 0; i < 2000; ++i) many += "\xc3\xa9";
  const std::string cut = wire_text(many);
  EXPECT_LE(cut.size(), kErrorWireTextBytesMax);
  EXPECT_GE(cut.size(), kErrorWireTextBytesMax - 3);
  EXPECT_TRUE(is_utf8(cut));
  const auto back = decode_problem(encode_problem(Error(Message::JobNotFound, many, "b"), 404));
  ASSERT_TRUE(back);
  EXPECT_TRUE(is_utf8(back->happened()));
}

TEST(ErrorWire, WhatIsNotUtf8IsEscapedNotThrown) {
  EXPECT_TRUE(is_utf8(encode_problem(Error(Message::JobNotFound, "a\xff\x01z", "b"), 404)));
}

TEST(ErrorWire, OtherServersProblemsAreNotTakenForOurs) {
  for (const std::string_view foreign :
       {"", "{", "[]", "42", "null", "\"IMP-4004\"", R"({"detail": "x"})",
        R"({"number": "IMP-9999", "detail": "x"})", R"({"number": 4004})",
        R"({"number": ["IMP-4004"]})"}) {
    EXPECT_FALSE(decode_problem(foreign)) << foreign;
  }
  EXPECT_FALSE(
      decode_problem(R"({"number": "IMP-4004", "detail": ")" + std::string(70'000, 'x') + "\"}"));
}

TEST(ErrorWire, ForeignTextsAreBoundedAndPrintable) {
  const auto back =
      decode_problem(R"({"number": "IMP-4004", "detail": "a\u001b[2Jb", "expected": 3})");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->happened().find('\x1b'), std::string::npos);
  EXPECT_EQ(back->expected(), "");
}

}  // namespace
}  // namespace ipm
