#pragma once
// How many seeds ./test tries. tools/simulate tries more.

#include <cstdint>

namespace ipm::simulation {

inline constexpr std::uint64_t kSeeds = 100;

}  // namespace ipm::simulation
