#include "ipm/common/context.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "ipm/common/advice.h"
#include "ipm/common/output.h"
#include "os/terminal.h"
#include "pki/wanted.h"

namespace ipm::app {
namespace {

constexpr std::string_view kExitCodes =
    "Exit: 0 done; 1 refused or failed; 2 wrong usage; 3 something is not there.";

}  // namespace

bool Context::has_color() {
  // The environment is only read; no thread exists that changes it.
  const char* refused = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe)
  return (refused == nullptr || *refused == '\0') && os::is_terminal(os::Stream::Output);
}

void Context::say(std::string_view line) const {
  if (json) return;
  const int written = write_output(fmt::format("{}\n", line));
  const int flushed = flush_output();
  remember_output_failure(written != 0 ? written : flushed);
}

void Context::remember_output_failure(int number) const {
  if (progress_->output_failure == 0) progress_->output_failure = number;
}

void Context::warn(std::string_view line) {
  fmt::print(stderr, "{}\n", line);
}

void Context::print_json(const nlohmann::json& document) {
  // Foreign bytes inside (a name of a certificate) never break the document.
  print_out("{}\n", document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::string Context::typed(std::string_view command) const {
  if (!root) return std::string(command);
  const auto name = command.substr(0, command.find(' '));
  return fmt::format("{} --root {}{}", name, pki::shell_word(root->string()),
                     command.substr(name.size()));
}

void Context::next(std::string_view command) const {
  say(fmt::format("Next: {}", typed(command)));
}

CLI::App& add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& examples) {
  CLI::App& command = *parent.add_subcommand(name, description);
  const bool ends_in_its_own_ways = examples.find("Exit: ") != std::string::npos;
  std::string footer = examples.empty() ? "" : "Examples:\n" + examples;
  if (!ends_in_its_own_ways) footer += fmt::format("{}{}", footer.empty() ? "" : "\n", kExitCodes);
  command.footer(footer);
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

std::string Context::with_flags_given(std::string_view advice) const {
  if (program == nullptr) return std::string(advice);
  RepeatedFlags flags;
  if (root) flags.root = root->string();
  const CLI::App* command = program;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().back();
  const auto* server = command->get_option_no_throw("--server");
  if (server != nullptr && !server->empty()) flags.server = server->results().back();
  return with_flags(advice, *program, flags);
}

nlohmann::json Context::as_json(const Error& error, int exit_code) const {
  return {{"number", row(error.message()).number},
          {"happened", error.happened()},
          {"expected", error.expected()},
          {"mend", with_flags_given(error.mend())},
          {"exit", exit_code}};
}

int Context::tell(const Error& error) const {
  const int status = statuses(error.reaction()).exit;
  // What is told as an error never ends as a success.
  const int exit_code = status == 0 ? static_cast<int>(kRuleBroken) : status;
  if (json) {
    progress_->errors.push_back(as_json(error, exit_code));
    return exit_code;
  }
  const Error advised(error.message(), error.happened(), error.expected(),
                      with_flags_given(error.mend()));
  fmt::print(stderr, "{}", advised.for_terminal());
  return exit_code;
}

int Context::finish(int code) const {
  const int closed = close_output();
  const int failure = progress_->output_failure != 0 ? progress_->output_failure : closed;
  if (failure != 0) code = tell(output_error(failure));
  const auto& errors = progress_->errors;
  if (errors.empty()) return code;
  const nlohmann::json document = errors.size() == 1 ? nlohmann::json{{"error", errors.front()}}
                                                     : nlohmann::json{{"errors", errors}};
  fmt::print(stderr, "{}\n",
             document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  return code;
}

}  // namespace ipm::app
