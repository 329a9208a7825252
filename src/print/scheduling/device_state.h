#pragma once
// How an actual destination is doing, and how an attempt changes that. Nothing of it outlives the
// server; what an administrator said of the device is in the topology.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "os/clock.h"
#include "output/driver.h"

namespace ipm::print {

struct DeviceState {
  using Time = os::SteadyClock::time_point;

  int job = 0;                       // the job under way, or 0
  std::string text;                  // what it says of the job under way
  std::vector<std::string> reasons;  // printer-state-reasons; empty means "none"
  std::string message;               // printer-state-message
  int failures = 0;                  // attempts in a row that failed by the device's own fault
  std::chrono::milliseconds pause{0};
  Time not_before{};       // takes nothing before then
  bool unwritten = false;  // what it did could not be recorded yet: it takes nothing until then
};

// The pause after `pause`: kRetryPauseFirst, doubled each time up to kRetryPauseMax.
std::chrono::milliseconds longer(std::chrono::milliseconds pause);

// After a delivery ended; `now` is when.
DeviceState after_delivery(DeviceState state, const output::Result& result, DeviceState::Time now);

// The device could not even be tried: its address has no driver, its folder is gone.
DeviceState after_absence(DeviceState state, std::string text, DeviceState::Time now);

// How long a job that failed so often by its own fault lets others go first.
std::chrono::milliseconds job_pause(int attempts);

}  // namespace ipm::print
