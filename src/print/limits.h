#pragma once
// Every bound of the print floor, in one place.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ipm::print {

inline constexpr std::size_t kDestinationsMax = 10'000;
inline constexpr std::size_t kJobsActiveMax = 100'000;  // over all queues
// Finished jobs in memory, over all queues; older ones are read from the spool.
inline constexpr std::size_t kJobHistoryMax = 500;
inline constexpr std::size_t kJobsVisitedAtOnce = 128;  // without letting the lock go
inline constexpr int kAttemptsMax = 100;                // of an error policy
inline constexpr std::size_t kDocumentsPerJobMax = 1'000;
inline constexpr std::size_t kJobsListedMax = 100'000;
inline constexpr std::size_t kJobIdsMax = 1'000;             // named in one request
inline constexpr std::size_t kReplyPieceBytes = 64U << 10U;  // of a list, before it is sent
inline constexpr int kCopiesMax = 999;
inline constexpr int kPriorityDefault = 50;  // RFC 8011, 5.2.1: 1 to 100
inline constexpr std::size_t kBodyChunkBytes = 64U << 10U;

// A job made by Create-Job whose documents stop coming is closed after this (RFC 8011, 5.4.31).
inline constexpr std::chrono::seconds kMultipleOperationTimeout{300};

// Pauses between attempts at a printer that is away, and of a job that failed: doubled each time.
inline constexpr std::chrono::milliseconds kRetryPauseFirst{1'000};
inline constexpr std::chrono::milliseconds kRetryPauseMax{300'000};

// Before what could not be recorded (a full disk) is tried again.
inline constexpr std::chrono::milliseconds kUnwrittenPause{500};

// For jobs that are printed to be let go by their devices, when their destination is removed or the
// device's address changes.
inline constexpr std::chrono::seconds kRemovalWait{20};

// For deliveries to end when the server stops.
inline constexpr std::chrono::milliseconds kStopWait{8'000};

// For a device that was just added to say what it is.
inline constexpr std::chrono::seconds kHearWait{5};

// Devices are asked what they can do and how they are when they are added, and then every so often.
inline constexpr std::chrono::minutes kDescribeEvery{5};

// The bounds that a manager keeps, as one value: tests keep smaller ones.
struct Limits {
  std::size_t destinations_max = kDestinationsMax;
  std::size_t jobs_active_max = kJobsActiveMax;
  std::size_t documents_per_job_max = kDocumentsPerJobMax;
  std::chrono::milliseconds removal_wait = kRemovalWait;
  std::chrono::milliseconds stop_wait = kStopWait;
};

}  // namespace ipm::print
