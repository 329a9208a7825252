#include "ipm/common/context.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "os/terminal.h"
#include "pki/wanted.h"

namespace ipm::app {

bool Context::has_color() {
  // The environment is only read; no thread exists that changes it.
  const char* refused = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe)
  return (refused == nullptr || *refused == '\0') && os::is_terminal(os::Stream::Output);
}

void Context::say(std::string_view line) const {
  if (!json) fmt::print("{}\n", line);
}

void Context::print_json(const nlohmann::json& document) {
  // Foreign bytes inside (a name of a certificate) never break the document.
  fmt::print("{}\n", document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::string Context::typed(std::string_view command) const {
  if (!root) return std::string(command);
  const auto program = command.substr(0, command.find(' '));
  return fmt::format("{} --root {}{}", program, pki::shell_word(root->string()),
                     command.substr(program.size()));
}

void Context::next(std::string_view command) const {
  say(fmt::format("Next: {}", typed(command)));
}

CLI::App& add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& examples) {
  CLI::App& command = *parent.add_subcommand(name, description);
  if (!examples.empty()) command.footer("Examples:\n" + examples);
  return command;
}

CLI::App& add_noun(CLI::App& parent, const std::string& name, const std::string& description) {
  CLI::App& noun = add_command(parent, name, description);
  noun.require_subcommand(1);
  return noun;
}

void on_run(CLI::App& command, Context& context, std::function<int()> action) {
  command.callback(
      [&context, action = std::move(action)]() mutable { context.action = std::move(action); });
}

int report(const Error& error, bool json) {
  const MessageRow& message = row(error.message());
  const int status = statuses(message.reaction).exit;
  // What is reported as an error never ends as a success.
  const int exit_code = status == 0 ? static_cast<int>(kRuleBroken) : status;
  if (json) {
    const nlohmann::json document = {{"error",
                                      {{"number", message.number},
                                       {"happened", error.happened()},
                                       {"expected", error.expected()},
                                       {"mend", error.mend()},
                                       {"exit", exit_code}}}};
    fmt::print(stderr, "{}\n",
               document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print(stderr, "{}", error.for_terminal());
  }
  return exit_code;
}

}  // namespace ipm::app
