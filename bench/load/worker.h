#pragma once
// A thread's share of the connections, driven by one epoll.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/files.h"
#include "load/connection.h"

namespace ipm::bench {

using SteadyClock = std::chrono::steady_clock;

// How much there is to do, for all threads together.
class Budget {
 public:
  Budget(std::uint64_t count, double seconds);

  bool take();  // one request more
  bool is_over() const { return SteadyClock::now() >= end_; }

 private:
  bool counted_;
  std::atomic<std::int64_t> left_;
  SteadyClock::time_point end_;
};

struct Tally {
  std::vector<float> latencies;  // of requests that were answered, in milliseconds
  std::uint64_t failed = 0;
  std::string first_failure;
};

class Worker {
 public:
  // `connections` of the setup's, numbered from `first` on.
  Worker(const Setup& setup, int connections, int first);

  // Until the budget is used up and what is under way has ended. Each connection has one request
  // under way at a time. Connections stay open for the next call.
  Tally run(Budget& budget);
  // Opens all of them, at most `at_once` under way, and leaves them open.
  Tally open_all(int at_once);

  std::size_t open_count() const;

 private:
  struct Lane {
    Lane(const Setup& setup, int epoll, unsigned number) : connection(setup, epoll, number) {}
    Connection connection;
    SteadyClock::time_point begun;
    bool busy = false;
  };

  bool start(Lane& lane, Tally& tally);  // false: it could not be begun
  // Whether the lane's request has ended.
  bool advance(Lane& lane, Tally& tally);
  template <class Ended>
  void drive(std::size_t& busy, Tally& tally, const Budget& budget, Ended ended);

  FileHandle epoll_;
  std::uint32_t first_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace ipm::bench
