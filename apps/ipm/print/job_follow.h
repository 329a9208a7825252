#pragma once
// Follows a job to its end, and tells each step of it.

#include <boost/asio/awaitable.hpp>

#include "ipm/common/ipp_session.h"

namespace ipm::app {

// The job as the server last told it, finished. A server that does not answer for a while (it
// restarts: the job is in its spool) is asked again for a minute; then its failure is thrown.
// Throws the server's refusals.
boost::asio::awaitable<ipp::AttributeList> follow_job(const Context& context, IppSession& session,
                                                      int id);

}  // namespace ipm::app
