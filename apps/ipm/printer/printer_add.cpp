// ipm printer add and set: a new destination, and anything of one that is there.
#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include <memory>

#include "base/text.h"
#include "ipm/commands.h"
#include "ipm/common/ipp_session.h"
#include "ipm/printer/printer_settings.h"
#include "ipp/attribute_text.h"
#include "ipp/destination_name.h"
#include "ipp/limits.h"
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

asio::awaitable<int> send(const Context& context, const Options& options, bool is_new,
                          IppSession& session) {
  auto request = session.to_printer(Operation::CupsAddModifyPrinter, options.name);
  request.groups.front().add_keyword(ipp::own::kIntent, is_new ? "add" : "modify");
  write_printer_settings(options.settings, request);
  const auto reply = co_await session.send(std::move(request));
  if (context.json) {
    const ipp::Group* printer = reply.find_group(ipp::GroupTag::Printer);
    Context::print_json(
        ipp::to_json(printer == nullptr ? ipp::Group(ipp::GroupTag::Printer) : *printer));
    co_return kOk;
  }
  if (is_new) {
    context.say(fmt::format("Added the destination {}, which prints to {}", options.name,
                            *options.settings.device_uri));
    const auto words = reply.groups.front().find_text("status-message").value_or("");
    if (!words.empty()) context.say(printable(words, ipp::kTextBytesMax));
    next_step(context, options.server, fmt::format("ipm print FILE -d {}", options.name));
  } else {
    context.say(fmt::format("{} is changed; its jobs stay queued", options.name));
    next_step(context, options.server, "ipm printer list");
  }
  co_return kOk;
}

void add_verb(CLI::App& noun, Context& context, bool is_new, const char* verb,
              const char* description, const char* examples) {
  CLI::App& command = add_command(noun, verb, description, examples);
  auto options = std::make_shared<Options>();
  command.add_option("NAME", options->name, "Its name: letters, digits and . _ -")->required();
  add_printer_settings(command, options->settings, is_new);
  add_server_option(command, options->server);
  on_run(command, context, [&context, options, is_new] {
    ipp::check_destination_name(options->name);
    check_printer_settings(options->settings);
    if (!is_new && options->settings.empty()) {
      throw Error(Message::UsageWrong, "nothing is to be changed",
                  "at least one of --to, --info, --location, --wait-for-end, --on-error, …",
                  "ipm printer set --help");
    }
    return converse(context, options->server,
                    [&](IppSession& session) { return send(context, *options, is_new, session); });
  });
}

}  // namespace

void add_printer_add(CLI::App& noun, Context& context) {
  add_verb(noun, context, true, "add",
           "Add a destination that prints to a device or to another server",
           "  ipm printer add office --to ipps://printer.example.com/ipp/print\n"
           "  ipm printer add label --to socket://10.0.0.9:9100 --location \"Hall 2\"\n"
           "  ipm printer add archive --to file:///srv/print/ --info \"One file a document\"");
}

void add_printer_set(CLI::App& noun, Context& context) {
  add_verb(noun, context, false, "set", "Change anything of a destination; its jobs stay queued",
           "  ipm printer set office --to ipps://new-printer.example.com/ipp/print\n"
           "  ipm printer set label --wait-for-end yes --on-error stop-printer\n"
           "  ipm printer set label --declare \"sides-supported=one-sided "
           "color-supported=false\"\n"
           "What is not named stays as it is.");
}

}  // namespace ipm::app
