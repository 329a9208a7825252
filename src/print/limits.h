#pragma once
// Every bound of the print floor, in one place.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ipm::print {

inline constexpr std::size_t kDestinationsMax = 10'000;
inline constexpr std::size_t kJobsActiveMax = 100'000;  // over all queues
inline constexpr std::size_t kJobHistoryMax = 500;      // finished jobs kept, over all queues
inline constexpr std::size_t kDocumentsPerJobMax = 1'000;
inline constexpr std::size_t kJobsListedMax = 100'000;
inline constexpr int kCopiesMax = 999;
inline constexpr int kPriorityDefault = 50;  // RFC 8011, 5.2.1: 1 to 100
inline constexpr std::size_t kBodyChunkBytes = 64U << 10U;

// A job made by Create-Job whose documents stop coming is closed after this (RFC 8011, 5.4.31).
inline constexpr std::chrono::seconds kMultipleOperationTimeout{300};

// Pauses between attempts at a printer that is away: doubled each time.
inline constexpr std::chrono::milliseconds kRetryPauseFirst{1'000};
inline constexpr std::chrono::milliseconds kRetryPauseMax{300'000};

}  // namespace ipm::print
