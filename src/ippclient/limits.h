#pragma once
// Every bound of the IPP client's floor.

#include <cstddef>

namespace ipm::ippclient {

inline constexpr std::size_t kReplyBytesMax = 4U << 20U;
inline constexpr std::size_t kWordsBytesMax = 600;  // of a foreign server, in one message

}  // namespace ipm::ippclient
