#include "print/scheduling/next_job.h"

#include <algorithm>

namespace ipm::print {
namespace {

// Another device may have something of it, and can be asked.
bool is_bound_elsewhere(const Job& job, std::string_view device) {
  return job.is_at_device() && job.delivered_to != device;
}

void take_earlier(std::optional<DeviceState::Time>& time,
                  const std::optional<DeviceState::Time>& other) {
  if (other && (!time || *other < *time)) time = other;
}

}  // namespace

NextJob next_job(const Topology& topology, const JobTable& jobs, const DeviceState& state,
                 std::string_view device, DeviceState::Time now) {
  const auto* actual = topology.find_device(device);
  if (actual == nullptr || actual->paused || state.job != 0 || state.unwritten) return {};
  if (state.not_before > now) return {std::nullopt, state.not_before};
  std::optional<JobTable::Place> best;
  std::optional<DeviceState::Time> look_again;
  for (const auto& [name, queue] : topology.queues) {
    if (queue.paused || !queue.feeds(device)) continue;
    jobs.visit_waiting(name, now, [&](const JobTable::Place& place, const Job& job) {
      if (is_bound_elsewhere(job, device)) return false;
      if (!best || place < *best) best = place;
      return true;
    });
    take_earlier(look_again, jobs.next_due(name, now));
  }
  if (best) return {best->id, std::nullopt};
  return {std::nullopt, look_again};
}

}  // namespace ipm::print
