#pragma once
// What a document is, by its first bytes: one answer for the server, when a client does not say,
// and for the client, which does.

#include <cstddef>
#include <string_view>

namespace ipm::ipp {

inline constexpr std::size_t kFormatGuessBytes = 64;  // enough of a document to tell

// "application/pdf" and the like; application/octet-stream where nothing is recognised.
std::string_view guess_format(std::string_view first_bytes);

}  // namespace ipm::ipp
