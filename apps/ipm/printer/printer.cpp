// ipm printer: destinations. Here: add, and the verbs that change one by its name.
#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include <memory>

#include "base/uri.h"
#include "ipm/commands.h"
#include "ipm/common/ipp_session.h"
#include "ipm/print/job_words.h"
#include "ipp/attribute_text.h"

namespace ipm::app {
namespace {

namespace asio = boost::asio;
using ipp::Operation;

struct AddOptions {
  ServerChoice server{std::nullopt, true};
  std::string name;
  std::string device_uri;
  std::string info;
  std::string location;
};

asio::awaitable<int> add(const Context& context, const AddOptions& options, IppSession& session) {
  auto request = session.to_printer(Operation::CupsAddModifyPrinter, options.name);
  auto& group = request.add_group(ipp::GroupTag::Printer);
  group.add_uri("device-uri", options.device_uri);
  if (!options.info.empty()) group.add_text("printer-info", options.info);
  if (!options.location.empty()) group.add_text("printer-location", options.location);
  const auto reply = co_await session.send(std::move(request));
  if (context.json) {
    const ipp::Group* printer = reply.find_group(ipp::GroupTag::Printer);
    Context::print_json(
        ipp::to_json(printer == nullptr ? ipp::Group(ipp::GroupTag::Printer) : *printer));
    co_return kOk;
  }
  context.say(fmt::format("Added the destination {}, which prints to {}", options.name,
                          options.device_uri));
  next_step(context, options.server, fmt::format("ipm print FILE -d {}", options.name));
  co_return kOk;
}

struct Verb {
  const char* name;
  const char* description;
  Operation operation;
  const char* done;  // "office is paused"
  const char* next;  // {} is the name
};

constexpr Verb kPause{"pause", "Stop printing; jobs are taken and wait", Operation::PausePrinter,
                      "paused: jobs wait", "ipm printer resume {}"};
constexpr Verb kResume{"resume", "Print again", Operation::ResumePrinter, "printing again",
                       "ipm printer list"};
constexpr Verb kAccept{"accept", "Take jobs again", Operation::EnablePrinter,
                       "accepting jobs again", "ipm print FILE -d {}"};
constexpr Verb kReject{"reject", "Take no more jobs; those that wait are printed",
                       Operation::DisablePrinter, "taking no more jobs", "ipm printer accept {}"};
constexpr Verb kDelete{"delete", "Delete a destination", Operation::CupsDeletePrinter, "deleted",
                       "ipm printer list"};

struct NameOptions {
  ServerChoice server{std::nullopt, true};
  std::string name;
};

asio::awaitable<int> change(const Context& context, const NameOptions& options, const Verb& verb,
                            IppSession& session) {
  const auto reply = co_await session.send(session.to_printer(verb.operation, options.name));
  if (context.json) {
    Context::print_json({{"printer-name", options.name}, {"done", verb.name}});
    co_return kOk;
  }
  context.say(fmt::format("{} is {}", options.name, verb.done));
  next_step(context, options.server, fmt::format(fmt::runtime(verb.next), options.name));
  co_return kOk;
}

void add_verb(CLI::App& noun, Context& context, const Verb& verb) {
  CLI::App& command =
      add_command(noun, verb.name, verb.description,
                  fmt::format("  ipm printer {0} office\n"
                              "  ipm printer {0} office --server ipmsrv.example.com",
                              verb.name));
  auto options = std::make_shared<NameOptions>();
  command.add_option("NAME", options->name, "The destination")->required();
  add_server_option(command, options->server);
  on_run(command, context, [&context, options, &verb] {
    return converse(context, options->server,
                    [&](IppSession& session) { return change(context, *options, verb, session); });
  });
}

void add_add(CLI::App& noun, Context& context) {
  CLI::App& command = add_command(
      noun, "add", "Add a destination that prints to a device or to another server",
      "  ipm printer add office --to ipps://printer.example.com/ipp/print\n"
      "  ipm printer add label --to socket://10.0.0.9:9100 --location \"Hall 2\"\n"
      "  ipm printer add archive --to file:///srv/print/ --info \"One file a document\"");
  auto options = std::make_shared<AddOptions>();
  command.add_option("NAME", options->name, "Its name: letters, digits and . _ -")->required();
  command
      .add_option("--to", options->device_uri,
                  "The device: file:///DIR/, socket://HOST[:9100], ipp://… or ipps://…")
      ->type_name("URI")
      ->required();
  command.add_option("--info", options->info, "A description for people")->type_name("TEXT");
  command.add_option("--location", options->location, "Where it stands")->type_name("TEXT");
  add_server_option(command, options->server);
  on_run(command, context, [&context, options] {
    return converse(context, options->server,
                    [&](IppSession& session) { return add(context, *options, session); });
  });
}

}  // namespace

void add_printer(CLI::App& program, Context& context) {
  CLI::App& noun = add_noun(program, "printer", "Add, list, pause, resume and delete destinations");
  add_add(noun, context);
  add_printer_list(noun, context);
  for (const Verb* verb : {&kPause, &kResume, &kAccept, &kReject, &kDelete}) {
    add_verb(noun, context, *verb);
  }
}

}  // namespace ipm::app
