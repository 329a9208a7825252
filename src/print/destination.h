#pragma once
// Logical destinations, queues and actual destinations (ISO 10175; B2): a client prints to a
// logical destination, which feeds a queue, which feeds one or many actual destinations.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ipp/constants.h"
#include "ipp/encoder.h"
#include "output/driver.h"

namespace ipm::print {

// What clients see as a printer.
struct LogicalDestination {
  std::string name;  // [A-Za-z0-9._-], begins with a letter or digit
  std::string info;
  std::string location;
  std::string uuid;   // "urn:uuid:…"
  std::string queue;  // by name
  bool accepting = true;
  TimePoint state_changed{};
  // The attributes that only an administrator changes, ready for the wire.
  std::shared_ptr<const ipp::EncodedAttributes> description;
  // media-col-database, which is long and sent only when it is asked for by name.
  std::shared_ptr<const ipp::EncodedAttributes> on_request;
  // The same as values, to judge what jobs ask for.
  std::shared_ptr<const ipp::AttributeList> supported;
};

// A device, its driver and how it is doing.
struct ActualDestination {
  std::string name;
  std::string device_uri;
  std::shared_ptr<const output::Driver> driver;
  bool paused = false;  // by an operator: Pause-Printer
  ipp::PrinterState state = ipp::PrinterState::Idle;
  std::vector<std::string> reasons;  // printer-state-reasons; empty means "none"
  std::string message;
  int job = 0;                         // the job under way, or 0
  std::chrono::milliseconds pause{0};  // before the next attempt, while the device is away
};

// Throws Error{NameInvalid}: 1 to 127 of [A-Za-z0-9._-], beginning with a letter or a digit.
void check_destination_name(const std::string& name);

// printer-settable parts of a new destination.
struct DestinationOrder {
  std::string name;
  std::string device_uri;
  std::string info;
  std::string location;
};

}  // namespace ipm::print
