#pragma once
// Rate-limits log lines that remote peers can cause: for each peer and message one line in each
// `pause`, then a summary with the last of them. Nobody fills the disk from outside, and yet the
// newest mistake of somebody who tries again and again can be read.

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "os/clock.h"

namespace ipm::net {

// Safe to call from any thread.
class ThrottledLog {
 public:
  using Time = os::SteadyClock::time_point;

  // `log` may be null; otherwise it outlives this.
  ThrottledLog(const Log* log, std::chrono::milliseconds pause) : log_(log), pause_(pause) {}

  // `who` is the stranger's address without its port.
  void write(std::string_view who, Message message, std::string_view text, Time now);
  void write(std::string_view who, const Error& error, Time now);

  // Writes the counts of the windows that are over. Called now and then, and at the end with `all`.
  void flush(Time now, bool all = false);

 private:
  struct Window {
    Time end = {};
    std::uint64_t suppressed = 0;
    std::string last;  // of those; at most kThrottledTextBytesMax
  };
  using Key = std::pair<std::string, Message>;
  // Whether to write `text` now; opens a window.
  bool admit(std::string_view who, Message message, std::string_view text, Time now);

  const Log* log_;
  std::chrono::milliseconds pause_;
  std::mutex mutex_;
  std::map<Key, Window> windows_;
  std::uint64_t overflown_ = 0;  // lines of strangers that found no place in windows_
};

}  // namespace ipm::net
