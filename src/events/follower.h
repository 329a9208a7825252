#pragma once
// A thread that reads a stream from its present end and hands each event on, in order, to where
// slow work (a log's flush) hurts nobody.

#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

#include "events/stream.h"

namespace ipm::events {

class Follower {
 public:
  // Both run on the follower's thread and do not throw. `missed` is told how many events were gone
  // before they could be read.
  Follower(std::shared_ptr<const Stream> stream, std::function<void(const Event&)> each,
           std::function<void(std::uint64_t)> missed);
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;
  // Returns when all that was published before the stream was closed has been handed on. The stream
  // must have been closed.
  ~Follower();

 private:
  void run();

  std::shared_ptr<const Stream> stream_;
  std::function<void(const Event&)> each_;
  std::function<void(std::uint64_t)> missed_;
  std::uint64_t read_;
  std::thread thread_;
};

}  // namespace ipm::events
