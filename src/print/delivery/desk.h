#pragma once
// What a deliverer asks of the manager.

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "os/clock.h"
#include "output/driver.h"

namespace ipm::print {

class DeliveryDesk {
 public:
  using Time = os::SteadyClock::time_point;

  // What a device is to print now; without that, when to look again though nothing happens.
  struct Turn {
    std::optional<output::Assignment> assignment;
    std::optional<Time> look_again;
    bool canceled = false;  // somebody asked for its end while it was being taken
  };

  virtual ~DeliveryDesk() = default;

  // Which settings the device has; another number whenever they change. Absent: it was removed.
  virtual std::optional<std::uint64_t> version(std::string_view device) const = 0;
  // Makes the device's driver; blocks. Throws Error when it cannot be made.
  virtual std::unique_ptr<output::Driver> make_driver(std::string_view device) const = 0;
  // It could not be made: returns when to try again.
  virtual Time absent(std::string_view device, const std::string& why) = 0;

  // It was made: what was said of its absence is over.
  virtual void ready(std::string_view device) = 0;

  // Marks the job as being printed; that is durable when it returns: what a device has though it is
  // recorded as waiting would be sent again after a crash, and nobody would know. `version` is that
  // of the driver: one for settings that hold no longer gets nothing.
  virtual boost::asio::awaitable<Turn> take(std::string device, std::uint64_t version) = 0;
  // The device has the job under its own number; durable when it returns, else throws Error.
  virtual boost::asio::awaitable<void> accepted(std::string device, int job,
                                                output::DeviceJob there) = 0;
  // Records the outcome. Where that ends the job, the next one is taken with it, in one change,
  // as long as the device's settings are those of `version`; without one, take() says when to look
  // again. Nothing when it could not be made durable: it is to be brought again.
  virtual boost::asio::awaitable<std::optional<Turn>> settle(std::string device, int job,
                                                             output::Result result,
                                                             std::uint64_t version) = 0;
  virtual void report(std::string_view device, int job, std::string_view text,
                      std::vector<std::string> reasons) = 0;
  // What the device said of itself. What it can do holds over a restart.
  virtual boost::asio::awaitable<void> described(
      std::string device, std::uint64_t version,
      std::optional<output::DeviceDescription> description) = 0;
  // It was asked and did not answer: what is known of it stays.
  virtual void not_described(std::string_view device, std::uint64_t version,
                             const std::string& why) = 0;
};

}  // namespace ipm::print
