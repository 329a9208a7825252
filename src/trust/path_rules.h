#pragma once
// The rules of path validation, a row each: its name, when it applies, what it wants, how it is
// mended, where it stands. Judges name a rule and what they found; the words come from here.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pki/finding.h"
#include "pki/rules.h"

namespace ipm::trust {

enum class Rule : std::uint8_t {
#define IPM_PATH_RULE(name, ...) name,
#include "trust/path_rules.def"
#undef IPM_PATH_RULE
};

// Where a rule holds.
enum class Reach : std::uint8_t {
  Always,  // RFC 5280's own, and whatever safety hangs on.
  WebPki,  // Everywhere, unless it is relaxed by name.
  Strict,  // Under public anchors and with `strict`, unless it is relaxed by name.
};

struct RuleRow {
  std::string_view name;    // "path-length": what `relaxed` and the findings call it
  std::string_view number;  // the requirement that the finding names instead: "S7"; may be empty
  Reach reach;
  std::string_view wanted;
  std::string_view mend;
  std::string_view reference;
};
const RuleRow& row(Rule rule);

// The rows of that name or requirement's number, for explaining them.
std::vector<pki::RuleText> path_rule_texts(std::string_view number);

// The name by which `relaxed` takes the rule that a finding tells of; nothing where it always holds.
std::optional<std::string_view> find_relaxable(const pki::Finding& finding);

// A set of rules.
class RuleSet {
 public:
  constexpr RuleSet() = default;
  constexpr RuleSet(std::initializer_list<Rule> rules) {
    for (const Rule rule : rules) add(rule);
  }

  constexpr void add(Rule rule) { bits_ |= bit(rule); }
  constexpr void remove(Rule rule) { bits_ &= ~bit(rule); }
  constexpr bool has(Rule rule) const { return (bits_ & bit(rule)) != 0; }
  constexpr RuleSet common(RuleSet other) const { return RuleSet(bits_ & other.bits_); }
  constexpr RuleSet either(RuleSet other) const { return RuleSet(bits_ | other.bits_); }

 private:
  constexpr explicit RuleSet(std::uint64_t bits) : bits_(bits) {}
  static constexpr std::uint64_t bit(Rule rule) {
    return std::uint64_t{1} << static_cast<unsigned>(rule);
  }

  std::uint64_t bits_ = 0;
};

// The rules that apply: all but the relaxable ones named in `relaxed`, and the Strict ones only
// where `strict`. Names that are no relaxable rule throw Error{ConfigurationWrong}, listing those
// that are.
RuleSet applied_rules(bool strict, std::span<const std::string> relaxed);

// A broken rule, before it becomes a finding: no string is made for what holds.
struct Problem {
  Rule rule;
  std::string found;
};
using Problems = std::vector<Problem>;

// Whether any of `problems` breaks one of `rules`.
bool any_of(const Problems& problems, RuleSet rules);

// The finding's words; `subject` is the certificate's (or list's) name.
pki::Finding to_finding(const Problem& problem, std::string_view subject);

}  // namespace ipm::trust
