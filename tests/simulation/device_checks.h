#pragma once
// What lies at the devices in the end, against what the jobs say.

#include <map>
#include <string>
#include <vector>

#include "devices.h"
#include "papers.h"
#include "print/jobs/job.h"
#include "trace.h"

namespace ipm::simulation {

void check_devices(const Devices& devices, const std::vector<std::string>& printers,
                   const Papers& papers, const std::map<int, print::JobPtr>& jobs, Trace& trace);

}  // namespace ipm::simulation
