#pragma once
// The small types that a value may hold: a range, a resolution, a date (RFC 8011, 5.1.14
// to 5.1.16).

#include <array>
#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace ipm::ipp {

struct Range {
  std::int32_t lower = 0;
  std::int32_t upper = 0;
  bool operator==(const Range&) const = default;
};

struct Resolution {
  enum Units : std::uint8_t {
    DotsPerInch = 3,
    DotsPerCentimetre = 4
  };  // others are kept as received
  std::int32_t cross_feed = 0;
  std::int32_t feed = 0;
  std::uint8_t units = DotsPerInch;
  bool operator==(const Resolution&) const = default;
};

// The eleven octets of DateAndTime (RFC 2579).
struct DateTime {
  std::array<unsigned char, 11> octets{};

  static DateTime from(TimePoint time);  // UTC, tenths 0
  // Absent when the octets are no date. Tenths of seconds are dropped; second 60 is the next
  // minute.
  std::optional<TimePoint> find_time() const;
  bool operator==(const DateTime&) const = default;
};

}  // namespace ipm::ipp
