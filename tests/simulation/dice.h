#pragma once
// All that is left to chance, from one seed. No distribution of the standard library: those differ.

#include <cstdint>
#include <random>
#include <span>

namespace ipm::simulation {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : source_(seed) {}

  std::uint64_t any() { return source_(); }
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(source_() % count); }
  std::size_t between(std::size_t first, std::size_t last) {
    return first + below(last - first + 1);
  }
  bool chance(unsigned percent) { return source_() % 100 < percent; }
  void fill(std::span<unsigned char> bytes) {
    for (auto& byte : bytes) byte = static_cast<unsigned char>(source_());
  }

 private:
  std::mt19937_64 source_;
};

}  // namespace ipm::simulation
