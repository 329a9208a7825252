#include "ipm/common/usage.h"

#include <fmt/format.h>

#include <vector>

#include "base/nearest.h"
#include "base/text.h"

namespace ipm::app {
namespace {

std::vector<std::string> verbs_of(const CLI::App& command) {
  std::vector<std::string> verbs;
  for (const CLI::App* verb : command.get_subcommands([](const CLI::App*) { return true; })) {
    verbs.push_back(verb->get_name());
  }
  return verbs;
}

// "--destination", "-d": of the command and of those that it belongs to.
std::vector<std::string> options_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* at = &command; at != nullptr; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

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

bool lacks_verb(const CLI::App& program) {
  return !verbs_of(innermost(program)).empty() && !program.remaining(true).empty();
}

Error usage_error(const CLI::App& program, std::string complaint) {
  const CLI::App& command = innermost(program);
  const std::string words = spelled(command);
  const auto verbs = verbs_of(command);
  const auto left_over = program.remaining(true);
  std::optional<std::string> nearest;
  // A word that is no verb is left over before the verb is missed.
  if (lacks_verb(program) && !left_over.front().starts_with('-')) {
    complaint =
        fmt::format("\"{}\" is not a command of {}", printable(left_over.front(), 60), words);
    if (const auto verb = find_nearest(left_over.front(), verbs)) {
      nearest = fmt::format("{} {}", words, *verb);
    }
  } else if (!left_over.empty() && left_over.front().starts_with("--")) {
    const auto name = left_over.front().substr(0, left_over.front().find('='));
    complaint = fmt::format("{} has no option {}", words, printable(name, 60));
    nearest = find_nearest(name, options_of(command));
  }
  if (nearest) complaint += fmt::format("; did you mean {}?", *nearest);
  return {Message::UsageWrong, complaint,
          verbs.empty() ? "arguments as the command's own help shows them"
                        : fmt::format("{} followed by one of: {}", words, joined(verbs)),
          fmt::format("{} --help", words)};
}

}  // namespace ipm::app
