#include "print/topology/topology.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace ipm::print {
namespace {

template <class Map>
auto* find_in(const Map& map, std::string_view name) {
  const auto at = map.find(name);
  return at == map.end() ? nullptr : &at->second;
}

template <class Map, class Values>
void put(Map& map, const Values& values) {
  for (const auto& value : values) map.insert_or_assign(value.name, value);
}

template <class Map>
void remove(Map& map, const std::vector<std::string>& names) {
  for (const auto& name : names) map.erase(name);
}

// The one that was added first.
std::string oldest(const Topology& topology, std::string_view but_not) {
  const LogicalDestination* found = nullptr;
  for (const auto& [name, logical] : topology.logical) {
    if (name != but_not && (found == nullptr || logical.created < found->created)) found = &logical;
  }
  return found == nullptr ? std::string() : found->name;
}

}  // namespace

void no_such_printer(std::string_view name) {
  throw Error(Message::PrinterNotFound,
              fmt::format("there is no destination '{}'", printable(name)),
              "the name of an existing destination", "see what there is: ipm printer list");
}

const LogicalDestination* Topology::find_logical(std::string_view name) const {
  return find_in(logical, name);
}

const Queue* Topology::find_queue(std::string_view name) const {
  return find_in(queues, name);
}

const ActualDestination* Topology::find_device(std::string_view name) const {
  return find_in(devices, name);
}

const LogicalDestination& Topology::logical_at(std::string_view name) const {
  const auto* found = find_logical(name);
  if (found == nullptr) no_such_printer(name);
  return *found;
}

std::vector<std::string> Topology::devices_of(std::string_view name) const {
  const auto* destination = find_logical(name);
  const auto* queue = destination == nullptr ? nullptr : find_queue(destination->queue);
  return queue == nullptr ? std::vector<std::string>{} : queue->devices;
}

std::vector<std::string> Topology::fed_by(std::string_view device) const {
  std::vector<std::string> names;
  for (const auto& [name, destination] : logical) {
    const auto* queue = find_queue(destination.queue);
    if (queue != nullptr && queue->feeds(device)) names.push_back(name);
  }
  return names;
}

const std::string& Topology::queue_of(const std::string& name) const {
  const auto* destination = find_logical(name);
  return destination == nullptr ? name : destination->queue;
}

bool TopologyChange::empty() const {
  return logical.empty() && queues.empty() && devices.empty() && removed_logical.empty() &&
         removed_queues.empty() && removed_devices.empty() && !default_printer;
}

void apply(Topology& topology, const TopologyChange& change) {
  remove(topology.logical, change.removed_logical);
  remove(topology.queues, change.removed_queues);
  remove(topology.devices, change.removed_devices);
  put(topology.devices, change.devices);
  put(topology.queues, change.queues);
  put(topology.logical, change.logical);
  if (change.default_printer) topology.default_printer = *change.default_printer;
}

std::vector<std::string> repair(Topology& topology) {
  std::vector<std::string> complaints;
  for (auto& [name, queue] : topology.queues) {
    std::erase_if(queue.devices,
                  [&](const std::string& device) { return !topology.devices.contains(device); });
  }
  std::erase_if(topology.queues, [](const auto& entry) { return entry.second.devices.empty(); });
  std::erase_if(topology.logical, [&](const auto& entry) {
    if (topology.queues.contains(entry.second.queue)) return false;
    complaints.push_back(fmt::format("destination {} has no queue or no device", entry.first));
    return true;
  });
  if (!topology.logical.contains(topology.default_printer))
    topology.default_printer = oldest(topology, {});
  return complaints;
}

TopologyChange remove_destination(const Topology& topology, std::string_view name) {
  const LogicalDestination& logical = topology.logical_at(name);
  TopologyChange change;
  change.removed_logical.emplace_back(name);
  const bool shared = std::ranges::any_of(topology.logical, [&](const auto& entry) {
    return entry.first != name && entry.second.queue == logical.queue;
  });
  if (const auto* queue = topology.find_queue(logical.queue); queue != nullptr && !shared) {
    change.removed_queues.push_back(queue->name);
    for (const auto& device : queue->devices) {
      const bool used = std::ranges::any_of(topology.queues, [&](const auto& entry) {
        return entry.first != queue->name && entry.second.feeds(device);
      });
      if (!used) change.removed_devices.push_back(device);
    }
  }
  if (topology.default_printer == name) change.default_printer = oldest(topology, name);
  return change;
}

TopologyChange set_default(const Topology& topology, std::string_view name) {
  TopologyChange change;
  change.default_printer = topology.logical_at(name).name;
  return change;
}

}  // namespace ipm::print
