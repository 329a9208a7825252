#include "print/topology/destination_attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"
#include "ipp/own_attributes.h"

namespace ipm::print {
namespace {

namespace own = ipp::own;

// What CUPS's lpadmin sends of a queue, and what this server says for itself: no capability.
constexpr std::array<std::string_view, 5> kNotDeclared = {"printer-op-policy", "printer-is-shared",
                                                          "printer-is-accepting-jobs",
                                                          "port-monitor", "printer-name"};

bool is_capability(std::string_view name) {
  if (std::ranges::find(kNotDeclared, name) != kNotDeclared.end()) return false;
  return name.ends_with("-supported") || name.ends_with("-default") || name.ends_with("-ready") ||
         name.starts_with("pages-per-minute");
}

template <class Value>
std::optional<Value> read_word(const ipp::AttributeList& wanted, std::string_view name,
                               std::optional<Value> (*find)(std::string_view),
                               std::string_view expected) {
  const auto text = wanted.find_text(name);
  if (!text) return std::nullopt;
  const auto value = find(*text);
  if (value) return value;
  throw Error(Message::AttributesUnsupported,
              fmt::format("{} cannot be '{}'", name, printable(*text)), std::string(expected));
}

std::optional<std::string> read_text(const ipp::AttributeList& wanted, std::string_view name) {
  const auto text = wanted.find_text(name);
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

}  // namespace

DestinationChange read_change(const ipp::AttributeList& wanted) {
  DestinationChange change;
  change.info = read_text(wanted, "printer-info");
  change.location = read_text(wanted, "printer-location");
  change.device_uri = read_text(wanted, "device-uri");
  change.wait_for_end = wanted.find_boolean(own::kWaitForEnd);
  change.credentials = read_text(wanted, own::kCredentials);
  change.on_failure = read_word(wanted, own::kErrorPolicy, find_on_failure,
                                "retry, hold-job, abort-job or stop-printer");
  change.on_doubt = read_word(wanted, own::kDoubtPolicy, find_on_doubt, "again or hold");
  change.attempts = wanted.find_integer(own::kAttemptsMax);
  ipp::AttributeList declared;
  for (const auto& attribute : wanted.attributes) {
    if (is_capability(attribute.name)) declared.add(attribute);
  }
  if (!declared.attributes.empty()) change.declared = std::move(declared);
  return change;
}

DestinationOrder read_order(const std::string& name, const ipp::AttributeList& wanted) {
  DestinationChange change = read_change(wanted);
  DestinationOrder order;
  order.name = name;
  order.device_uri = change.device_uri.value_or("");
  order.info = change.info.value_or("");
  order.location = change.location.value_or("");
  order.settings.wait_for_end = change.wait_for_end.value_or(order.settings.wait_for_end);
  order.settings.credentials = change.credentials.value_or("");
  if (change.declared) order.settings.declared = *std::move(change.declared);
  order.policy.failure = change.on_failure.value_or(order.policy.failure);
  order.policy.doubt = change.on_doubt.value_or(order.policy.doubt);
  order.policy.attempts = change.attempts.value_or(order.policy.attempts);
  return order;
}

void add_settings(ipp::AttributeList& list, const output::DeviceSettings& settings,
                  const ErrorPolicy& policy) {
  list.add_keyword(own::kErrorPolicy, to_text(policy.failure));
  list.add_keyword(own::kDoubtPolicy, to_text(policy.doubt));
  list.add_integer(own::kAttemptsMax, policy.attempts);
  list.add_boolean(own::kWaitForEnd, settings.wait_for_end);
}

}  // namespace ipm::print
