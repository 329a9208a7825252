// The changes that an administrator makes to destinations. See topology.h.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "ipp/destination_name.h"
#include "print/limits.h"
#include "print/topology/topology.h"

namespace ipm::print {
namespace {

void check_policy(const ErrorPolicy& policy) {
  if (policy.attempts >= 1 && policy.attempts <= kAttemptsMax) return;
  throw Error(Message::AttributesUnsupported,
              fmt::format("{} attempts are not possible", policy.attempts),
              fmt::format("1 to {}", kAttemptsMax));
}

}  // namespace

TopologyChange add_destination(const Topology& topology, const DestinationOrder& order,
                               std::string uuid, TimePoint now, std::size_t destinations_max) {
  ipp::check_destination_name(order.name);
  check_policy(order.policy);
  if (topology.logical.contains(order.name) || topology.queues.contains(order.name) ||
      topology.devices.contains(order.name)) {
    throw Error(Message::PrinterExists,
                fmt::format("there already is a destination '{}'", order.name), "a new name",
                fmt::format("choose another name, or first: ipm printer delete {}", order.name));
  }
  if (topology.logical.size() >= destinations_max) {
    throw Error(Message::TooManyJobs, fmt::format("there are {} destinations", destinations_max),
                "fewer destinations", "delete some: ipm printer delete NAME");
  }
  LogicalDestination logical;
  logical.name = order.name;
  logical.info = order.info;
  logical.location = order.location;
  logical.uuid = std::move(uuid);
  logical.queue = order.name;
  logical.created = now;
  logical.state_changed = now;
  ActualDestination device;
  device.name = order.name;
  device.device_uri = order.device_uri;
  device.settings = order.settings;
  device.policy = order.policy;
  TopologyChange change;
  change.devices.push_back(std::move(device));
  change.queues.push_back({order.name, {order.name}, false});
  change.logical.push_back(std::move(logical));
  if (topology.default_printer.empty()) change.default_printer = order.name;
  return change;
}

TopologyChange modify_destination(const Topology& topology, std::string_view name,
                                  const DestinationChange& wanted, TimePoint now) {
  TopologyChange change;
  LogicalDestination logical = topology.logical_at(name);
  if (wanted.info) logical.info = *wanted.info;
  if (wanted.location) logical.location = *wanted.location;
  logical.state_changed = now;
  change.logical.push_back(std::move(logical));

  const bool of_device = wanted.device_uri || wanted.wait_for_end || wanted.credentials ||
                         wanted.declared || wanted.on_failure || wanted.on_doubt || wanted.attempts;
  if (!of_device) return change;
  const auto devices = topology.devices_of(name);
  if (wanted.device_uri && devices.size() != 1) {
    throw Error(Message::AttributesUnsupported,
                fmt::format("{} prints on {} devices", name, devices.size()),
                "a destination with one device");
  }
  for (const auto& one : devices) {
    ActualDestination device = topology.devices.at(one);
    if (wanted.device_uri && *wanted.device_uri != device.device_uri) {
      device.device_uri = *wanted.device_uri;
      device.said = {};
    }
    if (wanted.wait_for_end) device.settings.wait_for_end = *wanted.wait_for_end;
    if (wanted.credentials) device.settings.credentials = *wanted.credentials;
    if (wanted.declared) device.settings.declared = *wanted.declared;
    if (wanted.on_failure) device.policy.failure = *wanted.on_failure;
    if (wanted.on_doubt) device.policy.doubt = *wanted.on_doubt;
    if (wanted.attempts) device.policy.attempts = *wanted.attempts;
    check_policy(device.policy);
    change.devices.push_back(std::move(device));
  }
  return change;
}

TopologyChange pause_destination(const Topology& topology, std::string_view name, bool paused,
                                 std::string why, TimePoint now) {
  TopologyChange change;
  LogicalDestination logical = topology.logical_at(name);
  logical.state_changed = now;
  if (const auto* queue = topology.find_queue(logical.queue)) {
    change.queues.push_back(*queue);
    change.queues.back().paused = paused;
    change.queues.back().message = paused ? std::move(why) : std::string();
    for (const auto& one : queue->devices) {
      const auto* device = topology.find_device(one);
      if (paused || device == nullptr || !device->paused) continue;
      change.devices.push_back(*device);
      change.devices.back().paused = false;
      change.devices.back().message.clear();
    }
  }
  change.logical.push_back(std::move(logical));
  return change;
}

TopologyChange pause_device(const Topology& topology, std::string_view device, std::string why,
                            TimePoint now) {
  TopologyChange change;
  const auto* found = topology.find_device(device);
  if (found == nullptr) no_such_printer(device);
  change.devices.push_back(*found);
  change.devices.back().paused = true;
  change.devices.back().message = std::move(why);
  for (const auto& name : topology.fed_by(device)) {
    change.logical.push_back(topology.logical_at(name));
    change.logical.back().state_changed = now;
  }
  return change;
}

TopologyChange accept_jobs(const Topology& topology, std::string_view name, bool accepting,
                           TimePoint now) {
  TopologyChange change;
  change.logical.push_back(topology.logical_at(name));
  change.logical.back().accepting = accepting;
  change.logical.back().state_changed = now;
  return change;
}

}  // namespace ipm::print
