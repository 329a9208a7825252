#pragma once
// Put in front of each source that plants.txt changes: which fault is awake. None in the product.

#include <string_view>

namespace ipm::simulation {

inline std::string_view awake;

inline bool planted(std::string_view fault) {
  return awake == fault;
}

}  // namespace ipm::simulation

using ipm::simulation::planted;
