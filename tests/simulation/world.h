#pragma once
// One run: a house with printers, clients and troubles, all of it from one seed.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ipm::simulation {

struct Report {
  std::uint64_t seed = 0;
  std::uint64_t digest = 0;           // of the trace
  std::optional<std::string> broken;  // which promise
  std::vector<std::string> trace;
  std::size_t jobs = 0;
  std::size_t lives = 0;  // of the server
};

Report run(std::uint64_t seed);

}  // namespace ipm::simulation
