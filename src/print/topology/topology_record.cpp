#include "print/topology/topology_record.h"

#include <fmt/format.h>

#include <utility>

#include "base/error.h"
#include "ipp/codec.h"
#include "ipp/message.h"

namespace ipm::print {
namespace {

using ipp::GroupTag;
using spool::DestinationKind;

constexpr const char* kDefaultPrinter = "default-printer";

spool::Destination record_of(const LogicalDestination& destination) {
  ipp::Message message;
  auto& own = message.add_group(GroupTag::Printer);
  own.add_text("printer-info", destination.info);
  own.add_text("printer-location", destination.location);
  own.add_uri("printer-uuid", destination.uuid);
  own.add_date_time("printer-state-change-date-time", destination.state_changed);
  spool::Destination record;
  record.kind = DestinationKind::Logical;
  record.name = destination.name;
  record.feeds = {destination.queue};
  record.accepting = destination.accepting;
  record.created_at = destination.created;
  record.attributes = ipp::encode(message);
  return record;
}

spool::Destination record_of(const Queue& queue) {
  spool::Destination record;
  record.kind = DestinationKind::Queue;
  record.name = queue.name;
  record.feeds = queue.devices;
  record.paused = queue.paused;
  record.message = queue.message;
  return record;
}

// Settings stand in the operation group, what is declared of the device in the printer group, what
// it said itself in the system group.
spool::Destination record_of(const ActualDestination& device) {
  ipp::Message message;
  auto& own = message.add_group(GroupTag::Operation);
  own.add_boolean("wait-for-end", device.settings.wait_for_end);
  own.add_text("credentials", device.settings.credentials.string());
  own.add_keyword("error-policy", to_text(device.policy.failure));
  own.add_keyword("doubt-policy", to_text(device.policy.doubt));
  own.add_integer("attempts", device.policy.attempts);
  message.add_group(GroupTag::Printer).attributes = device.settings.declared.attributes;
  if (!device.said.attributes.empty())
    message.add_group(GroupTag::System).attributes = device.said.attributes;
  spool::Destination record;
  record.kind = DestinationKind::Actual;
  record.name = device.name;
  record.device_uri = device.device_uri;
  record.paused = device.paused;
  record.message = device.message;
  record.attributes = ipp::encode(message);
  return record;
}

std::string text_of(const ipp::AttributeList& list, std::string_view name) {
  return std::string(list.find_text(name).value_or(""));
}

LogicalDestination logical_of(const spool::Destination& record) {
  LogicalDestination destination;
  destination.name = record.name;
  destination.queue = record.feeds.empty() ? record.name : record.feeds.front();
  destination.accepting = record.accepting;
  destination.created = record.created_at;
  destination.state_changed = record.created_at;
  if (record.attributes.empty()) return destination;
  const auto message = ipp::decode(record.attributes).message;
  if (const auto* own = message.find_group(GroupTag::Printer)) {
    destination.info = text_of(*own, "printer-info");
    destination.location = text_of(*own, "printer-location");
    destination.uuid = text_of(*own, "printer-uuid");
    destination.state_changed =
        own->find_time("printer-state-change-date-time").value_or(record.created_at);
  }
  return destination;
}

ActualDestination device_of(const spool::Destination& record) {
  ActualDestination device;
  device.name = record.name;
  device.device_uri = record.device_uri;
  device.paused = record.paused;
  device.message = record.message;
  if (record.attributes.empty()) return device;  // As earlier versions wrote it.
  const auto message = ipp::decode(record.attributes).message;
  if (const auto* own = message.find_group(GroupTag::Operation)) {
    device.settings.wait_for_end = own->find_boolean("wait-for-end").value_or(false);
    device.settings.credentials = text_of(*own, "credentials");
    device.policy.failure =
        find_on_failure(text_of(*own, "error-policy")).value_or(device.policy.failure);
    device.policy.doubt =
        find_on_doubt(text_of(*own, "doubt-policy")).value_or(device.policy.doubt);
    device.policy.attempts = own->find_integer("attempts").value_or(device.policy.attempts);
  }
  if (const auto* declared = message.find_group(GroupTag::Printer))
    device.settings.declared.attributes = declared->attributes;
  if (const auto* said = message.find_group(GroupTag::System))
    device.said.attributes = said->attributes;
  return device;
}

// `read` with the record, or else with one that has no blob, and a complaint.
template <class Value>
Value read_or_complain(Value (*read)(const spool::Destination&), const spool::Destination& record,
                       bool& damaged, std::vector<std::string>& complaints) {
  try {
    return read(record);
  } catch (const Error& error) {
    damaged = true;
    complaints.push_back(fmt::format("what is stored of destination {} cannot be read: {}",
                                     record.name, error.happened()));
    spool::Destination bare = record;
    bare.attributes.clear();
    return read(bare);
  }
}

}  // namespace

void add_records(const TopologyChange& change, std::vector<spool::Change>& changes) {
  const auto remove = [&](DestinationKind kind, const std::vector<std::string>& names) {
    for (const auto& name : names) changes.emplace_back(spool::DestinationRemoval{kind, name});
  };
  remove(DestinationKind::Logical, change.removed_logical);
  remove(DestinationKind::Queue, change.removed_queues);
  remove(DestinationKind::Actual, change.removed_devices);
  for (const auto& device : change.devices) changes.emplace_back(record_of(device));
  for (const auto& queue : change.queues) changes.emplace_back(record_of(queue));
  for (const auto& logical : change.logical) changes.emplace_back(record_of(logical));
  if (!change.default_printer) return;
  std::optional<std::string> name;
  if (!change.default_printer->empty()) name = *change.default_printer;
  changes.emplace_back(spool::Setting{kDefaultPrinter, std::move(name)});
}

Topology topology_of(const std::vector<spool::Destination>& records,
                     const std::map<std::string, std::string>& settings,
                     std::vector<std::string>& complaints) {
  Topology topology;
  for (const auto& record : records) {
    bool damaged = false;
    switch (record.kind) {
      case DestinationKind::Logical:
        topology.logical.emplace(record.name,
                                 read_or_complain(logical_of, record, damaged, complaints));
        break;
      case DestinationKind::Queue:
        topology.queues.emplace(record.name,
                                Queue{record.name, record.feeds, record.paused, record.message});
        break;
      case DestinationKind::Actual: {
        auto& device =
            topology.devices
                .emplace(record.name, read_or_complain(device_of, record, damaged, complaints))
                .first->second;
        if (!damaged) break;
        device.paused = true;
        device.message =
            "its settings cannot be read: set them again (ipm printer set), then resume it";
        break;
      }
    }
  }
  if (const auto at = settings.find(kDefaultPrinter); at != settings.end())
    topology.default_printer = at->second;
  return topology;
}

}  // namespace ipm::print
