#include "trust/path_rules.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace ipm::trust {
namespace {

constexpr std::array kRows{
#define IPM_PATH_RULE(name, text, number, reach, wanted, mend, reference) \
  RuleRow{text, number, Reach::reach, wanted, mend, reference},
#include "trust/path_rules.def"
#undef IPM_PATH_RULE
};
static_assert(kRows.size() <= 64, "RuleSet keeps one bit a rule");

std::string relaxable_names() {
  std::string names;
  for (const RuleRow& row : kRows) {
    if (row.reach == Reach::Always) continue;
    if (!names.empty()) names += ", ";
    names += row.name;
  }
  return names;
}

}  // namespace

const RuleRow& row(Rule rule) {
  return kRows[static_cast<std::size_t>(rule)];
}

std::vector<pki::RuleText> path_rule_texts(std::string_view number) {
  std::vector<pki::RuleText> texts;
  for (const RuleRow& row : kRows) {
    if (number.empty() || (row.name != number && row.number != number)) continue;
    texts.push_back({number, row.name, row.wanted, row.mend, row.reference});
  }
  return texts;
}

std::optional<std::string_view> find_relaxable(const pki::Finding& finding) {
  for (const RuleRow& row : kRows) {
    const bool meant =
        (row.name == finding.rule || row.number == finding.rule) && row.wanted == finding.wanted;
    if (meant && row.reach != Reach::Always) return row.name;
  }
  return std::nullopt;
}

RuleSet applied_rules(bool strict, std::span<const std::string> relaxed) {
  RuleSet rules;
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].reach != Reach::Strict || strict) rules.add(static_cast<Rule>(i));
  }
  for (const std::string& name : relaxed) {
    const auto* found = std::ranges::find(kRows, name, &RuleRow::name);
    if (found == kRows.end() || found->reach == Reach::Always) {
      throw Error(Message::ConfigurationWrong, "\"" + name + "\" is no rule that can be relaxed",
                  "one of: " + relaxable_names());
    }
    rules.remove(static_cast<Rule>(found - kRows.begin()));
  }
  return rules;
}

bool any_of(const Problems& problems, RuleSet rules) {
  return std::ranges::any_of(problems, [rules](const Problem& p) { return rules.has(p.rule); });
}

pki::Finding to_finding(const Problem& problem, std::string_view subject) {
  const RuleRow& words = row(problem.rule);
  pki::Finding finding;
  finding.rule = words.number.empty() ? words.name : words.number;
  finding.subject = subject;
  finding.found = problem.found;
  finding.wanted = words.wanted;
  finding.mend = words.mend;
  finding.reference = words.reference;
  return finding;
}

}  // namespace ipm::trust
