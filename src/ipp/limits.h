#pragma once
// Every bound of this floor. The text lengths are RFC 8011's (5.1); the rest is ours.

#include <cstddef>
#include <cstdint>

namespace ipm::ipp {

// What one attribute section (everything before the document) may cost a reader.
struct DecodeLimits {
  std::size_t section_bytes_max;
  std::size_t groups_max;
  std::size_t attributes_max;  // in the whole message, members of collections included
  std::size_t values_max;      // in the whole message
};

// For a server reading requests: those of real clients take some kilobytes.
inline constexpr DecodeLimits kRequestLimits{1U << 20U, 1024, 8192, 65536};
// For a client reading replies: a Get-Jobs reply has one group a job. Decoded, it takes
// some 300 MB at the very worst.
inline constexpr DecodeLimits kReplyLimits{32U << 20U, 100'000, 1'000'000, 2'000'000};

inline constexpr std::size_t kHeaderBytes = 8;  // version, code, request-id (RFC 8010, 3.1.1)
inline constexpr std::size_t kCollectionDepthMax = 8;  // collections inside collections
inline constexpr std::size_t kNameBytesMax = 255;  // attribute names are keywords (RFC 8011, 5.1.4)
inline constexpr std::size_t kValueBytesMax = 32767;  // a SIGNED-SHORT (RFC 8010, 3.1.4)

// RFC 8011, 5.1: the longest value of each type, in octets.
inline constexpr std::size_t kTextBytesMax = 1023;
inline constexpr std::size_t kNameValueBytesMax = 255;
inline constexpr std::size_t kKeywordBytesMax = 255;
inline constexpr std::size_t kUriValueBytesMax = 1023;
inline constexpr std::size_t kUriSchemeBytesMax = 63;
inline constexpr std::size_t kCharsetBytesMax = 63;
inline constexpr std::size_t kNaturalLanguageBytesMax = 63;
inline constexpr std::size_t kMimeMediaTypeBytesMax = 255;
inline constexpr std::size_t kOctetStringBytesMax = 1023;

// Unpacking compressed documents. Blank pages pack 1000 to 1, so the ratio counts only beyond a
// size that a bomb would have to reach anyway.
inline constexpr std::uint64_t kInflateRatioMax = 200;
inline constexpr std::uint64_t kInflateRatioFreeBytes = 256U << 20U;

// Options on a command line: -o name=value.
inline constexpr std::size_t kOptionBytesMax = 64U << 10U;

}  // namespace ipm::ipp
