#pragma once
// The topology as the spool keeps it: one record for each destination, the default as a setting.
// The part that the spool need not understand is an encoded IPP message.

#include <map>
#include <string>
#include <vector>

#include "print/topology/topology.h"
#include "spool/change.h"

namespace ipm::print {

// Adds what makes the change durable to `changes`.
void add_records(const TopologyChange& change, std::vector<spool::Change>& changes);

// A destination whose blob cannot be read keeps what the spool understands of it, and a device then
// is paused: its settings are unknown. Each is a line for the log in `complaints`.
Topology topology_of(const std::vector<spool::Destination>& records,
                     const std::map<std::string, std::string>& settings,
                     std::vector<std::string>& complaints);

}  // namespace ipm::print
