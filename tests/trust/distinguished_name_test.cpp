#include "trust/distinguished_name.h"

#include <gtest/gtest.h>

#include "certificate_builder.h"

namespace ipm::trust {
namespace {

namespace der = ipm::test::der;
using Attributes = std::vector<std::pair<std::string, std::string>>;

const std::string kCommonName = "2.5.4.3";
const std::string kOrganization = "2.5.4.10";

bool equal(const std::string& a, const std::string& b) {
  const auto one = DistinguishedName::parse(a);
  const auto other = DistinguishedName::parse(b);
  EXPECT_TRUE(one && other);
  return one && other && *one == *other;
}
std::string name(const Attributes& attributes) {
  return ipm::test::distinguished_name(attributes);
}

TEST(DistinguishedName, ComparesAsTheStandardWants) {
  const auto plain = name({{kCommonName, der::utf8("Acme Root")}});
  EXPECT_TRUE(equal(plain, name({{kCommonName, der::printable("acme ROOT")}})));
  EXPECT_TRUE(equal(plain, name({{kCommonName, der::utf8("  Acme \t Root ")}})));
  EXPECT_TRUE(equal(plain, name({{kCommonName, der::element(0x16, "Acme Root")}})));
  EXPECT_FALSE(equal(plain, name({{kCommonName, der::utf8("AcmeRoot")}})));
  EXPECT_FALSE(equal(plain, name({{kOrganization, der::utf8("Acme Root")}})));
  EXPECT_FALSE(equal(plain, name({{kCommonName, der::octets("Acme Root")}})));
  EXPECT_FALSE(equal(plain, name({})));
}

TEST(DistinguishedName, WideLettersSayTheSame) {
  const auto plain = name({{kCommonName, der::utf8("\xc3\xbc")}});
  EXPECT_TRUE(equal(plain, name({{kCommonName, der::element(0x1e, std::string("\0\xfc", 2))}})));
  EXPECT_TRUE(equal(plain, name({{kCommonName, der::element(0x14, "\xfc")}})));
  EXPECT_TRUE(
      equal(plain, name({{kCommonName, der::element(0x1c, std::string("\0\0\0\xfc", 4))}})));
}

TEST(DistinguishedName, OrderMattersBetweenRdnsAndNotInside) {
  const auto a = der::sequence({der::oid(kCommonName), der::utf8("a")});
  const auto b = der::sequence({der::oid(kOrganization), der::utf8("b")});
  EXPECT_TRUE(equal(der::sequence({der::set({a, b})}), der::sequence({der::set({b, a})})));
  EXPECT_FALSE(equal(der::sequence({der::set({a}), der::set({b})}),
                     der::sequence({der::set({b}), der::set({a})})));
  EXPECT_FALSE(
      equal(der::sequence({der::set({a, b})}), der::sequence({der::set({a}), der::set({b})})));
}

TEST(DistinguishedName, BeginsWithWholeRdnsAlone) {
  const auto whole = *DistinguishedName::parse(
      name({{kOrganization, der::utf8("Acme")}, {kCommonName, der::utf8("a")}}));
  const auto of = [](const std::string& encoding) { return DistinguishedName::parse(encoding); };
  const auto organization = name({{kOrganization, der::utf8("ACME")}});
  const auto shorter = name({{kOrganization, der::utf8("Acm")}});
  const auto other = name({{kCommonName, der::utf8("a")}});
  const auto empty = name({});
  EXPECT_TRUE(whole.begins_with(*of(organization)));
  EXPECT_TRUE(whole.begins_with(*of(empty)));
  EXPECT_FALSE(whole.begins_with(*of(shorter)));
  EXPECT_FALSE(whole.begins_with(*of(other)));
  EXPECT_FALSE(of(organization)->begins_with(whole));
}

TEST(DistinguishedName, GivesItsNamesAndMailboxes) {
  const auto encoding = name({{kCommonName, der::utf8("a")},
                              {kCommonName, der::printable("b")},
                              {"1.2.840.113549.1.9.1", der::element(0x16, "m@example.com")}});
  const auto parsed = DistinguishedName::parse(encoding);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->common_names(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(parsed->emails(), std::vector<std::string>{"m@example.com"});
}

TEST(DistinguishedName, DamageIsAbsence) {
  const auto pair = der::sequence({der::oid(kCommonName), der::utf8("a")});
  const std::string cases[] = {
      "",
      der::set({}),
      der::sequence({der::set({})}),
      der::sequence({der::sequence({pair})}),
      der::sequence({der::set({der::sequence({der::oid(kCommonName)})})}),
      der::sequence({der::set({der::sequence({der::utf8("a"), der::oid(kCommonName)})})}),
      der::sequence(
          {der::set({der::sequence({der::oid(kCommonName), der::utf8("a"), der::null()})})}),
      der::sequence({der::set({pair})}) + "x",
  };
  for (const auto& encoding : cases) EXPECT_FALSE(DistinguishedName::parse(encoding));
}

}  // namespace
}  // namespace ipm::trust
