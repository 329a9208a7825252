#pragma once
// The one that writes: gathers hand-ins into groups, has each group committed with one sync, and
// calls the completions. It works on a thread of its own (pace.h).

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "spool/change.h"
#include "spool/engine.h"
#include "spool/id_stock.h"
#include "spool/limits.h"
#include "spool/pace.h"

namespace ipm::spool {

class Writer {
 public:
  struct Options {
    Limits limits;
    Clock clock;
    std::function<void(const std::vector<std::string>&)> lost;
  };

  // All of them outlive the writer.
  Writer(Engine& engine, IdStock& stock, Options options, const Log& log);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer();  // After everything that waits is decided.

  // Any thread. New work is refused (through its completion) while too much waits; relief is always
  // taken.
  void post(HandIn hand_in);

  // Any thread: the stock of ids runs low.
  void refill_stock();

  std::uint64_t changes() const { return changes_; }
  std::uint64_t groups() const { return groups_; }
  std::uint64_t failures() const { return failures_; }
  std::uint64_t waiting() const;

 private:
  using Group = std::vector<HandIn>;

  // One group, or a look at what is overdue when nothing has come for a while.
  std::optional<Rest> work(bool undisturbed);
  bool take();  // Into group_; false when it is time to end.
  void fill_stock();
  std::chrono::milliseconds pause() const;

  // The group in hand; an empty one only drops finished jobs whose time is over.
  void write();
  void go_on(Outcome outcome);
  bool must_end();
  // Sets the failure of what has none, relief apart if it is `spared`. True when anything is left.
  bool fail(const std::exception_ptr& failure, bool relief_spared);
  void settle(const Outcome& outcome);
  void complete(HandIn& hand_in);
  template <typename Function>
  void guard(const Function& function);  // What it throws is logged.
  void note_failure(const std::exception_ptr& failure);
  void note_success();

  Engine& engine_;
  IdStock& stock_;
  Options options_;
  const Log& log_;

  // --- Of the work only.
  Group group_;                           // Taken and not decided.
  bool in_doubt_ = false;                 // The engine does not know yet what became of it.
  bool only_relief_ = false;              // The rest of it has failed.
  std::chrono::milliseconds doubted_{0};  // Since the spool's end began.
  std::vector<std::string> lost_;         // Queues of whose loss the group has told so far.
  bool more_is_overdue_ = true;           // As far as is known.
  bool failing_ = false;
  bool stock_failed_ = false;  // The last attempt to fill it.

  mutable std::mutex mutex_;
  std::vector<HandIn> queue_;     // Under mutex_, as what follows.
  std::size_t queued_bytes_ = 0;  // Of queue_.
  std::size_t in_group_ = 0;      // Taken; decided when the next is taken.
  bool ending_ = false;

  std::atomic<std::uint64_t> changes_{0};
  std::atomic<std::uint64_t> groups_{0};
  std::atomic<std::uint64_t> failures_{0};

  std::unique_ptr<Pace> pace_;  // Last: it uses all of the above.
};

}  // namespace ipm::spool
