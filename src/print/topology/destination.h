#pragma once
// Logical destinations, queues and actual destinations (ISO 10175; B2): a client prints to a
// logical destination, which feeds a queue, which feeds one or many actual destinations.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "ipp/encoder.h"
#include "output/driver.h"
#include "print/scheduling/error_policy.h"

namespace ipm::print {

// What clients see as a printer.
struct LogicalDestination {
  std::string name;  // [A-Za-z0-9._-], begins with a letter or digit
  std::string info;
  std::string location;
  std::string uuid;   // "urn:uuid:…"
  std::string queue;  // by name
  bool accepting = true;
  TimePoint created{};
  TimePoint state_changed{};
  // The attributes that only an administrator changes, ready for the wire.
  std::shared_ptr<const ipp::EncodedAttributes> description;
  // media-col-database, which is long and sent only when it is asked for by name.
  std::shared_ptr<const ipp::EncodedAttributes> on_request;
  // The same as values, to judge what jobs ask for.
  std::shared_ptr<const ipp::AttributeList> supported;
};

// The order in which jobs wait, and the devices that print them.
struct Queue {
  std::string name;
  std::vector<std::string> devices;  // names of actual destinations; at least one
  bool paused = false;               // by an operator: Pause-Printer
  std::string message = {};          // what that operator said of it

  bool feeds(std::string_view device) const;
};

// A device, as an administrator describes it. How it is doing is a DeviceState.
struct ActualDestination {
  std::string name;
  std::string device_uri;
  output::DeviceSettings settings;
  ErrorPolicy policy;
  bool paused = false;  // the device itself, by its error policy
  std::string message;  // why it is paused
  // What a device that can be asked last said that it can do: it holds until the device answers
  // again, after a restart too.
  ipp::AttributeList said = {};
};

// What can be done where an attempt may have left something at the device.
struct Recourse {
  bool can_ask = false;   // the device answers for what it has
  bool replaces = false;  // a second delivery replaces the first (files)
};
Recourse recourse_at(const ActualDestination& device);

// printer-settable parts of a new destination.
struct DestinationOrder {
  std::string name;
  std::string device_uri;
  std::string info;
  std::string location;
  output::DeviceSettings settings = {};
  ErrorPolicy policy = {};
};

// What of an existing destination is to be changed; the rest stays as it is.
struct DestinationChange {
  std::optional<std::string> info;
  std::optional<std::string> location;
  std::optional<std::string> device_uri;
  std::optional<bool> wait_for_end;
  std::optional<std::string> credentials;  // path; empty: none
  std::optional<ipp::AttributeList> declared;
  std::optional<OnFailure> on_failure;
  std::optional<OnDoubt> on_doubt;
  std::optional<int> attempts;
};

}  // namespace ipm::print
