#include "spool/checksum.h"

#include <gtest/gtest.h>

#include <string>

namespace ipm::spool::test {
namespace {

// RFC 3720, B.4.
TEST(ChecksumTest, TheStandardsValuesComeOut) {
  EXPECT_EQ(crc32c(""), 0U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
  std::string ascending;
  for (char byte = 0; byte < 32; ++byte) ascending.push_back(byte);
  EXPECT_EQ(crc32c(ascending), 0x46dd794eU);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
}

// The fast way takes three lanes of 2 KiB at once; bit by bit is the definition.
TEST(ChecksumTest, EachLengthAndEachCutGivesTheSameAsTheDefinition) {
  std::string bytes;
  for (std::size_t i = 0; i < 30'000; ++i) bytes.push_back(static_cast<char>(i * i / 7 + i));
  const auto by_definition = [](std::string_view text) {
    std::uint32_t crc = 0xffffffff;
    for (const char byte : text) {
      crc ^= static_cast<unsigned char>(byte);
      for (int bit = 0; bit < 8; ++bit) crc = crc >> 1U ^ ((crc & 1U) != 0 ? 0x82f63b78U : 0);
    }
    return ~crc;
  };
  for (const std::size_t length : {1UL, 7UL, 8UL, 6143UL, 6144UL, 6145UL, 12'289UL, 30'000UL}) {
    const std::string_view text = std::string_view(bytes).substr(0, length);
    const std::uint32_t expected = by_definition(text);
    EXPECT_EQ(crc32c(text), expected) << length;
    for (const std::size_t cut : {std::size_t{1}, length / 3, length - 1}) {
      EXPECT_EQ(crc32c(text.substr(cut), crc32c(text.substr(0, cut))), expected) << cut;
    }
  }
}

TEST(ChecksumTest, EachPieceHasItsOwnWhateverThePartsItCameIn) {
  std::string bytes(2 * kPieceBytes + 1000, 'a');
  bytes[kPieceBytes + 5] = 'b';
  PieceSums at_once;
  at_once.add(bytes);
  const std::string sums = at_once.finish();
  EXPECT_EQ(sums.size(), 12U);
  PieceSums in_parts;
  for (std::size_t at = 0; at < bytes.size(); at += 777) {
    in_parts.add(std::string_view(bytes).substr(at, 777));
  }
  EXPECT_EQ(in_parts.finish(), sums);
  EXPECT_EQ(PieceSums().finish(), "");
  constexpr auto kNone = std::string_view::npos;
  EXPECT_EQ(find_damaged_piece(bytes, sums), kNone);
  EXPECT_EQ(find_damaged_piece(std::string_view(bytes).substr(kPieceBytes), sums, 1), kNone);
  EXPECT_EQ(find_damaged_piece(bytes, std::string_view(sums).substr(0, 8)), 2U);
  bytes[kPieceBytes + 5] = 'a';
  EXPECT_EQ(find_damaged_piece(bytes, sums), 1U);
}

}  // namespace
}  // namespace ipm::spool::test
