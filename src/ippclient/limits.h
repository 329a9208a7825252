#pragma once
// Every bound of the IPP client's floor.

#include <cstddef>

namespace ipm::ippclient {

inline constexpr std::size_t kReplyBytesMax = 4U << 20U;
inline constexpr std::size_t kWordsBytesMax = 600;  // of a foreign server, in one message
inline constexpr int kAuthorizationsMax = 3;        // in a row, without success between
inline constexpr std::size_t kCredentialsBytesMax = 1024;
inline constexpr std::size_t kChallengesBytesMax = 8U << 10U;

}  // namespace ipm::ippclient
