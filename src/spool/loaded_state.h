#pragma once
// What an earlier run left in the spool, as it is handed to the floor above at the start.

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "spool/job.h"

namespace ipm::spool {

struct LoadedJob {
  Job job;
  std::vector<DocumentInfo> documents;  // By number; empty once removed.
  // An earlier run ended while it was processing: its state is Pending now, and what has already
  // reached the printer is not known beyond documents_done.
  bool interrupted = false;
};

// A job whose rows or files contradict each other. It is in none of the other lists; the floor
// above aborts it (update_job) or removes it.
struct DamagedJob {
  Job job;  // As far as it could be read; its state is Aborted.
  std::string damage;
};

// What an earlier run left.
struct LoadedState {
  std::vector<LoadedJob> jobs;  // Those not finished, by id. The others: Spool::history().
  std::vector<DamagedJob> damaged;
  std::vector<Destination> destinations;  // By kind, then name.
  std::map<std::string, std::string> settings;
  std::size_t interrupted = 0;
  std::size_t orphans_removed = 0;  // Files that no row named.
};

}  // namespace ipm::spool
