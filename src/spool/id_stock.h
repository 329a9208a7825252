#pragma once
// Job ids in hand, so that giving one never waits for stable storage.

#include <cstddef>
#include <mutex>

#include "spool/engine.h"
#include "spool/job.h"

namespace ipm::spool {

// Two blocks: while one is given out, the other is fetched. Any thread.
class IdStock {
 public:
  struct Given {
    JobId id = 0;
    bool wants_more = false;  // A block has just run out.
  };

  // Throws Error{TooManyJobs} when all have been given, Error{SpoolAway} when none is in hand.
  Given next();

  bool wants_more() const;
  void add(const IdBlock& block);

 private:
  mutable std::mutex mutex_;
  IdBlock current_;  // Under mutex_, as what follows.
  IdBlock spare_;
  bool ended_ = false;  // No more are to be had.
};

}  // namespace ipm::spool
