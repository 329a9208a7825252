#pragma once
// Fairness among the sessions of one thread. An operation that need not wait does not suspend, so a
// peer that always has bytes ready would keep the thread to itself.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>

#include "http/limits.h"

namespace ipm::http {

class Turn {
 public:
  // Whether so much has been moved that others should have their turn: then await others_go().
  bool is_over(std::size_t bytes_moved) {
    moved_ += bytes_moved + kTurnStepBytes;
    if (moved_ < kTurnBytes) return false;
    moved_ = 0;
    return true;
  }

 private:
  std::size_t moved_ = 0;
};

inline auto others_go(const boost::asio::any_io_executor& executor) {
  return boost::asio::post(executor, boost::asio::use_awaitable);
}

}  // namespace ipm::http
