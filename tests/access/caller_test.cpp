#include "access/caller.h"

#include <gtest/gtest.h>

namespace ipm::access {
namespace {

TEST(AccessPolicy, B4_RightsComeFromTheProvenName) {
  const AccessPolicy policy{{"*.ops.example.com", "carol"}, {"admin.example.com"}};
  EXPECT_EQ(policy.right_of("admin.example.com"), Right::Administrator);
  EXPECT_EQ(policy.right_of("ADMIN.example.com"), Right::Administrator);
  EXPECT_EQ(policy.right_of("night.ops.example.com"), Right::Operator);
  EXPECT_EQ(policy.right_of("carol"), Right::Operator);
}

TEST(AccessPolicy, B4_NothingElseGivesARight) {
  const AccessPolicy policy{{"*.ops.example.com", ""}, {"admin.example.com"}};
  for (const auto* name :
       {"", "ops.example.com", "a.b.ops.example.com", "*.ops.example.com.evil.com",
        "xadmin.example.com", "admin.example.com.evil.com", "Carol", "admin.example.com\n",
        "admin.example.com.", "*.ops.example.org"}) {
    EXPECT_EQ(policy.right_of(name), Right::User) << name;
  }
}

TEST(AccessPolicy, B4_NamesWithoutADotAreComparedToTheLetter) {
  const AccessPolicy policy{{"carol"}, {"root", "Ünal"}};
  EXPECT_EQ(policy.right_of("carol"), Right::Operator);
  EXPECT_EQ(policy.right_of("root"), Right::Administrator);
  EXPECT_EQ(policy.right_of("Ünal"), Right::Administrator);
  for (const auto* name : {"CAROL", "Carol", "carol.", "ROOT", "Root", "root ", "ünal"}) {
    EXPECT_EQ(policy.right_of(name), Right::User) << name;
  }
}

TEST(AccessPolicy, B4_NamesAreComparedWhole) {
  const std::string entry(300, 'l');
  const AccessPolicy policy{{entry + "a"}, {}};
  EXPECT_EQ(policy.right_of(entry + "a"), Right::Operator);
  EXPECT_EQ(policy.right_of(entry + "b"), Right::User);
  EXPECT_EQ(policy.right_of(std::string_view(entry).substr(0, 256)), Right::User);
}

TEST(AccessPolicy, B4_AWildcardNameInACertificateIsNobodysHost) {
  const AccessPolicy policy{{}, {"*.adm.example.com"}};
  EXPECT_EQ(policy.right_of("x.adm.example.com"), Right::Administrator);
  EXPECT_EQ(policy.right_of("x.y.adm.example.com"), Right::User);
  EXPECT_EQ(policy.right_of("adm.example.com"), Right::User);
  EXPECT_EQ(policy.right_of(".adm.example.com"), Right::User);
  EXPECT_EQ(policy.right_of("*.adm.example.com"), Right::User);
}

TEST(Owner, B4_IsComparedWhole) {
  const Owner alice{OwnerKind::Certificate, "aa11", "alice"};
  EXPECT_EQ(alice, (Owner{OwnerKind::Certificate, "aa11", "alice"}));
  for (const Owner& other :
       {Owner{OwnerKind::Local, "", "alice"}, Owner{OwnerKind::Claimed, "", "alice"},
        Owner{OwnerKind::Local, "aa11", "alice"}, Owner{OwnerKind::Certificate, "bb22", "alice"},
        Owner{OwnerKind::Certificate, "", "alice"}, Owner{OwnerKind::Certificate, "aa11", "Alice"},
        Owner{OwnerKind::Certificate, "aa11", "alice "}}) {
    EXPECT_NE(alice, other) << kind_name(other.kind) << other.issuer << other.name;
  }
}

TEST(Owner, KindsHaveNamesThatAreReadBack) {
  for (const auto kind : {OwnerKind::Claimed, OwnerKind::Local, OwnerKind::Certificate}) {
    EXPECT_EQ(find_kind(kind_name(kind)), kind);
  }
  EXPECT_EQ(find_kind("Local"), std::nullopt);
  EXPECT_EQ(find_kind(""), std::nullopt);
}

}  // namespace
}  // namespace ipm::access
