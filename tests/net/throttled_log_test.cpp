#include "net/throttled_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/files.h"
#include "base/text.h"
#include "net/limits.h"
#include "temporary_folder.h"

namespace ipm::net {
namespace {

using std::chrono::seconds;

class ThrottledLogTest : public testing::Test {
 protected:
  std::string text() const { return read_file(folder_ / "error.log"); }
  std::size_t lines() const {
    const std::string all = text();
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), '\n'));
  }

  test::TemporaryFolder folder_;
  Log log_{{.file = folder_ / "error.log"}};
  ThrottledLog quiet_{&log_, seconds(10)};
  ThrottledLog::Time start_ = ThrottledLog::Time(std::chrono::hours(1));
};

TEST_F(ThrottledLogTest, OneLineForEachAddressAndMessage) {
  for (int i = 0; i < 100; ++i) {
    quiet_.write("192.0.2.1", Message::PlaintextRefused, "from 192.0.2.1", start_);
    quiet_.write("192.0.2.2", Message::PlaintextRefused, "from 192.0.2.2", start_);
    quiet_.write("192.0.2.1", Message::PeerRefused, "refused", start_);
  }
  EXPECT_EQ(lines(), 3U);
}

TEST_F(ThrottledLogTest, TheCountFollowsWhenTheTimeIsOver) {
  for (int i = 0; i < 5; ++i) quiet_.write("192.0.2.1", Message::PlaintextRefused, "x", start_);
  quiet_.flush(start_ + seconds(9));
  EXPECT_EQ(lines(), 1U);
  quiet_.flush(start_ + seconds(10));
  EXPECT_EQ(lines(), 2U);
  EXPECT_NE(text().find("192.0.2.1: 4 more such messages"), std::string::npos) << text();
  quiet_.flush(start_ + seconds(20));
  quiet_.write("192.0.2.1", Message::PlaintextRefused, "x", start_ + seconds(21));
  EXPECT_EQ(lines(), 3U);
}

TEST_F(ThrottledLogTest, TheEndTellsWhatIsLeft) {
  for (int i = 0; i < 2; ++i) quiet_.write("a", Message::PlaintextRefused, "x", start_);
  quiet_.flush(start_, true);
  EXPECT_NE(text().find("a: 1 more such message since"), std::string::npos) << text();
}

TEST_F(ThrottledLogTest, TheLastOfThemIsToldWithinItsLimit) {
  quiet_.write("a", Message::PeerRefused, "S7", start_);
  quiet_.write("a", Message::PeerRefused, "S8", start_);
  quiet_.write("a", Error(Message::PeerRefused, "S10", "a full name"), start_);
  quiet_.write("b", Message::PeerRefused, "short", start_);
  quiet_.write("b", Message::PeerRefused, std::string(2 * kThrottledTextBytesMax, 'x'), start_);
  quiet_.flush(start_ + seconds(10));
  EXPECT_NE(text().find("a: 2 more such messages since the line above; the last: S10\n"),
            std::string::npos)
      << text();
  EXPECT_EQ(text().find("S8"), std::string::npos);
  EXPECT_EQ(text().find(std::string(kThrottledTextBytesMax + 1, 'x')), std::string::npos);
  EXPECT_NE(text().find(std::string(kThrottledTextBytesMax, 'x')), std::string::npos);
}

TEST_F(ThrottledLogTest, StrangersBeyondTheLimitAreCounted) {
  for (std::size_t i = 0; i < kThrottledKeysMax + 7; ++i) {
    quiet_.write(std::to_string(i), Message::PlaintextRefused, "x", start_);
  }
  EXPECT_EQ(lines(), kThrottledKeysMax);
  quiet_.flush(start_ + seconds(10));
  EXPECT_NE(text().find("7 messages about other addresses"), std::string::npos);
}

}  // namespace
}  // namespace ipm::net
