// ipm job: one job or several by their numbers. Here: cancel, hold and release.
#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include <memory>

#include "ipm/commands.h"
#include "ipm/common/ipp_session.h"
#include "ipm/print/job_options.h"

namespace ipm::app {
namespace {

namespace asio = boost::asio;

struct Verb {
  const char* name;
  const char* description;
  ipp::Operation operation;
  const char* done;  // "job 12 is canceled"
  const char* next;  // with the number behind it
};

constexpr Verb kCancel{"cancel", "Cancel jobs that are not finished", ipp::Operation::CancelJob,
                       "canceled", "ipm job show"};
constexpr Verb kHold{"hold", "Hold jobs back until they are released", ipp::Operation::HoldJob,
                     "held", "ipm job release"};
constexpr Verb kRelease{"release", "Release jobs that are held", ipp::Operation::ReleaseJob,
                        "released", "ipm job show"};

asio::awaitable<int> change(const Context& context, const JobOptions& options, const Verb& verb,
                            IppSession& session) {
  auto document = nlohmann::json::array();
  int last = 0;
  const auto work = [&](int id) -> asio::awaitable<void> {
    const auto reply = co_await session.send(session.to_job(verb.operation, id));
    context.say(fmt::format("job {} is {}", id, verb.done));
    document.push_back({{"job-id", id}, {"done", verb.done}});
    last = id;
  };
  const int code = co_await for_each_job(context, options.ids, work);
  if (context.json) Context::print_json(document);
  if (last != 0) next_step(context, options.server, fmt::format("{} {}", verb.next, last));
  co_return code;
}

void add_verb(CLI::App& noun, Context& context, const Verb& verb) {
  CLI::App& command = add_command(
      noun, verb.name, verb.description,
      fmt::format("  ipm job {0} 12\n  ipm job {0} 12 13 --server ipmsrv.example.com", verb.name));
  auto options = std::make_shared<JobOptions>();
  add_job_options(command, *options);
  on_run(command, context, [&context, options, &verb] {
    return converse(context, options->server,
                    [&](IppSession& session) { return change(context, *options, verb, session); });
  });
}

}  // namespace

void add_job(CLI::App& program, Context& context) {
  CLI::App& noun = add_noun(program, "job", "Show, cancel, hold and release jobs");
  add_job_show(noun, context);
  add_verb(noun, context, kCancel);
  add_verb(noun, context, kHold);
  add_verb(noun, context, kRelease);
}

}  // namespace ipm::app
