// ipm jobs: what is queued, and what was printed.
#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include <memory>

#include "base/text.h"
#include "ipm/commands.h"
#include "ipm/common/ipp_session.h"
#include "ipm/common/output.h"
#include "ipm/print/job_words.h"
#include "ipm/printer/printer_name.h"
#include "ipp/attribute_text.h"
#include "ipp/own_attributes.h"

namespace ipm::app {
namespace {

namespace asio = boost::asio;

constexpr int kJobsListedDefault = 1'000;
constexpr int kJobsListedMax = 5'000;  // what one reply may hold

struct JobsOptions {
  ServerChoice server;
  std::string destination;  // empty: all
  bool all = false;
  bool completed = false;
  bool mine = false;
  int limit = kJobsListedDefault;

  std::string_view which() const { return all ? "all" : completed ? "completed" : "not-completed"; }
};

std::string size_of(const ipp::AttributeList& job) {
  const auto size = job.find_integer("job-k-octets");
  return size && *size >= 0 ? size_text(static_cast<std::uint64_t>(*size) * 1024) : "-";
}

void print_table(const std::vector<const ipp::Group*>& jobs) {
  Table table({{"JOB", true},
               {"DESTINATION"},
               {"OWNER"},
               {"STATE"},
               {"SIZE", true},
               {"CREATED"},
               {"NAME"}});
  for (const ipp::Group* job : jobs) {
    table.add({std::to_string(job_id_of(*job)),
               name_in_uri(job->find_text("job-printer-uri").value_or("")),
               text_of(*job, "job-originating-user-name"), job_state_cell(*job), size_of(*job),
               time_of(*job, "date-time-at-creation"), text_of(*job, "job-name")},
              job_remarks(*job));
  }
  print_out("{}", table.text(Context::has_color()));
}

asio::awaitable<int> list(const Context& context, const JobsOptions& options, IppSession& session) {
  auto request = options.destination.empty()
                     ? session.to_server(ipp::Operation::GetJobs)
                     : session.to_printer(ipp::Operation::GetJobs, options.destination);
  auto& group = request.groups.front();
  group.add_integer("limit", options.limit);
  group.add_keywords(
      "requested-attributes",
      {"job-id", "job-uri", "job-name", "job-originating-user-name", "job-state",
       "job-state-reasons", "job-state-message", "job-k-octets", "job-printer-uri", "job-priority",
       "number-of-documents", "date-time-at-creation", "date-time-at-completed",
       ipp::own::kDeliveredTo, ipp::own::kDeviceJob, ipp::own::kDoubtful});
  group.add_keyword("which-jobs", options.which());
  if (options.mine) group.add_boolean("my-jobs", true);
  const auto reply = co_await session.send(std::move(request));
  const auto jobs = groups_of(reply, ipp::GroupTag::Job);
  if (context.json) {
    auto document = nlohmann::json::array();
    for (const ipp::Group* job : jobs) document.push_back(ipp::to_json(*job));
    Context::print_json(document);
    co_return kOk;
  }
  if (jobs.empty()) {
    context.say(options.which() == "not-completed" ? "Nothing is queued." : "There are no jobs.");
    if (options.which() == "not-completed") next_step(context, options.server, "ipm jobs --all");
    co_return kOk;
  }
  print_table(jobs);
  if (jobs.size() >= static_cast<std::size_t>(options.limit)) {
    context.say(fmt::format("These are the first {}; --limit N shows more.", jobs.size()));
  }
  next_step(context, options.server, fmt::format("ipm job show {}", job_id_of(*jobs.front())));
  co_return kOk;
}

}  // namespace

void add_jobs(CLI::App& program, Context& context) {
  CLI::App& command = add_command(program, "jobs", "List the jobs of a server",
                                  "  ipm jobs\n"
                                  "  ipm jobs -d office --mine\n"
                                  "  ipm jobs --all --server ipmsrv.example.com\n"
                                  "  ipm jobs --completed --json\n"
                                  "--json prints IPP's attributes by their names.");
  auto options = std::make_shared<JobsOptions>();
  const auto* const destination =
      command.add_option("-d,--destination", options->destination, "Those of one destination")
          ->type_name("DEST");
  add_server_option(command, options->server);
  auto* const all = command.add_flag("--all", options->all, "Finished ones, too");
  command.add_flag("--completed", options->completed, "Finished ones only")->excludes(all);
  command.add_flag("--mine", options->mine, "My own only");
  command.add_option("--limit", options->limit, "At most so many")
      ->check(CLI::Range(1, kJobsListedMax))
      ->type_name("N");
  on_run(command, context, [&context, options, destination] {
    if (!destination->empty()) require_printer_name(options->destination);
    return converse(context, options->server,
                    [&](IppSession& session) { return list(context, *options, session); });
  });
}

}  // namespace ipm::app
