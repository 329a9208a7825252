#pragma once
// The one thread that writes: gathers hand-ins into groups, has each group committed with one sync,
// and calls the completions.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "spool/change.h"
#include "spool/engine.h"
#include "spool/id_stock.h"
#include "spool/limits.h"

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

  void run();
  bool take(Group& group);  // False when it is time to end.
  void rest();
  void fill_stock();

  void purge();
  std::size_t write(Group& group);  // Returns how many finished jobs went with it.
  Outcome commit(Group& group);     // Not in doubt, but at the spool's end.
  // Sets the failure of what has none, relief apart if it is `spared`. True when anything is left.
  static bool fail(Group& group, const std::exception_ptr& failure, bool relief_spared);
  void settle(Group& group, const Outcome& outcome);
  void complete(HandIn& hand_in);
  template <typename Function>
  void guard(const Function& function);  // What it throws is logged.
  void note_failure(const std::exception_ptr& failure);
  void note_success();

  Engine& engine_;
  IdStock& stock_;
  Options options_;
  const Log& log_;
  bool failing_ = false;
  bool stock_failed_ = false;  // The last attempt to fill it; the next comes after a pause.

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<HandIn> queue_;     // Under mutex_, as what follows.
  std::size_t queued_bytes_ = 0;  // Of queue_.
  std::size_t in_group_ = 0;      // Taken and not yet decided.
  bool stock_is_low_ = false;
  bool ending_ = false;

  std::atomic<std::uint64_t> changes_{0};
  std::atomic<std::uint64_t> groups_{0};
  std::atomic<std::uint64_t> failures_{0};

  std::thread thread_;  // Last: it uses all of the above.
};

}  // namespace ipm::spool
