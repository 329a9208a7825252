#include "ipp/constants.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace ipm::ipp {
namespace {

struct Row {
  std::uint16_t code;
  std::string_view name;
};

constexpr std::array kOperations = {
#define IPM_OPERATION(name, code, text) Row{code, text},
#include "ipp/operations.def"
#undef IPM_OPERATION
};

constexpr std::array kStatuses = {
#define IPM_STATUS(name, code, text) Row{code, text},
#include "ipp/statuses.def"
#undef IPM_STATUS
};

template <std::size_t N>
constexpr bool in_order(const std::array<Row, N>& rows) {
  for (std::size_t i = 1; i < N; ++i) {
    if (rows[i - 1].code >= rows[i].code) return false;
  }
  return true;
}
static_assert(in_order(kOperations) && in_order(kStatuses), "the tables are searched by halving");

template <std::size_t N>
std::string_view name_of(const std::array<Row, N>& rows, std::uint16_t code) {
  auto below = [](const Row& row, std::uint16_t wanted) { return row.code < wanted; };
  const auto found = std::lower_bound(rows.begin(), rows.end(), code, below);
  return found != rows.end() && found->code == code ? found->name : std::string_view();
}

template <std::size_t N>
std::optional<std::uint16_t> code_of(const std::array<Row, N>& rows, std::string_view name) {
  for (const Row& row : rows) {
    if (equal_ascii_nocase(row.name, name)) return row.code;
  }
  return std::nullopt;
}

std::string label(std::string_view name, std::uint16_t code) {
  return name.empty() ? fmt::format("0x{:04x}", code) : std::string(name);
}

}  // namespace

std::string_view operation_name(std::uint16_t code) {
  return name_of(kOperations, code);
}
std::string_view status_name(std::uint16_t code) {
  return name_of(kStatuses, code);
}
std::string operation_label(std::uint16_t code) {
  return label(operation_name(code), code);
}
std::string status_label(std::uint16_t code) {
  return label(status_name(code), code);
}

std::optional<Operation> find_operation(std::string_view name) {
  const auto code = code_of(kOperations, name);
  if (!code) return std::nullopt;
  return static_cast<Operation>(*code);
}

std::optional<Status> find_status(std::string_view name) {
  const auto code = code_of(kStatuses, name);
  if (!code) return std::nullopt;
  return static_cast<Status>(*code);
}

std::string_view job_state_name(JobState state) {
  switch (state) {
    case JobState::Pending:
      return "pending";
    case JobState::PendingHeld:
      return "pending-held";
    case JobState::Processing:
      return "processing";
    case JobState::ProcessingStopped:
      return "processing-stopped";
    case JobState::Canceled:
      return "canceled";
    case JobState::Aborted:
      return "aborted";
    case JobState::Completed:
      return "completed";
  }
  return {};
}

std::string_view printer_state_name(PrinterState state) {
  switch (state) {
    case PrinterState::Idle:
      return "idle";
    case PrinterState::Processing:
      return "processing";
    case PrinterState::Stopped:
      return "stopped";
  }
  return {};
}

}  // namespace ipm::ipp
