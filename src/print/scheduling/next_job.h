#pragma once
// Who prints what next: a function of the topology, the jobs and the state of a device, and of
// nothing else.

#include <optional>
#include <string_view>

#include "print/jobs/job_table.h"
#include "print/scheduling/device_state.h"
#include "print/topology/topology.h"

namespace ipm::print {

struct NextJob {
  std::optional<int> job;
  // Without a job: when to look again though nothing happens meanwhile.
  std::optional<DeviceState::Time> look_again;
};

// The job that `device` prints next at `now`: of all queues that feed it and are not paused, the
// one with the best place. A job that another device may have is left to that one.
NextJob next_job(const Topology& topology, const JobTable& jobs, const DeviceState& state,
                 std::string_view device, DeviceState::Time now);

}  // namespace ipm::print
