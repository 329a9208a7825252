#include "events/follower.h"

#include <utility>

namespace ipm::events {

Follower::Follower(std::shared_ptr<const Stream> stream, std::function<void(const Event&)> each,
                   std::function<void(std::uint64_t)> missed)
    : stream_(std::move(stream)),
      each_(std::move(each)),
      missed_(std::move(missed)),
      read_(stream_->last()),
      thread_([this] { run(); }) {}

Follower::~Follower() {
  thread_.join();
}

void Follower::run() {
  constexpr std::chrono::hours kWait{1};  // Only an upper bound: news and the end wake it.
  while (stream_->wait(read_, kWait) || !stream_->closed()) {
    const auto read = stream_->after(read_);
    if (read.missed > 0) missed_(read.missed);
    read_ += read.missed + read.events.size();
    for (const Event& event : read.events) each_(event);
  }
}

}  // namespace ipm::events
