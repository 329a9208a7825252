#pragma once
// The log's lines about deliveries, made from the stream of events on a thread of their own: a slow
// disk under the log holds up nobody.

#include <memory>

#include "base/log.h"
#include "events/follower.h"

namespace ipm::print {

class DeliveryLog {
 public:
  DeliveryLog(std::shared_ptr<const events::Stream> stream, const Log& log);

 private:
  events::Follower follower_;
};

// Writes what an event is worth a line for.
void log_event(const events::Event& event, const Log& log);

}  // namespace ipm::print
