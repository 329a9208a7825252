// ipm explain NUMBER: what a message of the catalogue means, what follows, and how to mend it.
#include <fmt/format.h>

#include <memory>

#include "base/messages.h"
#include "base/text.h"
#include "ipm/commands.h"

namespace ipm::app {
namespace {

int explain_message(const Context& context, const MessageRow& message) {
  const Statuses status = statuses(message.reaction);
  if (context.json) {
    Context::print_json({{"number", message.number},
                         {"severity", severity_word(message.severity)},
                         {"meaning", message.meaning},
                         {"effect", message.effect},
                         {"mend", message.mend},
                         {"http", status.http},
                         {"ipp", fmt::format("0x{:04x}", status.ipp)},
                         {"exit", status.exit}});
    return kOk;
  }
  fmt::print("{} ({})\n  meaning: {}\n  effect:  {}\n  mend:    {}\n", message.number,
             severity_word(message.severity), message.meaning, message.effect, message.mend);
  return kOk;
}

int explain(const Context& context, const std::string& number) {
  if (const auto message = find_message(number)) return explain_message(context, row(*message));
  throw Error(Message::UsageWrong, fmt::format("there is no message {}", printable(number, 40)),
              "a number as the log and the error messages show it: 5010-907, IMP-1001",
              "copy the number from the line in question");
}

}  // namespace

void add_explain(CLI::App& program, Context& context) {
  CLI::App& command = add_command(program, "explain", "What a message number means",
                                  "  ipm explain 5010-907\n  ipm explain IMP-1001");
  auto number = std::make_shared<std::string>();
  command.add_option("NUMBER", *number, "The number of a message")->required();
  on_run(command, context, [&context, number] { return explain(context, *number); });
}

}  // namespace ipm::app
