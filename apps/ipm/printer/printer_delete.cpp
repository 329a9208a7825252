// ipm printer delete and default.
#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include <memory>

#include "ipm/commands.h"
#include "ipm/common/ipp_session.h"
#include "ipm/print/job_words.h"
#include "ipm/printer/printer_name.h"
#include "ipp/own_attributes.h"

namespace ipm::app {
namespace {

namespace asio = boost::asio;
using ipp::Operation;

struct DeleteOptions {
  ServerChoice server{std::nullopt, true};
  std::string name;
  bool cancel_jobs = false;
  std::optional<std::string> move_to;
};

asio::awaitable<int> remove(const Context& context, const DeleteOptions& options,
                            IppSession& session) {
  auto request = session.to_printer(Operation::CupsDeletePrinter, options.name);
  auto& group = request.groups.front();
  if (options.cancel_jobs) group.add_keyword(ipp::own::kJobs, "cancel");
  if (options.move_to) {
    group.add_keyword(ipp::own::kJobs, "move");
    group.add_name(ipp::own::kMoveTo, *options.move_to);
  }
  co_await session.send(std::move(request));
  if (context.json) {
    Context::print_json({{"printer-name", options.name}, {"done", "delete"}});
    co_return kOk;
  }
  const std::string jobs = options.cancel_jobs ? "; its jobs are canceled"
                           : options.move_to   ? "; its jobs wait at " + *options.move_to
                                               : "";
  context.say(fmt::format("{} is deleted{}", options.name, jobs));
  next_step(context, options.server, "ipm printer list");
  co_return kOk;
}

struct DefaultOptions {
  ServerChoice server{std::nullopt, true};
  std::string name;  // empty: it is only asked for
};

asio::awaitable<int> set_default(const Context& context, const DefaultOptions& options,
                                 IppSession& session) {
  std::string name = options.name;
  if (name.empty()) {
    auto request = session.to_server(Operation::CupsGetDefault);
    request.groups.front().add_keywords("requested-attributes", {"printer-name"});
    const auto reply = co_await session.send(std::move(request));
    name = text_of(require_group(reply, ipp::GroupTag::Printer), "printer-name");
  } else {
    co_await session.send(session.to_printer(Operation::CupsSetDefault, name));
  }
  if (context.json) {
    Context::print_json({{"default", name}});
    co_return kOk;
  }
  context.say(fmt::format("{} is the default destination", name));
  next_step(context, options.server, "ipm print FILE");
  co_return kOk;
}

}  // namespace

void add_printer_delete(CLI::App& noun, Context& context) {
  CLI::App& command =
      add_command(noun, "delete", "Delete a destination",
                  "  ipm printer delete office\n"
                  "  ipm printer delete office --move-to attic\n"
                  "  ipm printer delete office --cancel-jobs --server ipmsrv.example.com\n"
                  "One whose jobs are not finished is deleted only when it is said what becomes of "
                  "them.");
  auto options = std::make_shared<DeleteOptions>();
  add_printer_name(command, options->name)->required();
  auto* const cancel = command.add_flag("--cancel-jobs", options->cancel_jobs,
                                        "Cancel its jobs that are not finished");
  command.add_option("--move-to", options->move_to, "Move its jobs to another destination")
      ->type_name("OTHER")
      ->excludes(cancel);
  add_server_option(command, options->server);
  on_run(command, context, [&context, options] {
    require_printer_name(options->name);
    if (options->move_to) require_printer_name(*options->move_to);
    return converse(context, options->server,
                    [&](IppSession& session) { return remove(context, *options, session); });
  });
}

void add_printer_default(CLI::App& noun, Context& context) {
  CLI::App& command = add_command(noun, "default", "Show or set the default destination",
                                  "  ipm printer default\n"
                                  "  ipm printer default office");
  auto options = std::make_shared<DefaultOptions>();
  auto* const name = add_printer_name(command, options->name);
  add_server_option(command, options->server);
  on_run(command, context, [&context, options, name] {
    if (!name->empty()) require_printer_name(options->name);
    return converse(context, options->server,
                    [&](IppSession& session) { return set_default(context, *options, session); });
  });
}

}  // namespace ipm::app
