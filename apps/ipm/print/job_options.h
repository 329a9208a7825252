#pragma once
// What the verbs of `ipm job` share: the numbers of jobs, and going through them.

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <vector>

#include "ipm/common/ipp_session.h"

namespace ipm::app {

struct JobOptions {
  ServerChoice server;
  std::vector<int> ids;
};

void add_job_options(CLI::App& command, JobOptions& options);

// One job after the other. A refusal of one is reported to standard error and does not keep the
// others from their turn; the exit code of the last refusal comes back. What breaks the connection
// is thrown.
using JobWork = std::function<boost::asio::awaitable<void>(int id)>;
boost::asio::awaitable<int> for_each_job(const Context& context, const std::vector<int>& ids,
                                         const JobWork& work);

}  // namespace ipm::app
