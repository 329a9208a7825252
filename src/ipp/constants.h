#pragma once
// Registered numbers of IPP and their names: operations, status codes, states (IANA's "Internet
// Printing Protocol (IPP) Registrations"; RFC 8011, RFC 3995, 3996, 3998, PWG 5100.x, and CUPS's
// own).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ipm::ipp {

enum class Operation : std::uint16_t {
#define IPM_OPERATION(name, code, text) name = code,
#include "ipp/operations.def"
#undef IPM_OPERATION
};

enum class Status : std::uint16_t {
#define IPM_STATUS(name, code, text) name = code,
#include "ipp/statuses.def"
#undef IPM_STATUS
};

// "Print-Job"; empty when the code is not registered here.
std::string_view operation_name(std::uint16_t code);
inline std::string_view operation_name(Operation operation) {
  return operation_name(static_cast<std::uint16_t>(operation));
}
std::optional<Operation> find_operation(std::string_view name);  // any case

// "successful-ok"; empty when the code is not registered here.
std::string_view status_name(std::uint16_t code);
inline std::string_view status_name(Status status) {
  return status_name(static_cast<std::uint16_t>(status));
}
std::optional<Status> find_status(std::string_view name);

// Never empty: the name, or "0x4123". For log lines.
std::string operation_label(std::uint16_t code);
std::string status_label(std::uint16_t code);

// 0x0000 to 0x00ff (RFC 8011, B.1).
constexpr bool is_successful(std::uint16_t status) {
  return status < 0x0100;
}
constexpr bool is_successful(Status status) {
  return is_successful(static_cast<std::uint16_t>(status));
}

// RFC 8011, 5.3.7.
enum class JobState : std::int32_t {
  Pending = 3,
  PendingHeld = 4,
  Processing = 5,
  ProcessingStopped = 6,
  Canceled = 7,
  Aborted = 8,
  Completed = 9,
};
constexpr bool is_terminal(JobState state) {
  return state >= JobState::Canceled;
}
std::string_view job_state_name(JobState state);  // "pending-held"; empty when it is none

// RFC 8011, 5.4.11.
enum class PrinterState : std::int32_t { Idle = 3, Processing = 4, Stopped = 5 };
std::string_view printer_state_name(PrinterState state);  // "idle"

// PWG 5100.5, document-state.
enum class DocumentState : std::int32_t {
  Pending = 3,
  Processing = 5,
  ProcessingStopped = 6,
  Canceled = 7,
  Aborted = 8,
  Completed = 9
};

}  // namespace ipm::ipp
