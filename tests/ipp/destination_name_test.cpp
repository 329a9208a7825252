#include "ipp/destination_name.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace ipm::ipp {
namespace {

TEST(DestinationNameTest, TakesWhatKeepsTheRule) {
  for (const char* name : {"a", "7", "office", "Office-2.west_wing", "a."}) {
    EXPECT_FALSE(destination_name_complaint(name)) << name;
    EXPECT_NO_THROW(check_destination_name(name)) << name;
  }
  EXPECT_FALSE(destination_name_complaint(std::string(127, 'a')));
}

TEST(DestinationNameTest, SaysWhatIsWrong) {
  EXPECT_EQ(destination_name_complaint(""), "it is empty");
  EXPECT_EQ(destination_name_complaint("my printer"), "it contains ' '");
  EXPECT_EQ(destination_name_complaint("B\u00fcro"), "it contains '\u00fc'");
  EXPECT_EQ(destination_name_complaint("a/b"), "it contains '/'");
  EXPECT_EQ(destination_name_complaint("a\tb"), "it contains '\\x09'");
  EXPECT_EQ(destination_name_complaint("a\xff"), "it contains '\\xff'");
  EXPECT_EQ(destination_name_complaint("."), "it begins with '.'");
  EXPECT_EQ(destination_name_complaint(".."), "it begins with '.'");
  EXPECT_EQ(destination_name_complaint("-d"), "it begins with '-'");
  EXPECT_EQ(destination_name_complaint("_x"), "it begins with '_'");
  EXPECT_EQ(destination_name_complaint(std::string(128, 'a')), "it has 128 letters");
  EXPECT_EQ(destination_name_complaint(std::string("a\0b", 3)), "it contains '\\x00'");
}

// The mend names one that is taken.
TEST(DestinationNameTest, OffersANameThatKeepsTheRule) {
  const auto offered = [](std::string_view name) {
    try {
      check_destination_name(name);
    } catch (const Error& error) {
      EXPECT_EQ(error.message(), Message::NameInvalid);
      EXPECT_EQ(error.expected(), kDestinationNameRule);
      const auto at = error.mend().find("call it ");
      if (at == std::string::npos) return std::string();
      return error.mend().substr(at + 8, error.mend().find(';') - at - 8);
    }
    return std::string("taken");
  };
  EXPECT_EQ(offered("my printer"), "my_printer");
  EXPECT_EQ(offered("B\u00fcro"), "B_ro");
  EXPECT_EQ(offered("a/b"), "a_b");
  EXPECT_EQ(offered("-d"), "d");
  EXPECT_EQ(offered("__  x  __"), "x");
  EXPECT_EQ(offered(std::string(200, 'q')), std::string(127, 'q'));
  EXPECT_EQ(offered(""), "");
  EXPECT_EQ(offered("\u3042\u3044"), "");
  for (const char* name : {"my printer", "B\u00fcro", "-d", "..x", "a\tb"}) {
    EXPECT_FALSE(destination_name_complaint(offered(name))) << name;
  }
}

}  // namespace
}  // namespace ipm::ipp
