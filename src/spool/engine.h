#pragma once
// What keeps the spool's changes: SQLite beside the server, or memory for tests. The spool promises
// nothing that its engine does not: this is the whole of it, free of any engine's ways.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "spool/change.h"
#include "spool/document.h"
#include "spool/history_query.h"
#include "spool/job.h"
#include "spool/limits.h"
#include "spool/loaded_state.h"

namespace ipm::spool {

// `count` ids from `first` on; none: all have been given.
struct IdBlock {
  JobId first = 0;
  std::size_t count = 0;
};

// What became of a group.
struct Outcome {
  enum class Kind {
    Durable,  // All of it that has no failure of its own.
    NotDone,  // Nothing of it, for the reason in `failure`; without one it may be committed again.
    InDoubt,  // Not known: resolve() asks.
  };
  Kind kind = Kind::Durable;
  std::exception_ptr failure;
  std::vector<std::string> lost;  // Queues that another server has taken over.
  std::size_t purged = 0;         // Finished jobs that went with it.
};

class Engine {
 public:
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  virtual ~Engine() = default;

  // --- Any thread. What cannot be reached for a while throws Error{SpoolAway}.

  // The state of queues that this server has just acquired: each queue's once. What an earlier
  // owner left processing is pending then, and marked.
  virtual LoadedState load(const Queues& queues) = 0;
  // Takes a document too large for its row.
  virtual std::unique_ptr<DocumentSink> new_document() = 0;
  // A committed document. What it returns can be read to its end, also when the job goes meanwhile.
  // Throws Error{SpoolDamaged}.
  virtual std::optional<FoundDocument> find_document(JobId job, std::int64_t number) = 0;
  virtual HistoryPage history(const HistoryQuery& query, const std::optional<HistoryPlace>& after,
                              std::size_t limit) = 0;
  virtual std::optional<LoadedJob> find_finished(JobId id) = 0;

  // --- One thread at a time.

  // Ids that nobody was or will be given, not even after a crash. At most `count`.
  virtual IdBlock ids(std::size_t count) = 0;
  // Commits what has no failure yet, in its order, with one sync; drops finished jobs whose time is
  // over. A hand-in that cannot be made has its failure set and leaves no trace. Does not throw.
  virtual Outcome commit(std::span<HandIn> group, TimePoint now) = 0;
  // What became of the last group, when that was in doubt. May wait a moment for an answer.
  virtual Outcome resolve() = 0;

  // Why no new work is taken now, though it might fit: what room there is belongs to relief. Null: it
  // is taken.
  virtual std::exception_ptr refusal() { return nullptr; }
  // Relief was not done either: gives it what room is kept for it. False: there is no more.
  virtual bool make_way() { return false; }
  // A group of more is not gathered.
  virtual std::size_t group_bytes_max() const { return kGroupBytesMax; }

  // House-keeping, none of it needed for what was promised: after a group; after one that failed;
  // when nothing has come for so long as `rest_after` says, if it says anything.
  virtual void after_group() {}
  virtual void after_failure() {}
  virtual std::optional<std::chrono::milliseconds> rest_after() const { return std::nullopt; }
  virtual void rest() {}
};

}  // namespace ipm::spool
