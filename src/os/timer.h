#pragma once
// The one timer of all coroutines. For floors that use Asio.

#include <boost/asio/basic_waitable_timer.hpp>

#include "os/clock.h"

namespace ipm::os {

using Timer = boost::asio::basic_waitable_timer<SteadyClock, TimerWait>;

}  // namespace ipm::os
