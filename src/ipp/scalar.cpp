#include "ipp/scalar.h"

#include <chrono>

namespace ipm::ipp {

// --------------------------------------------------------------------------------------

DateTime DateTime::from(TimePoint time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<std::chrono::seconds> clock(time - day);
  const int year = static_cast<int>(date.year());
  auto octet = [](auto number) { return static_cast<unsigned char>(number); };
  return {{octet(year >> 8), octet(year & 0xFF), octet(static_cast<unsigned>(date.month())),
           octet(static_cast<unsigned>(date.day())), octet(clock.hours().count()),
           octet(clock.minutes().count()), octet(clock.seconds().count()), 0, '+', 0, 0}};
}

std::optional<TimePoint> DateTime::find_time() const {
  using namespace std::chrono;
  const year_month_day date(year(octets[0] * 256 + octets[1]), month(octets[2]), day(octets[3]));
  // Zones reach UTC+14, one more than RFC 2579 knew.
  if (!date.ok() || octets[4] > 23 || octets[5] > 59 || octets[6] > 60 || octets[7] > 9 ||
      (octets[8] != '+' && octets[8] != '-') || octets[9] > 14 || octets[10] > 59) {
    return std::nullopt;
  }
  const auto local = sys_days(date) + hours(octets[4]) + minutes(octets[5]) + seconds(octets[6]);
  const auto offset = hours(octets[9]) + minutes(octets[10]);
  return octets[8] == '+' ? local - offset : local + offset;
}

}  // namespace ipm::ipp
