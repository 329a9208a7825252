#pragma once
// Jobs as the spool keeps them. The part that the spool need not understand is an
// encoded IPP message: the format that this project reads best.

#include "print/jobs/job.h"
#include "spool/change.h"
#include "spool/loaded_state.h"

namespace ipm::print {

spool::Job to_record(const Job& job);
// Its status; with `attributes` what the client asked for as well, with `moved` its destination.
spool::JobUpdate to_update(const Job& job, bool attributes, bool moved);
// Throws Error{IppMalformed} for a blob that is none of ours.
Job from_record(const spool::LoadedJob& record);
// What the spool itself understands of a job whose blob cannot be read: whose it is by a proof, and
// what was asked for, is not among it.
Job salvage(const spool::LoadedJob& record);
// A finished job, whatever can be read of it: one damaged record hides no other.
Job from_finished(const spool::LoadedJob& record);

}  // namespace ipm::print
