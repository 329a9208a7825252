#include "events/stream.h"

#include <algorithm>
#include <utility>

namespace ipm::events {

std::uint64_t Stream::publish(Event event) {
  std::uint64_t sequence = 0;
  {
    const std::lock_guard lock(mutex_);
    sequence = ++last_;
    event.sequence = sequence;
    events_.push_back(std::move(event));
    if (events_.size() > kept_) events_.pop_front();
  }
  news_.notify_all();
  return sequence;
}

Stream::Read Stream::after(std::uint64_t sequence, std::size_t count_max) const {
  const std::lock_guard lock(mutex_);
  Read read;
  const std::uint64_t gone = last_ - events_.size();  // the number of the last event that is gone
  const std::uint64_t from = std::max(sequence, gone);
  read.missed = from - sequence;
  for (std::uint64_t at = from; at < last_ && read.events.size() < count_max; ++at) {
    read.events.push_back(events_[static_cast<std::size_t>(at - gone)]);
  }
  return read;
}

std::uint64_t Stream::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

bool Stream::wait(std::uint64_t sequence, std::chrono::milliseconds wait) const {
  std::unique_lock lock(mutex_);
  news_.wait_for(lock, wait, [&] { return closed_ || last_ > sequence; });
  return last_ > sequence;
}

void Stream::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  news_.notify_all();
}

bool Stream::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

}  // namespace ipm::events
