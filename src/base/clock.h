#pragma once
// Points in time and their two written forms. Nothing below the programs reads the clock by itself:
// it is handed a `Clock`, so that tests choose the day.

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ipm {

using TimePoint = std::chrono::sys_seconds;
using Clock = std::function<TimePoint()>;

Clock system_clock();

// "May 21 10:33:41 2029 GMT", as S14 and OpenSSL write it: the day is padded with a blank to two places.
std::string to_certificate_time(TimePoint time);

// "2029-05-21T10:33:41Z" (RFC 3339, UTC).
std::string to_rfc3339(TimePoint time);

// Reads RFC 3339 with "Z" or an offset, years 1 to 9999; nothing else.
std::optional<TimePoint> parse_rfc3339(std::string_view text);

// Whole days from `now` until `then`, rounded down; negative when it is past.
std::chrono::days days_until(TimePoint then, TimePoint now);

}  // namespace ipm
