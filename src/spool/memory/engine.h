#pragma once
// Storage that only lasts as long as its Disk, and fails on demand: for tests, and for the
// simulation of servers that share one database.

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "spool/engine.h"
#include "spool/limits.h"
#include "spool/memory/rows.h"

namespace ipm::spool::memory {

// What outlives engines, and what may happen to it. Any thread.
class Disk {
 public:
  // --- Each holds until it is taken back.
  void set_full(bool full);  // There is no room for new work; relief still finds some.
  void set_dead(bool dead);  // Nothing at all can be written.
  void set_away(bool away);  // It cannot be reached.
  // Whether an engine learns what became of a group in doubt.
  void set_mute(bool mute);

  // The answer to the next group is lost, which is durable nevertheless, or not.
  void lose_answer(bool durable);
  // Another server takes over these queues: whoever had them learns of it by its next group.
  void take_over(const std::vector<std::string>& queues);
  // The server ends here and now: its engine can do nothing any more.
  void crash();
  // One bit of a document, or a job's row, is no longer as it was written.
  void damage_document(JobId job, std::int64_t number);
  void damage_row(JobId job);

  // Of more bytes than these.
  std::size_t count_documents(std::size_t bytes) const;

 private:
  friend class MemoryEngine;

  mutable std::mutex mutex_;
  Layer rows_;                                     // Under mutex_, as all that follows.
  std::set<std::pair<TimePoint, JobId>> history_;  // Of finished jobs in rows_.
  JobId next_id_ = 1;
  std::uint64_t starts_ = 0;  // Of engines. Only the last may do anything.
  std::set<std::string> taken_over_;
  bool full_ = false;
  bool dead_ = false;
  bool away_ = false;
  bool mute_ = false;
  std::optional<bool> answer_lost_;  // Of the next group; whether that is durable.
};

class MemoryEngine final : public Engine {
 public:
  // An earlier engine on the same disk can do nothing from now on.
  MemoryEngine(std::shared_ptr<Disk> disk, const Limits& limits);

  LoadedState load(const Queues& queues) override;
  std::unique_ptr<DocumentSink> new_document() override;
  std::optional<FoundDocument> find_document(JobId job, std::int64_t number) override;
  HistoryPage history(const HistoryQuery& query, const std::optional<HistoryPlace>& after,
                      std::size_t limit) override;
  std::optional<LoadedJob> find_finished(JobId id) override;

  IdBlock ids(std::size_t count) override;
  Outcome commit(std::span<HandIn> group, TimePoint now) override;
  Outcome resolve() override;

 private:
  class Sink;

  // All of them under the disk's mutex.
  void reach() const;  // Throws Error{SpoolAway}.
  void refuse_lost(HandIn& hand_in, const Layer& rows) const;
  std::size_t purge(Layer& group, TimePoint now) const;
  void make_durable(Layer&& group);
  std::vector<std::string> newly_lost();
  std::vector<Destination> destinations() const;

  std::shared_ptr<Disk> disk_;
  Limits limits_;
  std::uint64_t start_ = 0;
  std::set<std::string> told_;    // Queues of whose loss the outcome has told.
  std::optional<bool> in_doubt_;  // Whether the last group, in doubt, is durable.
};

}  // namespace ipm::spool::memory
