#pragma once
// Jobs and documents on stable storage (B3).
//
// The promise: a Completion is called without failure only after its change, document included, is
// synced. Changes may be handed in from any thread; one writer thread gathers what waits into
// groups, and a group costs one transaction and one sync. Changes take effect in the order in which
// they were handed in. A change that fails fails alone; a full disk fails its whole group, and the
// spool goes on as soon as there is room.
//
// Completions run on the writer thread: post to where you belong, do not block, do not throw.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "spool/completion.h"
#include "spool/document.h"
#include "spool/job.h"
#include "spool/limits.h"

namespace ipm::spool {

struct Options {
  std::filesystem::path database;   // places.spool_database(); its lock file is beside it.
  std::filesystem::path documents;  // places.documents()
  Limits limits;
  Clock clock = system_clock();
  // Finished jobs that left the history, and their rows with them. Runs on the writer thread.
  std::function<void(std::span<const JobId>)> purged;
};

// A document and what it is called.
struct NewDocument {
  DocumentInfo info;  // `bytes` is filled in by the spool.
  StoredDocument document;
};

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
  std::vector<LoadedJob> jobs;  // By id, unfinished and history alike.
  std::vector<DamagedJob> damaged;
  std::vector<Destination> destinations;  // By kind, then name.
  std::map<std::string, std::string> settings;
  std::size_t interrupted = 0;
  std::size_t orphans_removed = 0;  // Files that no row named.
};

// Replaces a job's status, and the rest where given.
struct JobUpdate {
  JobId id = 0;
  JobStatus status;
  std::optional<std::string> attributes;
  std::optional<std::string> destination;
  bool drop_documents = false;  // Their rows and bytes go in the same commit.
};

class Spool {
 public:
  // Makes what is missing (folders 0700, files 0600) and recovers from an earlier run's end. Logs
  // SpoolRecovered and SpoolDamaged. Throws Error{RunsAlready, SpoolUnusable}.
  static std::unique_ptr<Spool> open(Options options, const Log& log);
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;
  ~Spool();  // Commits what waits, calls its completions, and closes.

  // What was there at the start. Once.
  LoadedState load();

  // Any thread. An id is never given twice, not even after a crash or when the history is purged,
  // provided a job was ever committed under it. Throws Error{TooManyJobs} when there are none left.
  JobId next_job_id();

  // Any thread; the writer then belongs to one.
  DocumentWriter new_document();

  // --- Changes. Any thread; return at once. An invalid value (text over its limit, an unknown job)
  // comes back as a failure through the completion, as everything does.

  // Fails with Error{Unexpected} for an id in use, Error{SpoolBusy} when too much waits.
  void submit(Job job, std::vector<NewDocument> documents, Completion completion);
  // Also updates the job. Fails with Error{JobNotFound, SpoolBusy}.
  void add_document(JobUpdate update, NewDocument document, Completion completion);
  // Fails with Error{JobNotFound}.
  void update_job(JobUpdate update, Completion completion);
  // With its documents. No failure when it is not there.
  void remove_job(JobId id, Completion completion);
  // Makes or replaces it.
  void put_destination(Destination destination, Completion completion);
  // No failure when it is not there.
  void remove_destination(DestinationKind kind, std::string name, Completion completion);
  void put_setting(std::string key, std::string value, Completion completion);

  // Waits until everything handed in before is durable or has failed. Not from a completion.
  void flush();

  // --- Reading. Any thread; blocks shortly. Absent when there is no such committed document.
  // Throws Error{SpoolDamaged} when its file is not there or has another size than its row says.
  std::optional<DocumentReader> find_document(JobId job, std::int64_t number);

  struct Counters {
    std::uint64_t changes = 0;  // Committed.
    std::uint64_t groups = 0;   // Commits, each with one sync.
    std::uint64_t failures = 0;
    std::uint64_t waiting = 0;  // Handed in, not yet committed.
  };
  Counters counters() const;

 private:
  struct Parts;
  explicit Spool(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace ipm::spool
