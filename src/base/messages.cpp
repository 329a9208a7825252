#include "base/messages.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace ipm {
namespace {

constexpr std::array kRows = {
#define IPM_MESSAGE(name, number, severity, reaction, meaning, effect, mend) \
  MessageRow{number, #name, Severity::severity, Reaction::reaction, meaning, effect, mend},
#include "base/messages.def"
#undef IPM_MESSAGE
};

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  auto same = [](unsigned char x, unsigned char y) { return std::toupper(x) == std::toupper(y); };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

}  // namespace

const MessageRow& row(Message message) {
  return kRows.at(static_cast<std::size_t>(message));
}

std::optional<Message> find_message(std::string_view number) {
  auto found = std::find_if(kRows.begin(), kRows.end(), [&](const MessageRow& candidate) {
    return equal_ignoring_case(candidate.number, number);
  });
  if (found == kRows.end()) return std::nullopt;
  return static_cast<Message>(found - kRows.begin());
}

std::span<const MessageRow> catalogue() {
  return kRows;
}

// IPP status codes: RFC 8011, appendix B. HTTP: RFC 9110, section 15.
Statuses statuses(Reaction reaction) {
  switch (reaction) {
    case Reaction::None:
      return {200, 0x0000, 0};
    case Reaction::AttributesUnsupported:
      return {400, 0x040B, 1};
    case Reaction::Busy:
      return {503, 0x0507, 1};
    case Reaction::CompressionBroken:
      return {400, 0x0410, 1};
    case Reaction::Conflict:
      return {409, 0x040E, 1};
    case Reaction::Denied:
      return {403, 0x0403, 1};
    case Reaction::FormatUnsupported:
      return {415, 0x040A, 1};
    case Reaction::Internal:
      return {500, 0x0500, 1};
    case Reaction::Invalid:
      return {400, 0x0400, 1};
    case Reaction::Io:
      return {500, 0x0504, 1};
    case Reaction::IppVersion:
      return {400, 0x0503, 1};
    case Reaction::NotAccepting:
      return {503, 0x0506, 1};
    case Reaction::NotFound:
      return {404, 0x0406, 3};
    case Reaction::NotPossible:
      return {409, 0x0404, 1};
    case Reaction::Protocol:
      return {502, 0x0500, 1};
    case Reaction::Timeout:
      return {408, 0x0405, 1};
    case Reaction::TooLarge:
      return {413, 0x0408, 1};
    case Reaction::Unavailable:
      return {503, 0x0502, 1};
    case Reaction::Unsupported:
      return {501, 0x0501, 1};
    case Reaction::UpgradeRequired:
      return {426, 0x0403, 1};
    case Reaction::Usage:
      return {400, 0x0400, 2};
  }
  return {500, 0x0500, 1};
}

std::string_view severity_word(Severity severity) {
  switch (severity) {
    case Severity::Info:
      return "info";
    case Severity::Warning:
      return "warning";
    case Severity::Error:
      return "error";
  }
  return "error";
}

}  // namespace ipm
