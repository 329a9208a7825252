#pragma once
// The io_contexts of connections and deliveries, and a thread for each.

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

namespace ipm::app {

class IoThreads {
 public:
  explicit IoThreads(std::size_t count);
  IoThreads(const IoThreads&) = delete;
  IoThreads& operator=(const IoThreads&) = delete;
  ~IoThreads();  // joins; then the coroutines that are left are destroyed with their contexts

  std::vector<boost::asio::io_context*> contexts() const;
  boost::asio::io_context& first() { return *contexts_.front(); }

  // The first context is run by the calling thread, until stop().
  void run();
  void stop();  // any thread
  void join();

 private:
  std::vector<std::unique_ptr<boost::asio::io_context>> contexts_;
  std::vector<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> guards_;
  std::vector<std::thread> threads_;
};

}  // namespace ipm::app
