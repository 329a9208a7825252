#include "access/need.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "base/error.h"

namespace ipm::access {
namespace {

const Owner kAlice{OwnerKind::Certificate, "aa11", "alice"};

struct Row {
  const char* who;
  Caller caller;
  bool anyone, job_owner, operators, administrators;
};

Caller caller(Owner identity, Right right) {
  Caller made;
  made.identity = std::move(identity);
  made.right = right;
  return made;
}

// Written by hand: the whole decision.
const std::vector<Row>& table() {
  static const std::vector<Row> rows = {
      {"owner", caller(kAlice, Right::User), true, true, false, false},
      {"same name, claimed", caller({OwnerKind::Claimed, "", "alice"}, Right::User), true, false,
       false, false},
      {"same name, local", caller({OwnerKind::Local, "", "alice"}, Right::User), true, false, false,
       false},
      {"same name, other CA", caller({OwnerKind::Certificate, "bb22", "alice"}, Right::User), true,
       false, false, false},
      {"stranger", caller({OwnerKind::Certificate, "aa11", "mallory"}, Right::User), true, false,
       false, false},
      {"operator", caller({OwnerKind::Certificate, "aa11", "olga"}, Right::Operator), true, true,
       true, false},
      {"administrator", caller({OwnerKind::Local, "", "root"}, Right::Administrator), true, true,
       true, true},
  };
  return rows;
}

TEST(Need, B4_TheWholeTable) {
  for (const Row& row : table()) {
    EXPECT_EQ(allows(Need::Anyone, row.caller, &kAlice), row.anyone) << row.who;
    EXPECT_EQ(allows(Need::JobOwner, row.caller, &kAlice), row.job_owner) << row.who;
    EXPECT_EQ(allows(Need::Operator, row.caller, &kAlice), row.operators) << row.who;
    EXPECT_EQ(allows(Need::Administrator, row.caller, &kAlice), row.administrators) << row.who;
  }
}

TEST(Need, B4_WithoutAJobOnlyOperatorsPassForItsOwner) {
  EXPECT_FALSE(allows(Need::JobOwner, caller(kAlice, Right::User), nullptr));
  EXPECT_TRUE(allows(Need::JobOwner, caller(kAlice, Right::Operator), nullptr));
}

TEST(Need, B4_ARefusalNamesTheCallerAndWhoMay) {
  const Caller mallory = caller({OwnerKind::Claimed, "", "mal\x1blory"}, Right::User);
  try {
    require(Need::JobOwner, mallory, &kAlice, "cancel job 7");
    FAIL() << "was allowed";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), Message::NotAllowed);
    EXPECT_EQ(error.happened(), "mal\\x1blory (not proven, user) may not cancel job 7");
    EXPECT_EQ(error.expected(), "its owner alice (certificate) or an operator");
  }
  const std::pair<Need, std::string> refusals[] = {
      {Need::Operator, "an operator or an administrator"},
      {Need::Administrator, "an administrator"}};
  for (const auto& [need, who] : refusals) {
    try {
      require(need, mallory, nullptr, "pause office");
      FAIL() << "was allowed";
    } catch (const Error& error) {
      EXPECT_EQ(error.message(), Message::NotAllowed);
      EXPECT_EQ(error.expected(), who);
      EXPECT_NE(error.mend().find("[access]"), std::string::npos);
    }
  }
  EXPECT_NO_THROW(require(Need::JobOwner, caller(kAlice, Right::User), &kAlice, "cancel job 7"));
}

}  // namespace
}  // namespace ipm::access
