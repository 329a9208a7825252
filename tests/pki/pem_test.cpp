#include "pki/pem.h"

#include <gtest/gtest.h>

namespace ipm::pki {
namespace {

using namespace std::string_literals;

TEST(Pem, WritesAndReadsEveryLength) {
  for (std::size_t size = 1; size < 200; ++size) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i * 37 + size);
    const std::string text = pem_text("CERTIFICATE", bytes);
    const PemText read = scan_pem(text, 1);
    EXPECT_EQ(read.damage, "");
    ASSERT_EQ(read.blocks.size(), 1U);
    EXPECT_EQ(read.blocks[0].label, "CERTIFICATE");
    EXPECT_EQ(decode_pem(read.blocks[0]), bytes);
  }
}

TEST(Pem, TellsWhereEachBlockStands) {
  const std::string text =
      "# one\n-----BEGIN A-----\nQUJD\n-----END A-----\r\ntext\r\r\n-----BEGIN "
      "B-----\rREVG\r-----END B-----";
  const PemText read = scan_pem(text, 10);
  EXPECT_EQ(read.damage, "");
  ASSERT_EQ(read.blocks.size(), 2U);
  EXPECT_EQ(read.blocks[0].line, 2U);
  EXPECT_EQ(text.substr(read.blocks[0].offset, 12), "-----BEGIN A");
  EXPECT_EQ(read.blocks[1].label, "B");
  EXPECT_EQ(read.blocks[1].line, 7U);
  EXPECT_EQ(decode_pem(read.blocks[1]), "DEF");
}

TEST(Pem, TakesHeadersOff) {
  const PemText read = scan_pem(
      "-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: A,B\n\nQUJD\n-----END X-----\n"
      "-----BEGIN Y-----\n\nQUJD\n-----END Y-----\n",
      10);
  ASSERT_EQ(read.blocks.size(), 2U);
  EXPECT_TRUE(read.blocks[0].has_encryption_header());
  EXPECT_EQ(decode_pem(read.blocks[0]), "ABC");
  EXPECT_FALSE(read.blocks[1].has_encryption_header());
  EXPECT_EQ(decode_pem(read.blocks[1]), "ABC");
}

TEST(Pem, DamageIsToldWithItsLine) {
  struct Case {
    std::string text;
    std::string_view damage;
    std::size_t whole_before;
  };
  const std::string whole = "-----BEGIN A-----\nQUJD\n-----END A-----\n";
  for (const auto& [text, damage, whole_before] : std::vector<Case>{
           {"-----BEGIN A-----\nQUJD\n", "line 1: the block A has no END line", 0},
           {"-----BEGIN A-----", "line 1: the block A has no END line", 0},
           {whole + "-----BEGIN B-----\nQUJD\n" + whole, "line 4: the block B has no END line", 1},
           {whole + whole + "QUJD\n-----END A-----\n", "line 8: \"-----END A-----\" has no BEGIN",
            2},
           {"-----BEGIN A-----\nQUJD\n-----END B-----\n",
            "line 3: the block A that began at line 1", 0},
           {"-----BEGIN A-----\nQUJD\n-----END A\n", "line 3", 0},
           {"-----BEGIN A----\nQUJD\n-----END A-----\n",
            "line 1: \"-----BEGIN A----\" is not a whole", 0},
           {"-----BEGIN -----\n", "not a whole BEGIN line", 0},
           {"-----BEGIN \n", "not a whole BEGIN line", 0},
           {"-----BEGIN " + std::string(100, 'A') + "-----\n", "not a whole BEGIN line", 0},
           {whole + whole + whole + whole, "more than 3 blocks", 3},
       }) {
    const PemText read = scan_pem(text, 3);
    EXPECT_NE(read.damage.find(damage), std::string::npos) << text << read.damage;
    EXPECT_EQ(read.blocks.size(), whole_before) << text;
  }
}

TEST(Pem, TextWithoutBlocksIsWholeAndEmpty) {
  for (const std::string& text : {""s, "\n"s, "\r"s, "\xEF\xBB\xBF"s, "no blocks here"s, "-----"s,
                                  " -----BEGIN A-----\n"s, "\0\0"s}) {
    EXPECT_TRUE(scan_pem(text, 1).blocks.empty());
    EXPECT_EQ(scan_pem(text, 1).damage, "");
  }
}

TEST(Pem, Base64IsStrictButForBlanks) {
  EXPECT_EQ(decode_base64("QUJD"), "ABC");
  EXPECT_EQ(decode_base64(" Q U\tJ\r\nD\n"), "ABC");
  EXPECT_EQ(decode_base64("QUI="), "AB");
  EXPECT_EQ(decode_base64("QQ=="), "A");
  EXPECT_EQ(decode_base64("AAAA"), "\0\0\0"s);
  for (const std::string& wrong :
       {""s, "\n"s, "Q"s, "QU"s, "QUJ"s, "QUJDQ"s, "Q==="s, "===="s, "=UJD"s, "Q=JD"s, "QU=D"s,
        "QUI=QUJD"s, "QUJ-"s, "QU_D"s, "QU.D"s, "QUJ\0"s, "QUJ\xc3"s, "----"s}) {
    EXPECT_FALSE(decode_base64(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace ipm::pki
