#include "spool/loaded_state.h"

#include <algorithm>
#include <utility>

namespace ipm::spool {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

// Moves what `wanted` says out of `from`, both keeping their order.
template <typename Value, typename Wanted>
std::vector<Value> take_if(std::vector<Value>& from, const Wanted& wanted) {
  std::vector<Value> taken;
  std::vector<Value> rest;
  for (auto& value : from) (wanted(value) ? taken : rest).push_back(std::move(value));
  from = std::move(rest);
  return taken;
}

}  // namespace

std::string queue_of(const std::vector<Destination>& destinations, const std::string& logical) {
  const auto found = std::ranges::find_if(destinations, [&](const Destination& destination) {
    return destination.kind == DestinationKind::Logical && destination.name == logical;
  });
  if (found == destinations.end() || found->feeds.empty()) return logical;
  return found->feeds.front();
}

LoadedState take_queues(LoadedState& state, const Queues& queues) {
  if (!queues) return std::exchange(state, {});
  const std::vector<Destination> all = state.destinations;
  const auto job_is_wanted = [&](const auto& loaded) {
    return contains(*queues, queue_of(all, loaded.job.destination));
  };
  std::vector<std::string> devices;
  for (const auto& destination : all) {
    if (destination.kind != DestinationKind::Queue || !contains(*queues, destination.name))
      continue;
    devices.insert(devices.end(), destination.feeds.begin(), destination.feeds.end());
  }
  LoadedState taken;
  taken.settings = state.settings;
  taken.jobs = take_if(state.jobs, job_is_wanted);
  taken.damaged = take_if(state.damaged, job_is_wanted);
  taken.destinations = take_if(state.destinations, [&](const Destination& destination) {
    switch (destination.kind) {
      case DestinationKind::Logical:
        return contains(*queues, queue_of(all, destination.name));
      case DestinationKind::Queue:
        return contains(*queues, destination.name);
      case DestinationKind::Actual:
        return contains(devices, destination.name);
    }
    return false;
  });
  taken.interrupted = static_cast<std::size_t>(
      std::ranges::count_if(taken.jobs, [](const LoadedJob& job) { return job.interrupted; }));
  state.interrupted -= taken.interrupted;
  return taken;
}

}  // namespace ipm::spool
