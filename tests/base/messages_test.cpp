#include "base/messages.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/error.h"

namespace ipm {
namespace {

TEST(Messages, NumbersAreUniqueAndEveryRowIsComplete) {
  std::set<std::string_view> numbers;
  for (const auto& entry : catalogue()) {
    EXPECT_TRUE(numbers.insert(entry.number).second) << entry.number;
    EXPECT_FALSE(entry.meaning.empty() || entry.effect.empty() || entry.mend.empty())
        << entry.number;
  }
}

TEST(Messages, S14_S15_TheTwoFixedNumbersExist) {
  EXPECT_EQ(find_message("5010-907"), Message::CertificateExpires);
  EXPECT_EQ(find_message("5010-908"), Message::StartedEncrypted);
  EXPECT_EQ(find_message("imp-1001"), Message::KeyUnusable);
  EXPECT_FALSE(find_message("IMP-0000"));
}

TEST(Messages, AnErrorCarriesWhatHappenedWhatWasExpectedAndTheMend) {
  const Error given(Message::FileNotFound, "x is not there", "a file", "make it");
  EXPECT_STREQ(given.what(), "IMP-7003 x is not there; expected: a file; mend: make it");
  const Error general(Message::FileNotFound, "x is not there", "a file");
  EXPECT_EQ(general.mend(), row(Message::FileNotFound).mend);
  EXPECT_EQ(statuses(general.reaction()).exit, 3);
}

}  // namespace
}  // namespace ipm
