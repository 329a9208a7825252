#include "base/clock.h"

#include <gtest/gtest.h>

namespace ipm {
namespace {

TEST(Clock, S14_WritesTheTimeAsTheExpiryWarningHasIt) {
  EXPECT_EQ(to_certificate_time(*parse_rfc3339("2029-05-21T10:33:41Z")),
            "May 21 10:33:41 2029 GMT");
  EXPECT_EQ(to_certificate_time(*parse_rfc3339("2029-05-01T00:00:00Z")),
            "May  1 00:00:00 2029 GMT");
}

TEST(Clock, ReadsOffsetsAndLeapDays) {
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("2024-02-29T23:30:00-01:30")), "2024-03-01T01:00:00Z");
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("2024-02-29t01:00:00.125+01:00")), "2024-02-29T00:00:00Z");
}

TEST(Clock, RefusesWhatIsNotATime) {
  for (const char* text : {"", "2024", "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z",
                           "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:00",
                           "2024-01-01T00:00:00Zx", "2024-01-01T00:00:00.Z", "0000-01-01T00:00:00Z",
                           "2024-13-01T00:00:00Z", "+024-01-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

TEST(Clock, DaysRoundDown) {
  const TimePoint now = *parse_rfc3339("2026-01-01T00:00:00Z");
  EXPECT_EQ(days_until(now + std::chrono::hours(47), now).count(), 1);
  EXPECT_EQ(days_until(now - std::chrono::seconds(1), now).count(), -1);
}

}  // namespace
}  // namespace ipm
