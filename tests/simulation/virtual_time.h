#pragma once
// The simulation's time: what os::SteadyClock and os::wall_time say in this program. It stands still
// while anybody has something to do.

#include <boost/asio/io_context.hpp>
#include <optional>

#include "os/clock.h"

namespace ipm::simulation {

using Moment = os::SteadyClock::time_point;

void begin_time();
void jump_to(Moment when);  // never back

// Lets `context` see which of its timers are due: their handlers are queued. Returns when the next
// one will be.
std::optional<Moment> look_at_timers(boost::asio::io_context& context);

}  // namespace ipm::simulation
