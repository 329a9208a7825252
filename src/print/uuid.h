#pragma once
// Makes the UUIDs of jobs and destinations.

#include <array>
#include <cstddef>
#include <functional>
#include <mutex>
#include <span>
#include <string>

namespace ipm::print {

// "urn:uuid:" and random bytes with version and variant of RFC 9562, 5.4.
std::string uuid_urn(std::span<const unsigned char, 16> random);

// Any thread. Random bytes are fetched for many at once: one by one they cost more than the rest of
// a job's draft.
class UuidMaker {
 public:
  using FillRandom = std::function<void(std::span<unsigned char>)>;
  explicit UuidMaker(FillRandom fill_random) : fill_random_(std::move(fill_random)) {}

  // Throws what `fill_random` throws.
  std::string next();

 private:
  static constexpr std::size_t kBytes = 16;
  static constexpr std::size_t kAtOnce = 256;

  FillRandom fill_random_;
  std::mutex mutex_;
  std::array<unsigned char, kBytes * kAtOnce> random_{};
  std::size_t left_ = 0;  // of the UUIDs that `random_` is for
};

}  // namespace ipm::print
