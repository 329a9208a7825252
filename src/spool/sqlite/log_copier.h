#pragma once
// Copies the database's log back while the writer goes on writing.
//
// The log can only begin anew when all of it is copied at a moment when nothing is being written.
// Under load that moment must be short: this thread copies the bulk, on a connection of its own,
// and then the writer copies the little that was added meanwhile.

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "sql/database.h"

namespace ipm::spool::sqlite {

class LogCopier {
 public:
  // Throws Error{SpoolUnusable}.
  explicit LogCopier(const sql::Options& options);
  LogCopier(const LogCopier&) = delete;
  LogCopier& operator=(const LogCopier&) = delete;
  ~LogCopier();

  // Begins to copy, unless it is at it. One thread at a time.
  void begin();

  // True once after each copy: now the writer does the rest.
  bool take_done() { return done_.exchange(false); }

 private:
  void run();

  sql::Database database_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool wanted_ = false;  // Under mutex_, as what follows.
  bool ending_ = false;
  std::atomic<bool> done_{false};
  std::thread thread_;  // From the first copy on: most spools never need one.
};

}  // namespace ipm::spool::sqlite
