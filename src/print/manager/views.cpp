// What the manager shows: printers as clients see them, and why jobs wait. See manager.h.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "print/manager.h"
#include "print/manager/state.h"

namespace ipm::print {
namespace {

using ipp::JobState;
using ipp::PrinterState;

void add_once(std::vector<std::string>& reasons, std::string_view reason) {
  if (std::ranges::find(reasons, reason) == reasons.end()) reasons.emplace_back(reason);
}

// What the device said of itself when it was last asked.
void add_described(std::vector<std::string>& reasons, const output::DeviceDescription* device) {
  if (device == nullptr) return;
  for (const auto reason : device->state.find_all_text("printer-state-reasons")) {
    if (reason != "none" && reason != "paused") add_once(reasons, reason);
  }
}

}  // namespace

Standing ManagerState::standing(const LogicalDestination& logical) const {
  Standing now;
  const auto* queue = topology.find_queue(logical.queue);
  now.paused = queue != nullptr && queue->paused;
  std::string paused_message = now.paused ? queue->message : std::string();
  bool all_paused = true;
  bool busy = false;
  bool unwritten = false;
  for (const auto& name : topology.devices_of(logical.name)) {
    const auto* actual = topology.find_device(name);
    const auto at = devices.find(name);
    if (actual == nullptr || at == devices.end()) continue;
    const DeviceState& state = at->second.state;
    if (actual->paused && paused_message.empty()) paused_message = actual->message;
    all_paused = all_paused && actual->paused;
    busy = busy || state.job != 0;
    unwritten = unwritten || state.unwritten;
    for (const auto& reason : state.reasons) add_once(now.reasons, reason);
    if (state.failures == 0) add_described(now.reasons, at->second.description.get());
    if (now.message.empty())
      now.message = state.job != 0 && !state.text.empty() ? state.text : state.message;
  }
  now.paused = now.paused || all_paused;
  if (unwritten) add_once(now.reasons, "spool-area-full");
  if (now.paused) {
    now.reasons.insert(now.reasons.begin(), "paused");
    now.message = paused_message.empty() ? "paused by an operator" : paused_message;
  }
  if (now.paused || unwritten) {
    now.state = PrinterState::Stopped;
  } else if (busy) {
    now.state = PrinterState::Processing;
  }
  return now;
}

Printer ManagerState::view(const LogicalDestination& logical) const {
  Printer printer;
  static_cast<Standing&>(printer) = standing(logical);
  printer.logical = logical;
  if (const auto at = facts.find(logical.name); at != facts.end()) {
    printer.logical.description = at->second.description;
    printer.logical.on_request = at->second.on_request;
    printer.logical.supported = at->second.supported;
  }
  printer.queued = jobs.unfinished_count(logical.name);
  const auto names = topology.devices_of(logical.name);
  if (const auto* first = names.empty() ? nullptr : topology.find_device(names.front())) {
    printer.device_uri = first->device_uri;
    printer.settings = first->settings;
    printer.policy = first->policy;
  }
  return printer;
}

Manager::Counts Manager::counts() const {
  const std::lock_guard lock(state_->mutex);
  return {state_->topology.logical.size(), state_->jobs.unfinished_count()};
}

std::optional<Printer> Manager::find_printer(std::string_view name) const {
  const std::lock_guard lock(state_->mutex);
  const auto* logical = state_->topology.find_logical(name);
  if (logical == nullptr) return std::nullopt;
  return state_->view(*logical);
}

std::vector<Printer> Manager::printers() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<Printer> all;
  for (const auto& [name, logical] : state_->topology.logical) all.push_back(state_->view(logical));
  return all;
}

std::optional<std::string> Manager::default_printer() const {
  const std::lock_guard lock(state_->mutex);
  if (state_->topology.default_printer.empty()) return std::nullopt;
  return state_->topology.default_printer;
}

std::vector<std::string> Manager::reasons_of(const Job& job) const {
  auto reasons = print::reasons_of(job);
  if (job.finished()) return reasons;
  const std::lock_guard lock(state_->mutex);
  const auto* logical = state_->topology.find_logical(job.destination);
  if (logical == nullptr) return reasons;
  const auto names = state_->topology.devices_of(job.destination);
  bool stopped = true;
  bool away = !names.empty();
  for (const auto& name : names) {
    const auto at = state_->devices.find(name);
    const auto* actual = state_->topology.find_device(name);
    if (at == state_->devices.end() || actual == nullptr) continue;
    const DeviceState& state = at->second.state;
    stopped = stopped && (actual->paused || state.unwritten);
    away = away && (state.failures > 0 || !state.reasons.empty());
  }
  const auto* queue = state_->topology.find_queue(logical->queue);
  if (stopped || (queue != nullptr && queue->paused)) add_once(reasons, "printer-stopped");
  if (job.state == JobState::Pending && (away || job.attempts > 0))
    add_once(reasons, "resources-are-not-ready");
  return reasons;
}

std::string Manager::message_of(const Job& job) const {
  if (job.finished() || job.state == JobState::PendingHeld) return job.message;
  const std::lock_guard lock(state_->mutex);
  if (job.state == JobState::Processing) {
    const auto at = state_->devices.find(job.delivered_to);
    const bool told = !job.cancel_wanted && at != state_->devices.end() &&
                      at->second.state.job == job.id && !at->second.state.text.empty();
    return told ? at->second.state.text : job.message;
  }
  const auto* logical = state_->topology.find_logical(job.destination);
  if (logical == nullptr) return job.message;
  const Standing printer = state_->standing(*logical);
  if (printer.message.empty()) return job.message;
  if (!printer.paused && printer.state == PrinterState::Processing) return job.message;
  const std::string waits = fmt::format("waits for {}: {}", job.destination, printer.message);
  return job.message.empty() ? waits : fmt::format("{} ({})", job.message, waits);
}

}  // namespace ipm::print
