#pragma once
// A job as a driver gets it. Internal to print.

#include "output/driver.h"
#include "print/jobs/job.h"
#include "spool/spool.h"

namespace ipm::print {

// Its documents are read from `spool`, which outlives the delivery.
output::Assignment assignment_of(const Job& job, spool::Spool& spool);

}  // namespace ipm::print
