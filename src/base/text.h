#pragma once
// Small helpers for text: hexadecimal, splitting, and making foreign text harmless to print.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ipm {

std::string to_hex(std::span<const unsigned char> bytes);                    // "0a1b"
std::string to_hex_colons(std::span<const unsigned char> bytes);             // "0A:1B"
std::optional<std::vector<unsigned char>> parse_hex(std::string_view text);  // both forms, any case

// Foreign text for a log line or a terminal: control characters, DEL, what reorders or breaks a line
// (U+2028 to U+202E, U+2066 to U+2069; UAX #9) and broken UTF-8 become \xNN, a backslash doubles, and more than `bytes_max` bytes are cut with "…". Never contains a line
// break.
std::string printable(std::string_view text, std::size_t bytes_max = 256);

bool is_utf8(std::string_view text);  // well-formed (RFC 3629); empty text is

// At most `bytes_max` bytes of the front of `text`, never ending within a UTF-8 character.
std::string_view cut_utf8(std::string_view text, std::size_t bytes_max);

// Text for other programs and devices: each control character becomes a blank, what is no UTF-8
// becomes U+FFFD, and at most `bytes_max` bytes are kept, cut at a character.
std::string plain_text(std::string_view text, std::size_t bytes_max);

std::vector<std::string_view> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);       // ASCII blanks at both ends
std::string to_lower_ascii(std::string_view text);  // A-Z only
bool equal_ascii_nocase(std::string_view a, std::string_view b);

}  // namespace ipm
