// ipm printer add: a new destination.
#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include <memory>

#include "ipm/commands.h"
#include "ipm/common/ipp_session.h"
#include "ipm/printer/printer_settings.h"
#include "ipp/attribute_text.h"
#include "ipp/destination_name.h"
#include "ipp/own_attributes.h"

namespace ipm::app {
namespace {

namespace asio = boost::asio;
using ipp::Operation;

struct Options {
  ServerChoice server{std::nullopt, true};
  std::string name;
  PrinterSettings settings;
};

asio::awaitable<int> add(const Context& context, const Options& options, IppSession& session) {
  auto request = session.to_printer(Operation::CupsAddModifyPrinter, options.name);
  request.groups.front().add_keyword(ipp::own::kIntent, "add");
  write_printer_settings(options.settings, request);
  const auto reply = co_await session.send(std::move(request));
  if (context.json) {
    const ipp::Group* printer = reply.find_group(ipp::GroupTag::Printer);
    Context::print_json(
        ipp::to_json(printer == nullptr ? ipp::Group(ipp::GroupTag::Printer) : *printer));
    co_return kOk;
  }
  context.say(fmt::format("Added the destination {}, which prints to {}", options.name,
                          options.settings.device_uri));
  next_step(context, options.server, fmt::format("ipm print FILE -d {}", options.name));
  co_return kOk;
}

}  // namespace

void add_printer_add(CLI::App& noun, Context& context) {
  CLI::App& command = add_command(
      noun, "add", "Add a destination that prints to a device or to another server",
      "  ipm printer add office --to ipps://printer.example.com/ipp/print\n"
      "  ipm printer add label --to socket://10.0.0.9:9100 --location \"Hall 2\"\n"
      "  ipm printer add archive --to file:///srv/print/ --info \"One file a document\"");
  auto options = std::make_shared<Options>();
  command.add_option("NAME", options->name, "Its name: letters, digits and . _ -")->required();
  add_printer_settings(command, options->settings);
  add_server_option(command, options->server);
  on_run(command, context, [&context, options] {
    ipp::check_destination_name(options->name);
    check_printer_settings(options->settings);
    return converse(context, options->server,
                    [&](IppSession& session) { return add(context, *options, session); });
  });
}

}  // namespace ipm::app
