#pragma once
// What the spool keeps: jobs, their documents' descriptions, destinations. Plain values; what they
// mean to IPP is the business of the floor above, which stores its own attributes as opaque bytes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace ipm::spool {

using JobId = std::int64_t;  // 1 to kJobIdMax, never given twice

// The values are those of RFC 8011, 5.3.7, so that nobody has to translate.
enum class JobState : std::uint8_t {
  Pending = 3,
  Held = 4,
  Processing = 5,
  Stopped = 6,
  Canceled = 7,
  Aborted = 8,
  Completed = 9,
};

// Canceled, aborted and completed jobs are history: they do nothing any more.
constexpr bool is_finished(JobState state) {
  return state >= JobState::Canceled;
}

// What changes while a job lives. An update replaces all of it.
struct JobStatus {
  JobState state = JobState::Pending;
  std::string reasons;  // As the floor above writes them; opaque here.
  std::string message;  // For people: why it waits, why it was aborted.
  bool open = false;    // More documents are to come (Create-Job before its last document).
  int priority = 50;
  bool cancel_wanted = false;   // Somebody asked for its end; the device has not let it go yet.
  int attempts = 0;             // Deliveries begun so far.
  int documents_done = 0;       // Documents delivered so far, over all copies.
  std::int64_t units_done = 0;  // Impressions or bytes delivered, as the floor above counts.
  std::string device;           // The actual destination that has or had it; empty: none.
  std::int32_t device_job = 0;  // The device's own job-id for it; 0: none.
  std::uint64_t device_up = 0;  // When that device started, in seconds; 0: unknown.
  bool doubtful = false;        // It may be at the device twice, or in part.
  std::optional<TimePoint> processing_at;  // When it first went to a printer.
  std::optional<TimePoint> finished_at;    // Set for finished states, and only for them.

  bool operator==(const JobStatus&) const = default;
};

struct Job {
  JobId id = 0;
  std::string destination;
  std::string owner;
  std::string name;
  TimePoint created_at{};
  JobStatus status;
  std::string attributes;  // Opaque bytes.

  // Of all documents that it ever had. Kept by the spool, and kept when the documents go.
  std::uint64_t octets = 0;
  std::int64_t documents = 0;

  bool operator==(const Job&) const = default;
};

// A document's row without its bytes.
struct DocumentInfo {
  std::int64_t number = 1;  // 1 to kDocumentsPerJobMax, within its job
  std::string format;       // Its media type.
  std::string name;
  std::uint64_t bytes = 0;  // Set by the spool.

  bool operator==(const DocumentInfo&) const = default;
};

// ISO 10175's three: jobs are sent to a logical destination, which feeds a queue, which feeds
// actual destinations.
enum class DestinationKind : std::uint8_t { Logical = 1, Queue = 2, Actual = 3 };

struct Destination {
  DestinationKind kind = DestinationKind::Logical;
  std::string name;                // Unique within its kind.
  std::vector<std::string> feeds;  // Names of the next kind. No line breaks in them.
  std::string device_uri;          // Of an actual destination.
  bool paused = false;
  bool accepting = true;
  std::string message;  // For people: why it is paused.
  TimePoint created_at{};
  std::string attributes;  // Opaque bytes.

  bool operator==(const Destination&) const = default;
};

}  // namespace ipm::spool
