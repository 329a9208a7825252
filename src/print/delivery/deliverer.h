#pragma once
// The life of one actual destination: waits for work, takes a job, has the driver deliver it, and
// records the outcome before it takes the next. Beside that it asks the device every so often what
// it can do and how it is.

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "os/timer.h"
#include "output/driver.h"
#include "print/delivery/desk.h"

namespace ipm::print {

class Deliverer : public std::enable_shared_from_this<Deliverer> {
 public:
  struct Options {
    std::string device;
    boost::asio::io_context* context = nullptr;
    output::DevicePool* devices = nullptr;  // where drivers are made
    std::function<os::SteadyClock::time_point()> monotonic;
    std::function<void(std::exception_ptr)> failed;
  };
  Deliverer(Options options, std::shared_ptr<DeliveryDesk> desk);

  // All from any thread.
  void start();
  void wake();           // there may be work, or other settings
  void cancel(int job);  // ends the delivery of that job, if it is under way
  void leave(int job);   // ends our part in it; the device goes on with what it has
  void stop();           // leaves the delivery under way and ends the deliverer
  // After stop(): what could not be recorded yet is given up.
  void give_up();

  bool ended() const { return running_.load() == 0; }
  const std::string& device() const { return options_.device; }

 private:
  boost::asio::awaitable<void> run();
  // Returns what is to be delivered next, if that is known already.
  boost::asio::awaitable<DeliveryDesk::Turn> deliver(DeliveryDesk::Turn taken);
  boost::asio::awaitable<void> describe();
  boost::asio::awaitable<bool> make_driver();
  boost::asio::awaitable<void> sleep(os::Timer& timer, os::SteadyClock::time_point until);
  void begin(boost::asio::awaitable<void> work);

  Options options_;
  std::shared_ptr<DeliveryDesk> desk_;

  // Of the context's thread only.
  os::Timer timer_;
  os::Timer describe_timer_;
  std::shared_ptr<const output::Driver> driver_;
  std::uint64_t version_ = 0;  // of the driver
  std::unique_ptr<output::Cancellation> under_way_;
  std::unique_ptr<output::Cancellation> describing_;
  int job_ = 0;
  bool poked_ = false;
  bool stopping_ = false;
  bool given_up_ = false;

  std::atomic<int> running_{0};  // coroutines
};

}  // namespace ipm::print
