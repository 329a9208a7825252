#include "ipm/print/job_options.h"

#include <boost/asio/use_awaitable.hpp>

#include <limits>
#include <optional>

namespace ipm::app {
namespace asio = boost::asio;
namespace {

bool concerns_one_job(const Error& error) {
  return error.message() == Message::JobNotFound || error.message() == Message::JobNotPossible ||
         error.message() == Message::NotAllowed;
}

}  // namespace

void add_job_options(CLI::App& command, JobOptions& options) {
  command.add_option("ID", options.ids, "Numbers of jobs: ipm jobs shows them")
      ->required()
      ->check(CLI::Range(1, std::numeric_limits<int>::max()));
  add_server_option(command, options.server);
}

asio::awaitable<int> for_each_job(const Context& context, const std::vector<int>& ids,
                                  const JobWork& work) {
  int code = kOk;
  for (const int id : ids) {
    std::optional<Error> refused;
    try {
      co_await work(id);
    } catch (const Error& error) {
      if (!concerns_one_job(error)) throw;
      refused = error;
    }
    if (refused) code = context.tell(*refused);
  }
  co_return code;
}

}  // namespace ipm::app
