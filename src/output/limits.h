#pragma once
// Every bound of the output floor.

#include <chrono>
#include <cstddef>

namespace ipm::output {

inline constexpr std::size_t kPieceBytes = 128U << 10U;  // read from a document at a time
inline constexpr std::chrono::seconds kConnectWait{15};
inline constexpr std::chrono::seconds kWriteWait{
    120};  // a printer that is busy printing reads slowly
inline constexpr std::chrono::seconds kCloseWait{
    30};  // for a raw printer to close after the last byte
inline constexpr std::chrono::milliseconds kFollowPauseFirst{
    250};  // between looks at a job's state
inline constexpr std::chrono::milliseconds kFollowPauseMax{10'000};
inline constexpr std::size_t kFileNameBytesMax = 120;  // of the part taken from a document's name

}  // namespace ipm::output
