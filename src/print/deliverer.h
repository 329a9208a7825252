#pragma once
// The life of one actual destination: waits for work, takes a job from its queue, has the driver
// deliver it, records the outcome, and pauses ever longer while the device is away.

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "output/driver.h"

namespace ipm::print {

// What a deliverer asks of the manager. `take` marks the job as processing; `settle` records the
// outcome and returns the pause before the next attempt.
struct DeliveryDesk {
  std::function<std::optional<output::Assignment>(const std::string& destination)> take;
  std::function<std::chrono::milliseconds(const std::string& destination, int job,
                                          const output::Result&)>
      settle;
  std::function<void(const std::string& destination, int job, std::string_view text,
                     std::vector<std::string> reasons)>
      report;
};

class Deliverer : public std::enable_shared_from_this<Deliverer> {
 public:
  Deliverer(std::string destination, std::shared_ptr<const output::Driver> driver,
            DeliveryDesk desk, boost::asio::io_context& context,
            std::function<void(std::exception_ptr)> failed);

  // All three from any thread.
  void start();
  void wake(bool at_once);  // there may be work; `at_once` also ends a pause
  void cancel(int job);     // ends the delivery of that job, if it is under way
  void stop();              // ends the delivery under way and the deliverer

  bool ended() const { return ended_.load(); }

 private:
  boost::asio::awaitable<void> run();
  boost::asio::awaitable<void> sleep(std::chrono::steady_clock::time_point until);

  std::string destination_;
  std::shared_ptr<const output::Driver> driver_;
  DeliveryDesk desk_;
  boost::asio::io_context& context_;
  std::function<void(std::exception_ptr)> failed_;

  // Of the context's thread alone.
  boost::asio::steady_timer timer_;
  std::unique_ptr<output::Cancellation> under_way_;
  int job_ = 0;
  bool poked_ = false;
  bool hurry_ = false;
  bool stopping_ = false;

  std::atomic<bool> ended_{false};
};

}  // namespace ipm::print
