#pragma once
// An Error on its way to another program, as data: RFC 9457 (problem details) over HTTP, four
// attributes beside the status in IPP. Whoever reads it gets the Error back; nobody parses prose.

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace ipm {

// --- HTTP ---

inline constexpr std::string_view kProblemType = "application/problem+json";

// {"type": "urn:imprimatur:IMP-4004", "title": the row's meaning, "status": `status`, "detail": what
// happened, "number", "expected", "mend"}. Each text is cut at kErrorWireTextBytesMax, at a
// character; what is not UTF-8 is escaped.
std::string encode_problem(const Error& error, int status);

// Nothing where it is not JSON, or not one of ours: another server's problem, or a number that this
// version does not know. The texts are printable and bounded whatever was sent.
std::optional<Error> decode_problem(std::string_view json);

// --- IPP: attributes of the operation group of a reply, each text(MAX) ---

// status-message has the same in words, within its 255 bytes, for clients of others.
inline constexpr std::string_view kErrorHappenedAttribute = "imprimatur-error-happened";
inline constexpr std::string_view kErrorNumberAttribute = "imprimatur-error-number";
inline constexpr std::string_view kErrorExpectedAttribute = "imprimatur-error-expected";
inline constexpr std::string_view kErrorMendAttribute = "imprimatur-error-mend";

inline constexpr std::size_t kErrorWireTextBytesMax = 1023;  // RFC 8011, 5.1.2: text(MAX)

// What an encoder writes of `text`: UTF-8, printable, cut at a character.
std::string wire_text(std::string_view text);

// The Error whose parts came apart; nothing where the number is none of ours.
std::optional<Error> error_from_parts(std::string_view number, std::string_view happened,
                                      std::string_view expected, std::string_view mend);

}  // namespace ipm
