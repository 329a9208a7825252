#include "spool/id_stock.h"

#include <fmt/format.h>

#include <utility>

#include "base/error.h"
#include "spool/limits.h"

namespace ipm::spool {

IdStock::Given IdStock::next() {
  const std::lock_guard lock(mutex_);
  if (current_.count == 0) std::swap(current_, spare_);
  if (current_.count == 0 && ended_) {
    throw Error(Message::TooManyJobs,
                fmt::format("all job ids up to {} have been given", kJobIdMax),
                "a spool with ids left", "stop the server and begin a new spool");
  }
  if (current_.count == 0) {
    throw Error(Message::SpoolAway, "no job id is in hand", "a spool that gives new ones");
  }
  --current_.count;
  return {current_.first++, !ended_ && spare_.count == 0};
}

bool IdStock::wants_more() const {
  const std::lock_guard lock(mutex_);
  return !ended_ && (spare_.count == 0 || current_.count == 0);
}

void IdStock::add(const IdBlock& block) {
  const std::lock_guard lock(mutex_);
  if (block.count == 0) ended_ = true;
  if (current_.count == 0) {
    current_ = block;
  } else {
    spare_ = block;
  }
}

}  // namespace ipm::spool
