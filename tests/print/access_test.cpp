#include "print/access.h"

#include <gtest/gtest.h>

namespace ipm::print {
namespace {

TEST(Access, B4_RightsComeFromTheProvenName) {
  const AccessPolicy policy{{"*.ops.example.com", "carol"}, {"admin.example.com"}};
  EXPECT_EQ(policy.right_of("admin.example.com"), Right::Administrator);
  EXPECT_EQ(policy.right_of("ADMIN.example.com"), Right::Administrator);
  EXPECT_EQ(policy.right_of("night.ops.example.com"), Right::Operator);
  EXPECT_EQ(policy.right_of("carol"), Right::Operator);
}

TEST(Access, B4_NothingElseGivesARight) {
  const AccessPolicy policy{{"*.ops.example.com"}, {"admin.example.com"}};
  for (const auto* name :
       {"", "ops.example.com", "a.b.ops.example.com", "*.ops.example.com.evil.com",
        "xadmin.example.com", "admin.example.com.evil.com", "Carol", "admin.example.com\n"}) {
    EXPECT_EQ(policy.right_of(name), Right::User) << name;
  }
}

TEST(Access, B4_AnUnprovenNameNeverOwnsAProvenJob) {
  const Caller unproven{"alice", false, Right::User, "", "", "", ""};
  const Caller proven{"alice", true, Right::User, "", "", "", ""};
  EXPECT_TRUE(is_owner(proven, "alice", true));
  EXPECT_FALSE(is_owner(unproven, "alice", true));
  EXPECT_FALSE(is_owner(proven, "alice", false));
  EXPECT_FALSE(is_owner(proven, "bob", true));
}

}  // namespace
}  // namespace ipm::print
