#include "print/topology/topology_record.h"

#include <utility>

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

// Settings stand in the operation group, what is declared of the device in the printer group.
spool::Destination record_of(const ActualDestination& device) {
  ipp::Message message;
  auto& own = message.add_group(GroupTag::Operation);
  own.add_boolean("wait-for-end", device.settings.wait_for_end);
  own.add_text("credentials", device.settings.credentials.string());
  own.add_keyword("error-policy", to_text(device.policy.failure));
  own.add_keyword("doubt-policy", to_text(device.policy.doubt));
  own.add_integer("attempts", device.policy.attempts);
  message.add_group(GroupTag::Printer).attributes = device.settings.declared.attributes;
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
  return device;
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
                     const std::map<std::string, std::string>& settings) {
  Topology topology;
  for (const auto& record : records) {
    switch (record.kind) {
      case DestinationKind::Logical:
        topology.logical.emplace(record.name, logical_of(record));
        break;
      case DestinationKind::Queue:
        topology.queues.emplace(record.name,
                                Queue{record.name, record.feeds, record.paused, record.message});
        break;
      case DestinationKind::Actual:
        topology.devices.emplace(record.name, device_of(record));
        break;
    }
  }
  if (const auto at = settings.find(kDefaultPrinter); at != settings.end())
    topology.default_printer = at->second;
  return topology;
}

}  // namespace ipm::print
