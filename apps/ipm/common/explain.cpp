// ipm explain NUMBER: what a message of the catalogue, a requirement or a rule means, and how to
// mend it.
#include <fmt/format.h>

#include <memory>

#include "base/messages.h"
#include "base/text.h"
#include "ipm/commands.h"
#include "ipm/common/output.h"
#include "ipm/common/requirement_texts.h"
#include "pki/rules.h"
#include "trust/path_rules.h"

namespace ipm::app {
namespace {

void explain_message(const Context& context, const MessageRow& message) {
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
    return;
  }
  print_out("{} ({})\n  meaning: {}\n  effect:  {}\n  mend:    {}\n", message.number,
            severity_word(message.severity), message.meaning, message.effect, message.mend);
}

void explain_rule(const Context& context, const std::string& number, std::string_view requirement,
                  const std::vector<pki::RuleText>& rules) {
  if (context.json) {
    auto rows = nlohmann::json::array();
    for (const auto& rule : rules) {
      rows.push_back({{"title", rule.title},
                      {"wanted", rule.wanted},
                      {"mend", rule.mend},
                      {"reference", rule.reference}});
    }
    Context::print_json({{"number", number}, {"meaning", requirement}, {"rules", rows}});
    return;
  }
  print_out("{}{}{}\n", number, requirement.empty() ? "" : "  ", requirement);
  for (const auto& rule : rules) {
    print_out("\n  {}\n  wanted:  {}\n  mend:    {}\n  after:   {}\n", rule.title, rule.wanted,
              rule.mend, rule.reference);
  }
}

int explain(const Context& context, const std::string& number) {
  if (const auto message = find_message(number)) {
    explain_message(context, row(*message));
    return kOk;
  }
  const auto requirement = find_requirement(number);
  auto rules = pki::rule_texts(number);
  const auto of_paths = trust::path_rule_texts(number);
  rules.insert(rules.end(), of_paths.begin(), of_paths.end());
  if (!requirement && rules.empty()) {
    throw Error(Message::UsageWrong,
                fmt::format("nothing has the number {}", printable(number, 40)),
                "a number as the log and the error messages show it: 5010-907, IMP-1001, S7",
                "copy the number from the line in question");
  }
  explain_rule(context, number, requirement.value_or(""), rules);
  return kOk;
}

}  // namespace

void add_explain(CLI::App& program, Context& context) {
  CLI::App& command =
      add_command(program, "explain", "What the number of a message or of a rule means",
                  "  ipm explain 5010-907\n  ipm explain IMP-1001\n  ipm explain S7\n  ipm explain "
                  "key-strength");
  auto number = std::make_shared<std::string>();
  command.add_option("NUMBER", *number, "The number as it was shown")->required();
  on_run(command, context, [&context, number] { return explain(context, *number); });
}

}  // namespace ipm::app
