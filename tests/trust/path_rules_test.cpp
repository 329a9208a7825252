#include "trust/path_rules.h"

#include <gtest/gtest.h>

#include <set>

#include "base/error.h"

namespace ipm::trust {
namespace {

const std::vector<Rule> kAll{
#define IPM_PATH_RULE(name, ...) Rule::name,
#include "trust/path_rules.def"
#undef IPM_PATH_RULE
};

TEST(PathRules, EveryRowSaysWhatItMust) {
  std::set<std::string_view> names;
  for (const Rule rule : kAll) {
    const RuleRow& words = row(rule);
    EXPECT_TRUE(names.insert(words.name).second) << words.name;
    EXPECT_EQ(words.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string_view::npos);
    EXPECT_FALSE(words.wanted.empty()) << words.name;
    EXPECT_FALSE(words.mend.empty()) << words.name;
  }
}

TEST(PathRules, StrictRulesApplyWhereStrict) {
  const RuleSet usual = applied_rules(false, {});
  const RuleSet strict = applied_rules(true, {});
  for (const Rule rule : kAll) {
    EXPECT_TRUE(strict.has(rule)) << row(rule).name;
    EXPECT_EQ(usual.has(rule), row(rule).reach != Reach::Strict) << row(rule).name;
  }
}

TEST(PathRules, OnlyRulesBeyondTheStandardAreRelaxed) {
  for (const Rule rule : kAll) {
    const std::vector<std::string> relaxed{std::string(row(rule).name)};
    if (row(rule).reach == Reach::Always) {
      EXPECT_THROW(applied_rules(true, relaxed), Error) << row(rule).name;
      continue;
    }
    const RuleSet rules = applied_rules(true, relaxed);
    for (const Rule other : kAll) EXPECT_EQ(rules.has(other), other != rule);
  }
}

TEST(PathRules, SetsMeetAndJoin) {
  const RuleSet a{Rule::Key, Rule::WeakKey};
  const RuleSet b{Rule::WeakKey, Rule::Policy};
  EXPECT_TRUE(a.common(b).has(Rule::WeakKey));
  EXPECT_FALSE(a.common(b).has(Rule::Key));
  EXPECT_TRUE(a.either(b).has(Rule::Policy));
  EXPECT_FALSE(a.either(b).has(Rule::Anchor));
}

TEST(PathRules, FindingsCarryTheRequirementsNumber) {
  const auto finding = to_finding({Rule::ServerUse, "nothing"}, "leaf");
  EXPECT_EQ(finding.rule, "S7");
  EXPECT_EQ(finding.subject, "leaf");
  EXPECT_EQ(finding.found, "nothing");
  EXPECT_FALSE(finding.passed);
  EXPECT_EQ(to_finding({Rule::PathLength, "x"}, "").rule, "path-length");
}

TEST(PathRules, AreExplainedByNameAndByNumber) {
  ASSERT_EQ(path_rule_texts("weak-key").size(), 1U);
  EXPECT_EQ(path_rule_texts("weak-key")[0].wanted, row(Rule::WeakKey).wanted);
  EXPECT_EQ(path_rule_texts("S11").size(), 2U);
  EXPECT_TRUE(path_rule_texts("nothing").empty());
}

}  // namespace
}  // namespace ipm::trust
