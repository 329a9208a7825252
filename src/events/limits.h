#pragma once
// Every bound of the events floor.

#include <chrono>
#include <cstddef>

namespace ipm::events {

inline constexpr std::size_t kEventsKept = 4'096;      // for those who read later
inline constexpr std::size_t kEventsReadAtOnce = 256;  // by a follower

}  // namespace ipm::events
