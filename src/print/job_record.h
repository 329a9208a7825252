#pragma once
// Jobs and destinations as the spool keeps them. The part that the spool need not understand is an
// encoded IPP message: the format that this project reads best.

#include "print/destination.h"
#include "print/job.h"
#include "spool/spool.h"

namespace ipm::print {

spool::Job to_record(const Job& job);
spool::JobUpdate to_update(const Job& job);
// Throws Error{IppMalformed} for a blob that is none of ours.
Job from_record(const spool::LoadedJob& record);

spool::Destination to_record(const LogicalDestination& destination);
spool::Destination to_record(const ActualDestination& destination);
spool::Destination queue_record(const std::string& name, const std::vector<std::string>& actual);
LogicalDestination logical_from_record(const spool::Destination& record);

}  // namespace ipm::print
