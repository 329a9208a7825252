#pragma once
// The waits and numbers of ipmd's threads, by name.

#include <chrono>
#include <cstddef>

namespace ipm::app {

inline constexpr std::size_t kIntakeThreads = 4;                // documents to and from the spool
inline constexpr std::chrono::milliseconds kLookPause{500};     // of the supervisor; S6: 2 s
inline constexpr std::chrono::milliseconds kReloadSlow{2'000};  // then the log says so
inline constexpr std::chrono::seconds kDeviceSlow{10};          // then the log names the device
inline constexpr std::chrono::seconds kDeviceSlowAgain{600};    // and again after this time
inline constexpr std::chrono::seconds kTendEvery{5};

// From the signal on, each as a moment of the whole stop.
inline constexpr std::chrono::milliseconds kReplyGrace{6'000};     // requests under way end
inline constexpr std::chrono::milliseconds kDeliveryGrace{8'500};  // deliveries are put back
inline constexpr std::chrono::milliseconds kStopGrace{10'000};     // the process is no more

inline constexpr std::chrono::milliseconds kLastLineWait{500};  // for the log, before _exit

}  // namespace ipm::app
