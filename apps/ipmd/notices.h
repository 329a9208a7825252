#pragma once
// Lines for the log from the thread that waits for nothing: they are written on a thread of their
// own, for the log's disk may hang like any other.

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <string>
#include <utility>

#include "base/log.h"

namespace ipm::app {

class Notices {
 public:
  explicit Notices(const Log& log) : log_(log) {}  // `log` outlives it
  Notices(const Notices&) = delete;
  Notices& operator=(const Notices&) = delete;

  // Any thread; returns at once.
  void write(std::string text) {
    boost::asio::post(thread_,
                      [this, text = std::move(text)] { log_.write(Message::Notice, text); });
  }
  // Waits for what is being written.
  void join() { thread_.join(); }

 private:
  const Log& log_;
  boost::asio::thread_pool thread_{1};
};

}  // namespace ipm::app
