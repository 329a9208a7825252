#pragma once
// Every bound of the output floor.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ipm::output {

inline constexpr std::size_t kPieceBytes = 128U << 10U;   // read from a document at a time
inline constexpr std::size_t kFileNameBytesMax = 120;     // of the part taken from a name
inline constexpr std::size_t kDeviceWordsBytesMax = 300;  // of a device's own words in a text
inline constexpr std::size_t kReasonsMax = 16;            // printer-state-reasons that are kept
inline constexpr std::size_t kReasonBytesMax = 60;        // of each
inline constexpr std::uint64_t kBackTalkBytesMax = 64U
                                                   << 20U;  // read and dropped from a raw device

// Threads for what may hang in a device's file system.
inline constexpr std::size_t kDeviceThreadsMax = 64;     // in all
inline constexpr std::size_t kThreadsPerFileSystem = 2;  // of those

// Nothing here limits how long a living device may take for a document: without paper that is days.
struct Patience {
  std::chrono::milliseconds connect{15'000};  // all addresses of a device
  std::chrono::milliseconds look{2'000};      // between looks at a connection or a job under way
  std::chrono::milliseconds quiet{10'000};    // without progress before that is told
  // Nothing acknowledged for so long, though something should be: the device is dead. The system
  // asks a device without room every two minutes at the least often.
  std::chrono::milliseconds silent{600'000};
  std::chrono::milliseconds raw_end{
      30'000};  // for a raw device to close, where it is not waited for
  std::chrono::milliseconds answer{60'000};  // of a short question
  std::chrono::milliseconds goodbye{5'000};  // of a device that is told to forget a job
  std::chrono::milliseconds beside{60'000};  // without a reply: ask on a second connection
  std::chrono::milliseconds lost{60'000};    // a device that does not answer while it prints
  std::chrono::milliseconds incoming{
      60'000};  // for a device to notice that it has a whole document
  std::chrono::milliseconds follow_first{250};  // between looks at a job's state, growing
  std::chrono::milliseconds follow_longest{10'000};
};

// Of what a device says of itself.
inline constexpr std::size_t kDescriptionAttributesMax = 400;
inline constexpr std::size_t kDescriptionValuesMax = 500;  // of one attribute
inline constexpr std::size_t kDescriptionBytesMax = 256U << 10U;
inline constexpr std::chrono::minutes kCapabilitiesLive{10};  // until a device is asked again
inline constexpr int kJobsListed = 100;  // that a device is asked for, to find one of ours
inline constexpr std::uint64_t kRestartSlack = 1;  // seconds, of rounding: a doubt is the safe side
inline constexpr int kUpTimeSlack = 2;             // of a device's own clock, seconds

}  // namespace ipm::output
