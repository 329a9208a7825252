// The client, `ipm`: reads the command line, runs one command, and says how it ended.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <span>

#include "base/error.h"
#include "base/text.h"
#include "ipm/commands.h"
#include "ipm/common/context.h"

namespace ipm::app {
namespace {

void add_global_flags(CLI::App& program, Context& context) {
  program.fallthrough();  // Inherited by every command: the flags are accepted anywhere.
  program.require_subcommand(1);
  program.set_version_flag("--version", "ipm " IPM_VERSION);
  program
      .add_option("--root", context.root,
                  "Keep all files under DIR instead of the system's places (also: IPM_ROOT)")
      ->type_name("DIR");
  program.add_flag("--json", context.json, "Print data, and errors, as JSON");
  program.add_flag("--force", context.force, "Overwrite what is there");
}

void add_commands(CLI::App& program, Context& context) {
  add_ca(program, context);
  add_cert(program, context);
  add_tls(program, context);
  add_explain(program, context);
  add_trust(program, context);
  add_print(program, context);
  add_jobs(program, context);
  add_job(program, context);
  add_printer(program, context);
  add_server(program, context);
}

// "ipm ca create": the command that the words on the command line led to.
const CLI::App& innermost(const CLI::App& program) {
  const CLI::App* command = &program;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().back();
  return *command;
}

std::string spelled(const CLI::App& command) {
  std::string words = command.get_name();
  for (const CLI::App* parent = command.get_parent(); parent != nullptr;
       parent = parent->get_parent()) {
    words = parent->get_name() + " " + words;
  }
  return words;
}

Error usage_error(const CLI::App& program, std::string complaint) {
  const CLI::App& command = innermost(program);
  const std::string words = spelled(command);
  // A word that is no verb is left over before the verb is missed.
  const auto left_over = program.remaining(true);
  if (!left_over.empty() && complaint.find("subcommand") != std::string::npos) {
    complaint =
        fmt::format("\"{}\" is not a command of {}", printable(left_over.front(), 60), words);
  }
  std::string verbs;
  for (const CLI::App* verb : command.get_subcommands([](const CLI::App*) { return true; })) {
    verbs += (verbs.empty() ? "" : ", ") + verb->get_name();
  }
  return {Message::UsageWrong, complaint,
          verbs.empty() ? "arguments as the command's own help shows them"
                        : fmt::format("{} followed by one of: {}", words, verbs),
          fmt::format("{} --help", words)};
}

// Reading stops at the first complaint, perhaps before the flag was reached.
bool asks_for_json(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  return std::any_of(arguments.begin(), arguments.end(),
                     [](const char* argument) { return std::string_view(argument) == "--json"; });
}

int run(int argc, char** argv) {
  Context context;
  CLI::App program{"Prints, watches and administers, and looks after every certificate involved.",
                   "ipm"};
  add_global_flags(program, context);
  add_commands(program, context);
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& wanted) {  // --help, --version
    return program.exit(wanted);
  } catch (const CLI::ParseError& error) {
    return report(usage_error(program, error.what()), context.json || asks_for_json(argc, argv));
  }
  try {
    const int code = context.action();
    if (std::fflush(stdout) != 0) {
      throw Error(Message::FileUnwritable, "standard output: " + errno_text(errno),
                  "somewhere to print to");
    }
    return code;
  } catch (const Error& error) {
    return report(error, context.json);
  }
}

}  // namespace
}  // namespace ipm::app

int main(int argc, char** argv) {
  try {
    return ipm::app::run(argc, argv);
  } catch (const std::exception& failure) {
    return ipm::app::report(
        ipm::Error(ipm::Message::Unexpected, failure.what(), "the command to end in order"), false);
  }
}
