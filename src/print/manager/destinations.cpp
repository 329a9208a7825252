// Destinations: adding, changing, removing. See manager.h.
#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "base/uri.h"
#include "os/timer.h"
#include "print/manager.h"
#include "print/manager/letting_go.h"
#include "print/manager/state.h"
#include "print/printer_description.h"
#include "print/topology/destination_attributes.h"

namespace ipm::print {
namespace asio = boost::asio;
namespace {

// Refuses what no driver could be made for. Looks at the device's folder, which may hang.
asio::awaitable<void> try_device(std::shared_ptr<ManagerState> state, std::string device_uri,
                                 output::DeviceSettings settings) {
  auto make = [state, uri = parse_uri(device_uri), settings = std::move(settings)] {
    return state->options.make_driver(uri, settings, state->options.environment) != nullptr;
  };
  const bool made =
      co_await state->options.environment.devices->run({device_uri, device_uri}, std::move(make));
  static_cast<void>(made);
}

void require_order(const ManagerState& state, const std::string& name, const RemovalOrder& order,
                   std::size_t jobs) {
  if (!order.move_to.empty()) {
    const auto& other = state.topology.logical_at(order.move_to);
    if (other.name == name || state.closing.contains(other.name)) {
      throw Error(Message::PrinterNotFound,
                  fmt::format("'{}' cannot take the jobs of '{}'", other.name, name),
                  "another destination, which stays");
    }
  }
  if (jobs == 0 || order.cancel_jobs || !order.move_to.empty()) return;
  throw Error(Message::PrinterHasJobs,
              fmt::format("{} has {} job{} that {} not finished", name, jobs, jobs == 1 ? "" : "s",
                          jobs == 1 ? "is" : "are"),
              "a destination without jobs, or what is to become of them",
              fmt::format("ipm printer delete {0} --cancel-jobs, or ipm printer delete {0} "
                          "--move-to OTHER",
                          name));
}

// Jobs that were known to a device, and how often they failed there, are nothing to the one behind
// its new address. False when one of them is just being changed.
bool forget_device(const ManagerState& state, const std::string& device, Changes& changes) {
  for (const auto& destination : state.topology.fed_by(device)) {
    for (const int id : state.jobs.unfinished(destination)) {
      const JobPtr job = state.jobs.find(id);
      if (job->delivered_to != device) continue;
      if (state.jobs.is_changing(id)) return false;
      if (!job->is_at_device() && job->attempts == 0) continue;
      changes.add(apply(*job, job_event::LoseDevice{}, state.options.clock()));
    }
  }
  return true;
}

}  // namespace

asio::awaitable<void> Manager::add_printer(DestinationOrder order) {
  const auto state = state_;
  {
    const std::lock_guard lock(state->mutex);
    // Refuses early.
    static_cast<void>(
        add_destination(state->topology, order, {}, {}, state->options.limits.destinations_max));
  }
  order.device_uri = to_string(parse_uri(order.device_uri));
  co_await try_device(state, order.device_uri, order.settings);
  const std::string uuid = state->uuids.next();
  const TimePoint now = state->options.clock();
  auto plan = [&](Changes& changes) {
    if (state->topology_changing) return false;
    auto change =
        add_destination(state->topology, order, uuid, now, state->options.limits.destinations_max);
    // The device is asked once it is there; until then what was declared holds, or the default.
    PrinterFacts described =
        state->describe(change.logical.front(), change.devices.front(), nullptr);
    described.read = state->next_read++;
    changes.facts[order.name] = std::move(described);
    changes.set(std::move(change));
    return true;
  };
  co_await state->carry_out(plan);
}

asio::awaitable<std::optional<std::string>> Manager::hear_device(std::string name) {
  const auto state = state_;
  os::Timer timer(co_await asio::this_coro::executor);
  constexpr std::chrono::milliseconds kLook{10};
  for (std::chrono::milliseconds waited{0}; waited < kHearWait; waited += kLook) {
    {
      const std::lock_guard lock(state->mutex);
      if (state->topology.find_logical(name) == nullptr) co_return std::nullopt;
      const auto names = state->topology.devices_of(name);
      const auto at = names.empty() ? state->devices.end() : state->devices.find(names.front());
      if (at == state->devices.end() || !state->running) co_return std::nullopt;
      const auto& uri = state->topology.devices.at(at->first).device_uri;
      if (!is_ipp(uri)) co_return std::nullopt;
      if (const auto& why = at->second.silence)
        co_return fmt::format("the device does not answer: {}; its jobs wait until it does", *why);
      if (at->second.is_asked) {
        const auto& known = at->second.description;
        const auto model = known ? known->capabilities.find_text("printer-make-and-model")
                                 : std::optional<std::string_view>();
        if (!model) co_return "the device answers";
        co_return fmt::format("the device answers: {}", printable(*model));
      }
    }
    timer.expires_after(kLook);
    co_await timer.async_wait(asio::use_awaitable);
  }
  co_return "the device has not answered yet; its jobs wait until it does";
}

asio::awaitable<void> Manager::modify_printer(std::string name, DestinationChange wanted) {
  const auto state = state_;
  if (wanted.device_uri) wanted.device_uri = to_string(parse_uri(*wanted.device_uri));
  std::vector<ActualDestination> devices;
  {
    const std::lock_guard lock(state->mutex);
    devices = modify_destination(state->topology, name, wanted, {}).devices;  // Refuses early.
  }
  for (const auto& device : devices) co_await try_device(state, device.device_uri, device.settings);
  // What a device has is known to it alone, under a number of its own: whoever stands behind the
  // new address is never asked for it. So the device lets go first, and takes nothing meanwhile.
  std::optional<Barring> barring;
  if (wanted.device_uri) barring.emplace(state, devices.front().name);
  const auto in_hand_of_old_address = [&](const ManagerState& at) {
    std::vector<std::string> names;
    for (const auto& device : modify_destination(at.topology, name, wanted, {}).devices) {
      const auto* old = at.topology.find_device(device.name);
      if (old != nullptr && old->device_uri != device.device_uri) names.push_back(device.name);
    }
    return in_hand(at, names);
  };
  // Its address may change between the two, and with it what there is to let go.
  for (bool done = false; !done;) {
    if (barring) co_await let_go(state, in_hand_of_old_address, true);
    auto plan = [&](Changes& changes) {
      if (state->topology_changing) return false;
      if (barring && !in_hand_of_old_address(*state).empty()) return true;
      auto change = modify_destination(state->topology, name, wanted, state->options.clock());
      for (const auto& device : change.devices) {
        const auto* old = state->topology.find_device(device.name);
        if (old == nullptr || old->device_uri == device.device_uri) continue;
        if (!forget_device(*state, device.name, changes)) return false;
      }
      changes.set(std::move(change));
      done = true;
      return true;
    };
    co_await state->carry_out(plan);
  }
  state->refresh_facts({name});
}

asio::awaitable<void> Manager::remove_printer(std::string name, RemovalOrder order) {
  const auto state = state_;
  const Closing closing(state, name);
  co_await state->settle_earlier();  // Jobs that were on their way are known now.
  {
    const std::lock_guard lock(state->mutex);
    require_order(*state, name, order, state->jobs.unfinished_count(name));
  }
  if (order.move_to.empty()) {
    std::vector<int> ids;
    {
      const std::lock_guard lock(state->mutex);
      ids = state->jobs.unfinished(name);
    }
    co_await cancel(std::move(ids), "the destination was deleted", Cause::CanceledByOperator);
  }
  const auto in_hand_of_it = [&](const ManagerState& at) {
    auto there = in_hand(at, at.topology.devices_of(name));
    std::erase_if(there, [&](const InHand& one) {
      const JobPtr job = at.jobs.find(one.job);
      return !job || job->destination != name;
    });
    return there;
  };
  co_await let_go(state, in_hand_of_it, !order.move_to.empty());
  auto plan = [&](Changes& changes) {
    if (state->topology_changing) return false;
    const auto ids = state->jobs.unfinished(name);
    if (std::ranges::any_of(ids, [&](int id) { return state->jobs.is_changing(id); })) return false;
    if (!order.move_to.empty()) static_cast<void>(state->topology.logical_at(order.move_to));
    for (const int id : ids) {
      const JobPtr job = state->jobs.find(id);
      if (order.move_to.empty()) {
        changes.add(
            apply(*job, job_event::Cancel{"the destination was deleted", Cause::CanceledByOperator},
                  state->options.clock()));
      } else {
        changes.add(apply(*job, job_event::Move{order.move_to}, state->options.clock()));
      }
    }
    changes.set(remove_destination(state->topology, name));
    return true;
  };
  co_await state->carry_out(plan);
}

asio::awaitable<void> Manager::pause(std::string name, bool paused, std::string why) {
  const auto state = state_;
  auto plan = [&](Changes& changes) {
    if (state->topology_changing) return false;
    changes.set(pause_destination(state->topology, name, paused, why, state->options.clock()));
    return true;
  };
  co_await state->carry_out(plan);
}

asio::awaitable<void> Manager::accept(std::string name, bool accepting) {
  const auto state = state_;
  auto plan = [&](Changes& changes) {
    if (state->topology_changing) return false;
    changes.set(accept_jobs(state->topology, name, accepting, state->options.clock()));
    return true;
  };
  co_await state->carry_out(plan);
}

asio::awaitable<void> Manager::set_default(std::string name) {
  const auto state = state_;
  auto plan = [&](Changes& changes) {
    if (state->topology_changing) return false;
    changes.set(print::set_default(state->topology, name));
    return true;
  };
  co_await state->carry_out(plan);
}

// What is known of a device that has not answered since the start.
static std::optional<output::DeviceDescription> known_of(const ActualDestination& device) {
  if (!device.said.attributes.empty()) return output::DeviceDescription{device.said, {}, 0};
  return is_ipp(device.device_uri) ? std::nullopt : output::declared_by(device.settings);
}

PrinterFacts ManagerState::describe(const LogicalDestination& logical,
                                    const ActualDestination& device,
                                    const output::DeviceDescription* description) const {
  std::optional<output::DeviceDescription> before;
  if (description == nullptr) {
    before = known_of(device);
    if (before) description = &*before;
  }
  auto list = describe_printer(logical, device.device_uri, logical.state_changed, description);
  add_settings(list, device.settings, device.policy);
  PrinterFacts described;
  ipp::AttributeList on_request;
  if (const auto* database = list.find("media-col-database")) on_request.add(*database);
  described.on_request = std::make_shared<const ipp::EncodedAttributes>(on_request);
  list.remove("media-col-database");
  described.description = std::make_shared<const ipp::EncodedAttributes>(list);
  described.supported = std::make_shared<const ipp::AttributeList>(std::move(list));
  return described;
}

void ManagerState::refresh_facts(const std::vector<std::string>& names) {
  for (const auto& name : names) {
    LogicalDestination logical;
    std::optional<ActualDestination> first;
    std::shared_ptr<const output::DeviceDescription> description;
    std::uint64_t read = 0;
    {
      const std::lock_guard lock(mutex);
      const auto* found = topology.find_logical(name);
      if (found == nullptr) continue;
      logical = *found;
      read = next_read++;
      // A pool is described by its first device that is known.
      for (const auto& one : topology.devices_of(name)) {
        const auto at = devices.find(one);
        if (!first) first = topology.devices.at(one);
        if (!description && at != devices.end()) description = at->second.description;
      }
    }
    if (!first) continue;
    PrinterFacts described = describe(logical, *first, description.get());
    described.read = read;
    const std::lock_guard lock(mutex);
    // Whoever read later knows better, however long either has worked.
    const auto at = facts.find(name);
    if (at != facts.end() && at->second.read < read) at->second = std::move(described);
  }
}

}  // namespace ipm::print
