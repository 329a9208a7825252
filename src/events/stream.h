#pragma once
// What happens, in the order in which it happened: one bounded stream that everybody reads who
// wants to know (the log, subscriptions, tests). The oldest events make room for new ones; a reader
// that comes too late is told how many it missed. Safe to call from any thread.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "events/limits.h"

namespace ipm::events {

enum class What : std::uint8_t {
  JobAdded,
  JobChanged,
  PrinterAdded,
  PrinterChanged,
  PrinterRemoved,
  DeviceChanged,
  DefaultChanged,
};

// What an event is about, as it was at one moment. The floors above derive their values from it.
struct Subject {
  Subject() = default;
  Subject(const Subject&) = default;
  Subject(Subject&&) = default;
  Subject& operator=(const Subject&) = default;
  Subject& operator=(Subject&&) = default;
  virtual ~Subject() = default;
};
using SubjectPtr = std::shared_ptr<const Subject>;

struct Event {
  std::uint64_t sequence = 0;  // from 1, without gaps
  TimePoint at{};
  What what = What::JobAdded;
  std::string which;  // a job's number, a destination's name
  SubjectPtr before;  // null where there was nothing
  SubjectPtr after;   // null where there is nothing any more
};

class Stream {
 public:
  explicit Stream(std::size_t kept = kEventsKept) : kept_(kept) {}

  // Numbers the event and returns its number.
  std::uint64_t publish(Event event);

  struct Read {
    std::vector<Event> events;
    std::uint64_t missed = 0;  // so many that were asked for are gone
  };
  // Events after `sequence`, the oldest first.
  Read after(std::uint64_t sequence, std::size_t count_max = kEventsReadAtOnce) const;
  std::uint64_t last() const;

  // Blocks until there is an event after `sequence`, or the stream is closed, or `wait` is over;
  // true when there is one.
  bool wait(std::uint64_t sequence, std::chrono::milliseconds wait) const;

  // Nobody waits any more.
  void close();
  bool closed() const;

 private:
  const std::size_t kept_;
  mutable std::mutex mutex_;
  mutable std::condition_variable news_;
  std::deque<Event> events_;  // the last one has the number last_
  std::uint64_t last_ = 0;
  bool closed_ = false;
};

}  // namespace ipm::events
