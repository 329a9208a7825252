#pragma once
// The state of queues, as it is handed to the floor above when this server acquires them: at the
// start, or when another server has ended.

#include <cstddef>
#include <map>
#include <optional>
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
  std::vector<std::string> losses;  // What can be seen to be gone as a whole, in words.
  std::size_t interrupted = 0;
  std::size_t orphans_removed = 0;  // Files that no row named.
};

// Names of queues; absent: all that there are.
using Queues = std::optional<std::vector<std::string>>;

// The queue that a logical destination feeds; one that is not there is its own queue.
std::string queue_of(const std::vector<Destination>& destinations, const std::string& logical);

// Moves what belongs to these queues out of `state`: their jobs, and the destinations that feed them
// or are fed by them. Settings belong to all.
LoadedState take_queues(LoadedState& state, const Queues& queues);

}  // namespace ipm::spool
