#pragma once
// The bounds of the spool: each size, count and wait that it keeps to.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace ipm::spool {

// RFC 8011, 5.3.2: job-id is integer(1:MAX).
inline constexpr std::int64_t kJobIdMax = std::numeric_limits<std::int32_t>::max();
inline constexpr std::int64_t kDocumentsPerJobMax = 65535;
inline constexpr std::size_t kAttributesBytesMax = 1U << 20U;  // Of a job's or destination's blob.
inline constexpr std::size_t kTextBytesMax = 4096;             // Of any name, address or reason.

// A group is what one commit makes durable.
inline constexpr std::size_t kGroupChangesMax = 1024;
inline constexpr std::size_t kGroupBytesMax = 16U << 20U;
inline constexpr std::size_t kGroupPurgesMax = 1024;

inline constexpr std::size_t kIdBlock = 4096;  // Job ids that are fetched at once.

// While it is not known what became of a group, this is asked so often, and at the end of the spool
// for so long.
inline constexpr std::chrono::milliseconds kDoubtPause{50};
inline constexpr std::chrono::seconds kDoubtAtEndMax{5};

// The database's log is copied back when the spool has nothing to do for a moment and the log has
// some length, or at its greatest length in any case.
inline constexpr std::chrono::milliseconds kQuietTime{20};
inline constexpr std::uint64_t kLogBytesWhenQuiet = 4U << 20U;
inline constexpr std::uint64_t kLogBytesUnderLoad = 16U << 20U;
inline constexpr std::uint64_t kLogBytesMax = 128U << 20U;
// Room is kept on the disk for what ends jobs. It must hold all that the log has not copied back
// yet: the log is copied when it has a quarter of that, and a group has at most half of it.
inline constexpr std::uint64_t kReserveSharePerDisk = 16;  // At most one in so many of its bytes.
inline constexpr std::uint64_t kReserveMargin = 4;  // It is rebuilt where a quarter more is free.
inline constexpr std::uint64_t kReserveLogBytesMin = 256U << 10U;
inline constexpr std::uint64_t kRoomInsideBytesMax = 4U << 20U;  // Of it, what the database keeps.
inline constexpr std::uint64_t kOpeningBytes = 1U << 20U;  // What opening the database may take.
inline constexpr std::chrono::seconds kReservePause{1};    // Between looks for room.

inline constexpr std::chrono::minutes kHistoryPause{10};  // Between looks at the history's age.

inline constexpr std::size_t kHistoryPageMax = 1'000;  // Jobs in one page.

// What an administrator may change. 0 means "no limit" only where it says so.
struct Limits {
  // A document up to this size lives in its row, a larger one in a file of its own. Measured: a row
  // of 128 KiB costs two thirds of a file's CPU time and a share of one sync instead of two; at 256
  // KiB the file is cheaper.
  std::size_t inline_bytes_max = 128U << 10U;
  std::uint64_t database_bytes_max = 0;  // 0: no limit but the disk's.

  // Kept free beside the database, for ends, cancels and deletions when the disk is full: at most a
  // sixteenth of the disk. 0: nothing is kept.
  std::uint64_t reserve_bytes = 64U << 20U;

  // Finished jobs that are kept: at most so many, and none that finished longer ago. 0: for ever.
  std::size_t history_jobs_max = 10'000;
  std::chrono::hours history_age_max{24 * 30};

  // New jobs and documents are refused while more than this waits to be committed.
  std::size_t waiting_changes_max = 100'000;
  std::size_t waiting_bytes_max = 256U << 20U;
};

}  // namespace ipm::spool
