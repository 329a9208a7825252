#pragma once
// What a destination does with a job that failed at it, and with one of which nobody knows whether
// it was printed. Set by an administrator for each actual destination.

#include <cstdint>
#include <optional>
#include <string_view>

namespace ipm::print {

// After so many attempts as the policy allows.
enum class OnFailure : std::uint8_t {
  Retry,        // "retry": goes on, behind the other jobs, with growing pauses
  HoldJob,      // "hold-job": held until somebody releases it
  AbortJob,     // "abort-job"
  StopPrinter,  // "stop-printer": the device is paused and the job keeps its place
};

enum class OnDoubt : std::uint8_t {
  Hold,   // "hold": held until somebody releases it, who then knows that it may be there twice
  Again,  // "again": printed again, within the attempts
};

struct ErrorPolicy {
  OnFailure failure = OnFailure::HoldJob;
  OnDoubt doubt = OnDoubt::Hold;
  int attempts = 5;  // 1 to kAttemptsMax deliveries of one job that fail by its own fault

  bool operator==(const ErrorPolicy&) const = default;
};

std::string_view to_text(OnFailure failure);
std::string_view to_text(OnDoubt doubt);
// Absent for what is none of the words above.
std::optional<OnFailure> find_on_failure(std::string_view text);
std::optional<OnDoubt> find_on_doubt(std::string_view text);

}  // namespace ipm::print
