#pragma once
// The catalogue of numbered messages: every line of the error log and every refusal has a number,
// and its row says what follows from it (HTTP status, IPP status, exit code) and how to mend it.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ipm {

// What everybody does about a message. From it follow the three kinds of status.
enum class Reaction : std::uint8_t {
  None,
  AttributesUnsupported,
  Busy,
  CompressionBroken,
  Conflict,
  Denied,
  FormatUnsupported,
  Internal,
  Invalid,
  Io,
  IppVersion,
  NotAccepting,
  NotFound,
  NotPossible,
  Protocol,
  Timeout,
  TooLarge,
  Unavailable,
  Unsupported,
  UpgradeRequired,
  Usage,
};

enum class Severity : std::uint8_t { Info, Warning, Error };

enum class Message : std::uint16_t {
#define IPM_MESSAGE(name, ...) name,
#include "base/messages.def"
#undef IPM_MESSAGE
};

struct MessageRow {
  std::string_view number;  // "5010-907", "IMP-1001"
  std::string_view name;    // The enumerator's name.
  Severity severity;
  Reaction reaction;
  std::string_view meaning;
  std::string_view effect;
  std::string_view mend;
};

// What a reaction means to each audience.
struct Statuses {
  int http;  // RFC 9110 status code
  int ipp;   // RFC 8011 status-code
  int exit;  // 0 ok, 1 a rule or chain, 2 usage, 3 not found or unreadable
};

const MessageRow& row(Message message);
std::optional<Message> find_message(std::string_view number);
std::span<const MessageRow> catalogue();
Statuses statuses(Reaction reaction);
std::string_view severity_word(Severity severity);  // "info", "warning", "error"

}  // namespace ipm
