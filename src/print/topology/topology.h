#pragma once
// The destinations of all three kinds and how they hang together, as one value. A logical
// destination feeds one queue, which others may feed too; a queue feeds any number of devices, and
// a device may be fed by several queues. A change to it is a value as well: it is written as a whole
// and takes effect as a whole.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "print/limits.h"
#include "print/topology/destination.h"

namespace ipm::print {

struct Topology {
  std::map<std::string, LogicalDestination, std::less<>> logical;
  std::map<std::string, Queue, std::less<>> queues;
  std::map<std::string, ActualDestination, std::less<>> devices;
  std::string default_printer;  // the name of a logical destination; empty where there is none

  const LogicalDestination* find_logical(std::string_view name) const;
  const Queue* find_queue(std::string_view name) const;
  const ActualDestination* find_device(std::string_view name) const;
  // Throws Error{PrinterNotFound}.
  const LogicalDestination& logical_at(std::string_view name) const;

  // Names of what prints the jobs of a logical destination, in the queue's order; empty where
  // there is no such destination.
  std::vector<std::string> devices_of(std::string_view logical) const;
  // Names of the logical destinations whose jobs `device` prints.
  std::vector<std::string> fed_by(std::string_view device) const;
  // The queue that jobs for `logical` wait in; without such a destination a queue of the same name,
  // which feeds nothing.
  const std::string& queue_of(const std::string& logical) const;
};

// Each destination named here replaces the one of its kind and name, or is new.
struct TopologyChange {
  std::vector<LogicalDestination> logical;
  std::vector<Queue> queues;
  std::vector<ActualDestination> devices;
  std::vector<std::string> removed_logical;
  std::vector<std::string> removed_queues;
  std::vector<std::string> removed_devices;
  std::optional<std::string> default_printer;

  bool empty() const;
};

void apply(Topology& topology, const TopologyChange& change);

// Logical destinations without a queue, queues without devices: they are taken out of `topology`,
// and so is what they name. Each such logical destination is a line for the log; a queue that none
// feeds is nobody's loss. The default is set where it is missing or names nothing.
std::vector<std::string> repair(Topology& topology);

// --- Changes. All throw Error{PrinterNotFound} for a destination that is not there.

// A destination with a queue and a device of its own; the first one becomes the default. Throws
// Error{PrinterExists, TooManyJobs}.
TopologyChange add_destination(const Topology& topology, const DestinationOrder& order,
                               std::string uuid, TimePoint now,
                               std::size_t destinations_max = kDestinationsMax);
TopologyChange modify_destination(const Topology& topology, std::string_view name,
                                  const DestinationChange& wanted, TimePoint now);
// With its queue and devices, as far as nothing else uses them. The default moves to the oldest.
TopologyChange remove_destination(const Topology& topology, std::string_view name);
// Pauses the queue; resuming resumes its devices too. `why` is for people; empty: nothing was said.
TopologyChange pause_destination(const Topology& topology, std::string_view name, bool paused,
                                 std::string why, TimePoint now);
// Stops the device, and with it the destinations that it prints for.
TopologyChange pause_device(const Topology& topology, std::string_view device, std::string why,
                            TimePoint now);
TopologyChange accept_jobs(const Topology& topology, std::string_view name, bool accepting,
                           TimePoint now);
TopologyChange set_default(const Topology& topology, std::string_view name);

[[noreturn]] void no_such_printer(std::string_view name);

}  // namespace ipm::print
