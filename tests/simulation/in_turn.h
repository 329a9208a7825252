#pragma once
// The spool's writer without a thread of its own: it works between the other handlers of a context.

#include <boost/asio/io_context.hpp>

namespace ipm::simulation {

// Where the writers of spools that are opened from now on work; `context` outlives them.
void let_writers_work_in(boost::asio::io_context& context);

}  // namespace ipm::simulation
