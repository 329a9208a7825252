#pragma once
// Jobs and documents on stable storage (B3).
//
// The promise: a Completion is called without failure only after its change, document included, is
// synced. Changes may be handed in from any thread; one writer thread gathers what waits into
// groups, and a group costs one transaction and one sync. Changes take effect in the order in which
// they were handed in. What was handed in together is one change: all of it, or nothing. A change
// that fails fails alone; a full disk fails all new work of its group, and the spool goes on as soon
// as there is room.
//
// Completions run on the writer thread: post to where you belong, do not block, do not throw.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "spool/change.h"
#include "spool/completion.h"
#include "spool/document.h"
#include "spool/history_query.h"
#include "spool/job.h"
#include "spool/limits.h"
#include "spool/loaded_state.h"

namespace ipm::spool {

class Engine;

struct Options {
  std::filesystem::path database;   // places.spool_database(); its lock file is beside it.
  std::filesystem::path documents;  // places.documents()
  Limits limits;
  Clock clock = system_clock();
  // Another server has taken over these queues: what is in memory of them no longer holds. Runs on
  // the writer thread, after the completions of the group that met it.
  std::function<void(const std::vector<std::string>&)> lost;
};

class Spool {
 public:
  // SQLite's. Makes what is missing (folders 0700, files 0600) and recovers from an earlier run's
  // end. Throws Error{RunsAlready, SpoolUnusable}.
  static std::unique_ptr<Spool> open(Options options, const Log& log);
  // Over any engine; the places in the options are not used.
  static std::unique_ptr<Spool> open(std::unique_ptr<Engine> engine, Options options,
                                     const Log& log);
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;
  ~Spool();  // Commits what waits, calls its completions, and closes.

  // The state of queues that this server acquires, at the start all of them; finished jobs apart.
  // Each queue's once. Logs SpoolRecovered and SpoolDamaged. Throws Error{SpoolAway}.
  LoadedState load(const Queues& queues = std::nullopt);

  // Any thread; never waits. An id is never given twice, not even after a crash or when the history
  // is purged, provided a job was ever committed under it. Throws Error{TooManyJobs} when there are
  // none left, Error{SpoolAway} when the engine has not given new ones in time.
  JobId next_job_id();

  // Any thread; the writer then belongs to one, and goes before the spool. A size known beforehand
  // saves memory and copies.
  DocumentWriter new_document(std::uint64_t expected_bytes = 0);

  // --- Changes. Any thread; return at once. An invalid value (text over its limit, an unknown job)
  // comes back as a failure through the completion, as everything does.

  // Several changes as one: all are durable, or none, and one completion says so. Fails with what
  // the first of them that cannot be made fails with.
  void hand_in(std::vector<Change> changes, Completion completion);

  // One change each, as hand_in() makes it.
  //
  // Fails with Error{Unexpected} for an id in use, Error{SpoolBusy} when too much waits,
  // Error{SpoolFull} while what room there is on the disk is kept for what ends jobs.
  void submit(Job job, std::vector<NewDocument> documents, Completion completion);
  // Also updates the job. Fails with Error{JobNotFound, SpoolBusy, SpoolFull}.
  void add_document(JobUpdate update, NewDocument document, Completion completion);
  // Fails with Error{JobNotFound}.
  void update_job(JobUpdate update, Completion completion);
  // Makes or replaces it.
  void put_destination(Destination destination, Completion completion);
  // No failure when it is not there.
  void remove_destination(DestinationKind kind, std::string name, Completion completion);

  // Waits until everything handed in before is durable or has failed. Not from a completion.
  void flush();

  // --- Reading. Any thread; blocks shortly. Absent when there is no such committed document.
  // Throws Error{SpoolDamaged} when its file is not there, has another size than its row says, or
  // an inline one differs from its checksum; Error{SpoolAway} when the engine does not answer.
  std::optional<DocumentReader> find_document(JobId job, std::int64_t number);

  // Finished jobs, the latest first; those whose time is over may still be among them. At most
  // kHistoryPageMax in a page. Throws Error{SpoolUnusable} when the disk fails.
  HistoryPage history(const HistoryQuery& query, const std::optional<HistoryPlace>& after,
                      std::size_t limit);
  std::optional<LoadedJob> find_finished(JobId id);

  struct Counters {
    std::uint64_t changes = 0;  // Committed.
    std::uint64_t groups = 0;   // Commits, each with one sync.
    std::uint64_t failures = 0;
    std::uint64_t waiting = 0;  // Handed in, not yet committed.
  };
  Counters counters() const;

 private:
  struct Parts;

 public:
  explicit Spool(std::unique_ptr<Parts> parts);  // For open().

 private:
  std::unique_ptr<Parts> parts_;
};

}  // namespace ipm::spool
