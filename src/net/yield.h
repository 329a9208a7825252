#pragma once
// Fairness among the coroutines of one thread. An operation that need not wait does not suspend, so
// a peer that always has bytes ready would keep the thread to itself.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>

#include "net/limits.h"

namespace ipm::net {

class YieldBudget {
 public:
  // Whether so much has been moved that others should have their turn: then await yield_now().
  bool is_spent(std::size_t bytes_moved) {
    moved_ += bytes_moved + kYieldStepBytes;
    if (moved_ < kYieldBytes) return false;
    moved_ = 0;
    return true;
  }

 private:
  std::size_t moved_ = 0;
};

inline auto yield_now(const boost::asio::any_io_executor& executor) {
  return boost::asio::post(executor, boost::asio::use_awaitable);
}

}  // namespace ipm::net
