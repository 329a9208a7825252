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

// While it lives, a destination takes no new jobs.
class Closing {
 public:
  Closing(std::shared_ptr<ManagerState> state, std::string name)
      : state_(std::move(state)), name_(std::move(name)) {
    const std::lock_guard lock(state_->mutex);
    static_cast<void>(state_->topology.logical_at(name_));
    if (!state_->closing.insert(name_).second) {
      throw Error(Message::PrinterNotFound, fmt::format("'{}' is being removed already", name_),
                  "an existing destination");
    }
  }
  Closing(const Closing&) = delete;
  Closing& operator=(const Closing&) = delete;
  ~Closing() {
    const std::lock_guard lock(state_->mutex);
    state_->closing.erase(name_);
  }

 private:
  std::shared_ptr<ManagerState> state_;
  std::string name_;
};

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

// Jobs of a destination that a device has just now.
std::vector<std::pair<std::shared_ptr<Deliverer>, int>> under_way(const ManagerState& state,
                                                                  const std::string& name) {
  std::vector<std::pair<std::shared_ptr<Deliverer>, int>> found;
  for (const int id : state.jobs.unfinished(name)) {
    const JobPtr job = state.jobs.find(id);
    if (job->state != ipp::JobState::Processing && !state.jobs.is_changing(id)) continue;
    const auto at = state.devices.find(job->delivered_to);
    found.emplace_back(at == state.devices.end() ? nullptr : at->second.deliverer, id);
  }
  return found;
}

// Has devices let go of the jobs of a destination: cancelled ones end, others go back.
asio::awaitable<void> let_go(std::shared_ptr<ManagerState> state, std::string name, bool leave) {
  os::Timer timer(co_await asio::this_coro::executor);
  constexpr std::chrono::milliseconds kLook{10};
  for (std::chrono::milliseconds waited{0};; waited += kLook) {
    std::vector<std::pair<std::shared_ptr<Deliverer>, int>> there;
    {
      const std::lock_guard lock(state->mutex);
      there = under_way(*state, name);
    }
    if (there.empty()) co_return;
    if (waited >= kRemovalWait) {
      throw Error(Message::PrinterHasJobs,
                  fmt::format("job {} of {} is still being printed", there.front().second, name),
                  "a device that lets its job go",
                  "the other jobs are done with; try again when it has ended");
    }
    for (const auto& [deliverer, id] : there) {
      if (leave && deliverer) deliverer->leave(id);
    }
    timer.expires_after(kLook);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

}  // namespace

asio::awaitable<void> Manager::add_printer(DestinationOrder order) {
  const auto state = state_;
  check_destination_name(order.name);
  order.device_uri = to_string(parse_uri(order.device_uri));
  {
    const std::lock_guard lock(state->mutex);
    static_cast<void>(add_destination(state->topology, order, {}, {}));  // Refuses early.
  }
  co_await try_device(state, order.device_uri, order.settings);
  const std::string uuid = state->uuids.next();
  const TimePoint now = state->options.clock();
  auto plan = [&](Changes& changes) {
    if (state->topology_changing) return false;
    auto change = add_destination(state->topology, order, uuid, now);
    // The device is asked once it is there; until then the default holds.
    changes.facts[order.name] =
        state->describe(change.logical.front(), change.devices.front(), nullptr);
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
  auto plan = [&](Changes& changes) {
    if (state->topology_changing) return false;
    auto change = modify_destination(state->topology, name, wanted, state->options.clock());
    for (const auto& device : change.devices) {
      const auto* old = state->topology.find_device(device.name);
      if (old == nullptr || old->device_uri == device.device_uri) continue;
      // What the device behind the old address has cannot be asked for any more.
      for (const int id : state->jobs.unfinished({})) {
        const JobPtr job = state->jobs.find(id);
        if (job->delivered_to != device.name || !job->is_at_device()) continue;
        if (state->jobs.is_changing(id) || job->state == ipp::JobState::Processing) continue;
        changes.add(apply(*job, job_event::LoseDevice{}, state->options.clock()));
      }
    }
    changes.set(std::move(change));
    return true;
  };
  co_await state->carry_out(plan);
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
  co_await let_go(state, name, !order.move_to.empty());
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

PrinterFacts ManagerState::describe(const LogicalDestination& logical,
                                    const ActualDestination& device,
                                    const output::DeviceDescription* description) const {
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
    {
      const std::lock_guard lock(mutex);
      const auto* found = topology.find_logical(name);
      if (found == nullptr) continue;
      logical = *found;
      // A pool is described by its first device that is known.
      for (const auto& one : topology.devices_of(name)) {
        const auto at = devices.find(one);
        if (!first) first = topology.devices.at(one);
        if (!description && at != devices.end()) description = at->second.description;
      }
    }
    if (!first) continue;
    PrinterFacts described = describe(logical, *first, description.get());
    const std::lock_guard lock(mutex);
    if (topology.logical.contains(name)) facts[name] = std::move(described);
  }
}

}  // namespace ipm::print
