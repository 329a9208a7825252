// ipm printer: destinations. Here: the noun, and the verbs that need a name only.
#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include <memory>

#include "ipm/commands.h"
#include "ipm/common/ipp_session.h"
#include "ipm/printer/printer_name.h"

namespace ipm::app {
namespace {

namespace asio = boost::asio;
using ipp::Operation;

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
  add_printer_name(command, options->name)->required();
  add_server_option(command, options->server);
  on_run(command, context, [&context, options, &verb] {
    require_printer_name(options->name);
    return converse(context, options->server,
                    [&](IppSession& session) { return change(context, *options, verb, session); });
  });
}

}  // namespace

void add_printer(CLI::App& program, Context& context) {
  CLI::App& noun =
      add_noun(program, "printer", "Add, change, list, pause, resume and delete destinations");
  add_printer_add(noun, context);
  add_printer_set(noun, context);
  add_printer_list(noun, context);
  add_printer_default(noun, context);
  for (const Verb* verb : {&kPause, &kResume, &kAccept, &kReject}) {
    add_verb(noun, context, *verb);
  }
  add_printer_delete(noun, context);
}

}  // namespace ipm::app
