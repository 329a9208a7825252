#include "base/text.h"

#include <gtest/gtest.h>

#include <array>

namespace ipm {
namespace {

TEST(Text, ForeignTextCannotForgeALogLine) {
  EXPECT_EQ(printable("a\nb\r\x1b[31m\x7f"), "a\\x0ab\\x0d\\x1b[31m\\x7f");
  EXPECT_EQ(printable("C:\\x0a"), "C:\\\\x0a");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\xc2\\x9b31m");
}

TEST(Text, PlainTextHasNoControlsIsUtf8AndFits) {
  EXPECT_EQ(plain_text("Wiki\x13pedia\n\x1b"
                       "E",
                       255),
            "Wiki pedia  E");
  EXPECT_EQ(plain_text("a\x7f\xC2\x85z", 255), "a  z");
  EXPECT_EQ(plain_text("caf\xE9", 255), "caf\xEF\xBF\xBD");
  EXPECT_EQ(plain_text("größe", 4), "grö");
  EXPECT_EQ(plain_text("größe", 3), "gr");
  EXPECT_EQ(plain_text("\xFF", 2), "");
}

TEST(Text, CutsAtACharacterOfUtf8) {
  EXPECT_EQ(cut_utf8("abc", 3), "abc");
  EXPECT_EQ(cut_utf8("abc", 2), "ab");
  EXPECT_EQ(cut_utf8("aü", 2), "a");
  EXPECT_EQ(cut_utf8("aü", 3), "aü");
  EXPECT_EQ(cut_utf8("a€b", 3), "a");
  EXPECT_EQ(cut_utf8("a😀", 4), "a");
  EXPECT_EQ(cut_utf8("a😀b", 5), "a😀");
  EXPECT_EQ(cut_utf8("ü", 0), "");
  EXPECT_EQ(cut_utf8("ü", 1), "");
  EXPECT_EQ(cut_utf8(std::string(8, '\x80'), 4).size(), 4U);  // never UTF-8: not for us to mend
}

TEST(Text, KeepsWellFormedUtf8AndEscapesTheRest) {
  EXPECT_EQ(printable("Főtanúsítvány"), "Főtanúsítvány");
  EXPECT_EQ(printable("\xc0\xaf\xed\xa0\x80\xf5"), "\\xc0\\xaf\\xed\\xa0\\x80\\xf5");
}

// A name must not make a line read otherwise than it is written (UAX #9), nor begin another one.
TEST(Text, EscapesWhatReordersOrBreaksALine) {
  for (const char* steering : {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067",
                               "\u2068", "\u2069", "\u2028", "\u2029"}) {
    const std::string shown = printable(std::string("a") + steering + "b");
    EXPECT_EQ(shown.size(), 1U + 12U + 1U) << shown;
    EXPECT_TRUE(shown.starts_with("a\\xe2\\x8")) << shown;
  }
  EXPECT_EQ(printable("\u202e"), "\\xe2\\x80\\xae");
  for (const char* harmless : {"\u2027", "\u202f", "\u2065", "\u206a", "\u05d0\u05d1", "\u2014"}) {
    EXPECT_EQ(printable(harmless), harmless);
  }
}

TEST(Text, CutsLongText) {
  EXPECT_EQ(printable("abcdef", 3), "abc…");
  EXPECT_EQ(printable("aőő", 3), "aő…");
  EXPECT_EQ(printable("abc", 3), "abc");
}

TEST(Text, Hexadecimal) {
  const std::array<unsigned char, 3> bytes = {0x0a, 0xff, 0x00};
  EXPECT_EQ(to_hex(bytes), "0aff00");
  EXPECT_EQ(to_hex_colons(bytes), "0A:FF:00");
  EXPECT_EQ(*parse_hex("0A:ff:00"), std::vector<unsigned char>(bytes.begin(), bytes.end()));
  for (const char* wrong : {"0", "0g", "0a:", ":0a", "0a::0b", "0 a"})
    EXPECT_FALSE(parse_hex(wrong)) << wrong;
}

TEST(Text, SplitsAndTrims) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(split("", ',').size(), 1U);
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
}

}  // namespace
}  // namespace ipm
