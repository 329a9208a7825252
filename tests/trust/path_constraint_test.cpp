// Name constraints (RFC 5280, 4.2.1.10): names of hosts, addresses and directories, wildcards, the
// common name, self-issued certificates, and constraints that are not written as they must be.

#include "path_case.h"

namespace ipm::trust::test {
namespace {

using namespace std::string_literals;

std::string organisation(const std::string& name, const std::string& common) {
  return make::distinguished_name(
      {{"2.5.4.10", der::printable(name)}, {"2.5.4.3", der::utf8(common)}});
}
std::string organisation(const std::string& name) {
  return make::distinguished_name({{"2.5.4.10", der::printable(name)}});
}
const std::string kTen = "\x0a\x01\0\0\xff\xff\0\0"s;  // 10.1.0.0/16

// A certificate of its own above the intermediate: root -> upper -> intermediate -> leaf.
void under_upper(Scenario& s, const make::ExtensionsSpec& extensions) {
  auto upper = authority_spec("Upper", make::Key::p256(4));
  upper.extensions = extensions;
  upper.extensions.set(oid::kAuthorityKeyId, false,
                       make::authority_key_id(s.root.key.identifier()));
  s.more_untrusted.push_back(make::build(upper, s.root.subject, s.root.key));
  s.with_intermediate().send_intermediate = false;
  s.intermediate.extensions.set(oid::kAuthorityKeyId, false,
                                make::authority_key_id(upper.key.identifier()));
  s.more_untrusted.push_back(make::build(s.intermediate, upper.subject, upper.key));
}
make::ExtensionsSpec upper_constraints(const std::vector<std::string>& permitted,
                                       const std::vector<std::string>& excluded = {}) {
  return authority_spec("Upper", make::Key::p256(4))
      .extensions.set(oid::kNameConstraints, true, make::name_constraints(permitted, excluded));
}

void plain_subject(Scenario& s) {
  s.leaf.subject = organisation("Example");
}

const Case kCases[] = {
    // DNS names
    {"a permitted name", "",
     [](Scenario& s) {
       s.constrain({make::dns("example.com")}).names({make::dns("example.com")});
     }},
    {"a name below a permitted one", "",
     [](Scenario& s) {
       s.constrain({make::dns("example.com")}).names({make::dns("a.b.example.com")});
     }},
    {"in other letters", "",
     [](Scenario& s) {
       s.constrain({make::dns("EXAMPLE.com")}).names({make::dns("a.example.COM")});
     }},
    {"another name", "name-constraints",
     [](Scenario& s) {
       s.constrain({make::dns("example.com")}).names({make::dns("example.org")});
     }},
    {"a name that only ends alike", "name-constraints",
     [](Scenario& s) {
       s.constrain({make::dns("example.com")}).names({make::dns("notexample.com")});
     }},
    {"the name above a permitted one", "name-constraints",
     [](Scenario& s) {
       s.constrain({make::dns("a.example.com")}).names({make::dns("example.com")});
     }},
    {"a second name that is not permitted", "name-constraints",
     [](Scenario& s) {
       s.constrain({make::dns("example.com")})
           .names({make::dns("a.example.com"), make::dns("example.org")})
           .expect_host("a.example.com");
     }},
    {"one of two permitted names", "",
     [](Scenario& s) {
       s.constrain({make::dns("example.org"), make::dns("example.com")})
           .names({make::dns("a.example.com")});
     }},
    {"an excluded name", "name-constraints",
     [](Scenario& s) {
       s.constrain({}, {make::dns("example.com")}).names({make::dns("a.example.com")});
     }},
    {"a name that is not excluded", "",
     [](Scenario& s) {
       s.constrain({}, {make::dns("example.org")}).names({make::dns("a.example.com")});
     }},
    {"permitted and excluded", "name-constraints",
     [](Scenario& s) {
       s.constrain({make::dns("example.com")}, {make::dns("a.example.com")})
           .names({make::dns("a.example.com")});
     }},
    {"a constraint of one label", "",
     [](Scenario& s) { s.constrain({make::dns("com")}).names({make::dns("a.example.com")}); }},
    {"everything excluded", "name-constraints",
     [](Scenario& s) { s.constrain({}, {make::dns("")}).names({make::dns("a.example.com")}); }},
    {"no DNS name under DNS constraints", "",
     [](Scenario& s) {
       plain_subject(s);
       s.constrain({make::dns("example.com")}).names({make::address("\x0a\x01\x01\x01")});
     }},

    // Wildcards
    {"a wildcard below a permitted name", "",
     [](Scenario& s) {
       s.constrain({make::dns("example.com")}).names({make::dns("*.example.com")});
     }},
    {"a wildcard wider than a permitted name", "name-constraints",
     [](Scenario& s) {
       s.constrain({make::dns("a.example.com")}).names({make::dns("*.example.com")});
     }},
    {"a wildcard that could be an excluded name", "name-constraints",
     [](Scenario& s) {
       s.constrain({}, {make::dns("bar.example.com")}).names({make::dns("*.example.com")});
     }},
    {"a wildcard that could not be an excluded name", "",
     [](Scenario& s) {
       s.constrain({}, {make::dns("foo.bar.example.com")}).names({make::dns("*.example.com")});
     }},
    {"a wildcard below an excluded name", "name-constraints",
     [](Scenario& s) {
       s.constrain({}, {make::dns("example.com")}).names({make::dns("*.a.example.com")});
     }},

    // The common name
    {"a common name that is not permitted, and counts", "name-constraints",
     [](Scenario& s) {
       s.leaf.extensions.drop(oid::kAlternativeNames);
       s.leaf.subject = make::common_name("ipmsrv.example.org");
       s.constrain({make::dns("example.com")}).expect_host("ipmsrv.example.org");
     }},
    {"a common name that is permitted, and counts", "",
     [](Scenario& s) {
       s.leaf.extensions.drop(oid::kAlternativeNames);
       s.constrain({make::dns("example.com")}).expect_host("ipmsrv.example.com");
     }},
    {"an excluded common name that counts beside other names", "name-constraints",
     [](Scenario& s) {
       s.constrain({}, {make::dns("ipmsrv.example.com")})
           .names({make::dns("alt1.example.com")})
           .expect_host("ipmsrv.example.com");
     }},
    {"a wildcard as common name that could be excluded", "name-constraints",
     [](Scenario& s) {
       s.leaf.extensions.drop(oid::kAlternativeNames);
       s.leaf.subject = make::common_name("*.example.com");
       s.constrain({}, {make::dns("secret.example.com")}).expect_host("ipmsrv.example.com");
     }},
    {"a common name that does not count", "",
     [](Scenario& s) {
       s.leaf.subject = make::common_name("other.example.org");
       s.constrain({make::dns("example.com")})
           .names({make::dns("a.example.com")})
           .expect_host("a.example.com");
     }},
    {"a common name that nothing is expected of", "name-constraints",
     [](Scenario& s) {
       s.leaf.subject = make::common_name("other.example.org");
       s.constrain({make::dns("example.com")}).names({make::dns("a.example.com")});
     }},
    {"a client known by a common name that is not permitted", "name-constraints",
     [](Scenario& s) {
       s.purpose = Purpose::Client;
       s.leaf.extensions.set(oid::kExtendedKeyUsage, false, make::purposes({oid::kClientUse}))
           .drop(oid::kAlternativeNames);
       s.leaf.subject = make::common_name("client.example.org");
       s.constrain({make::dns("example.com")});
     }},
    {"a client known by an address that is not permitted", "name-constraints",
     [](Scenario& s) {
       s.purpose = Purpose::Client;
       s.leaf.extensions.set(oid::kExtendedKeyUsage, false, make::purposes({oid::kClientUse}))
           .drop(oid::kAlternativeNames);
       s.leaf.subject = make::common_name("10.2.1.1");
       s.constrain({make::address(kTen)});
     }},
    {"a client known by a person's name", "",
     [](Scenario& s) {
       s.purpose = Purpose::Client;
       s.leaf.extensions.set(oid::kExtendedKeyUsage, false, make::purposes({oid::kClientUse}))
           .drop(oid::kAlternativeNames);
       s.leaf.subject = make::common_name("alice");
       s.constrain({make::dns("example.com")});
     }},

    // Addresses
    {"a permitted address", "",
     [](Scenario& s) {
       s.constrain({make::address(kTen)}).names({make::address("\x0a\x01\x02\x03")});
     }},
    {"an address that is not permitted", "name-constraints",
     [](Scenario& s) {
       s.constrain({make::address(kTen)}).names({make::address("\x0a\x02\x02\x03")});
     }},
    {"an excluded address", "name-constraints",
     [](Scenario& s) {
       s.constrain({}, {make::address(kTen)}).names({make::address("\x0a\x01\x02\x03")});
     }},
    {"an IPv6 address under an IPv4 network", "name-constraints",
     [](Scenario& s) {
       s.constrain({make::address(kTen)}).names({make::address(std::string(16, '\x01'))});
     }},
    {"an excluded IPv4 address written as an IPv6 one", "name-constraints",
     [](Scenario& s) {
       s.constrain({}, {make::address(kTen)})
           .names({make::address("\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\x01\x02\x03"s)});
     }},
    {"an IPv6 address that only ends like an excluded IPv4 one", "",
     [](Scenario& s) {
       s.constrain({}, {make::address(kTen)})
           .names({make::address("\xfc\0\0\0\0\0\0\0\0\0\0\0\x0a\x01\x02\x03"s)});
     }},
    {"a permitted IPv4 address written as an IPv6 one", "name-constraints",
     [](Scenario& s) {
       s.constrain({make::address(kTen)})
           .names({make::address("\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\x01\x02\x03"s)});
     }},
    {"a permitted IPv6 address", "",
     [](Scenario& s) {
       s.constrain({make::address(std::string(16, '\x01') + std::string(8, '\xff') +
                                  std::string(8, '\0'))})
           .names({make::address(std::string(8, '\x01') + std::string(8, '\x02'))});
     }},
    {"an address for expected address, permitted", "",
     [](Scenario& s) {
       s.constrain({make::address(kTen)})
           .names({make::address("\x0a\x01\x01\x01")})
           .expect_address("10.1.1.1");
     }},
    {"an address constraint without a mask", "name-constraints-field",
     [](Scenario& s) {
       s.constrain({make::address("\x0a\x01\x01\x01")}).names({make::address("\x0a\x01\x01\x01")});
     }},
    {"a mask with gaps", "name-constraints-field",
     [](Scenario& s) {
       s.constrain({make::address("\x0a\x01\0\0\xff\0\xff\0"s)})
           .names({make::address("\x0a\x01\x01\x01")});
     }},

    // Directory names
    {"a permitted subject", "",
     [](Scenario& s) {
       s.leaf.subject = organisation("Example", "a");
       s.constrain({make::directory(organisation("Example"))});
     }},
    {"a permitted subject in other letters and types", "",
     [](Scenario& s) {
       s.leaf.subject = make::distinguished_name(
           {{"2.5.4.10", der::utf8("  EXAMPLE ")}, {"2.5.4.3", der::utf8("a")}});
       s.constrain({make::directory(organisation("Example"))});
     }},
    {"another subject", "name-constraints",
     [](Scenario& s) {
       s.leaf.subject = organisation("Evil", "a");
       s.constrain({make::directory(organisation("Example"))});
     }},
    {"an excluded subject", "name-constraints",
     [](Scenario& s) {
       s.leaf.subject = organisation("Evil", "a");
       s.constrain({}, {make::directory(organisation("Evil"))});
     }},
    {"a subject that is only a part of the permitted one", "name-constraints",
     [](Scenario& s) {
       s.leaf.subject = organisation("Example");
       s.constrain({make::directory(organisation("Example", "a"))});
     }},
    {"another directory name beside a permitted subject", "name-constraints",
     [](Scenario& s) {
       s.leaf.subject = organisation("Example", "a");
       s.constrain({make::directory(organisation("Example"))})
           .names({make::directory(organisation("Evil", "a"))});
     }},
    {"a permitted directory name beside another subject", "name-constraints",
     [](Scenario& s) {
       s.leaf.subject = organisation("Evil", "a");
       s.constrain({make::directory(organisation("Example"))})
           .names({make::directory(organisation("Example", "a"))});
     }},

    // Types that nobody compares
    {"a constraint on an unknown type that no name has", "",
     [](Scenario& s) {
       s.constrain({make::dns("example.com")}, {make::other_name()})
           .names({make::dns("a.example.com")})
           .expect_host("a.example.com");
     }},
    {"a constraint on an unknown type that a name has", "name-constraints",
     [](Scenario& s) {
       s.constrain({make::dns("example.com")}, {make::other_name()})
           .names({make::dns("a.example.com"), make::other_name()})
           .expect_host("a.example.com");
     }},
    {"a permission of an unknown type that a name has", "name-constraints",
     [](Scenario& s) { s.constrain({make::other_name()}).names({make::other_name()}); }},

    // Where constraints stand, and whom they bind
    {"constraints of the root", "name-constraints",
     [](Scenario& s) {
       s.root.extensions.set(oid::kNameConstraints, true,
                             make::name_constraints({make::dns("example.org")}, {}));
     }},
    {"constraints of the root, through an intermediate", "name-constraints",
     [](Scenario& s) {
       s.with_intermediate().root.extensions.set(
           oid::kNameConstraints, true, make::name_constraints({}, {make::dns("example.com")}));
     }},
    {"constraints that narrow", "name-constraints",
     [](Scenario& s) {
       under_upper(s.constrain({make::dns("b.example.com")})
                       .names({make::dns("a.example.com")})
                       .expect_host("a.example.com"),
                   upper_constraints({make::dns("example.com")}));
     }},
    {"constraints that widen in vain", "name-constraints",
     [](Scenario& s) {
       under_upper(s.constrain({make::dns("example.com")})
                       .names({make::dns("a.example.com")})
                       .expect_host("a.example.com"),
                   upper_constraints({make::dns("b.example.com")}));
     }},
    {"constraints of two CAs that both allow", "",
     [](Scenario& s) {
       under_upper(s.constrain({make::dns("a.example.com")})
                       .names({make::dns("a.example.com")})
                       .expect_host("a.example.com"),
                   upper_constraints({make::dns("example.com")}));
     }},
    {"an intermediate whose own name is excluded", "name-constraints",
     [](Scenario& s) {
       s.intermediate.extensions.set(oid::kAlternativeNames, false,
                                     make::names({make::dns("evil.example.org")}));
       under_upper(s, upper_constraints({}, {make::dns("example.org")}));
     }},
    {"a self-issued intermediate whose own name is excluded", "",
     [](Scenario& s) {
       s.root.extensions.set(oid::kNameConstraints, true,
                             make::name_constraints({}, {make::dns("example.org")}));
       s.with_intermediate().intermediate.subject = s.root.subject;
       s.intermediate.extensions.set(oid::kAlternativeNames, false,
                                     make::names({make::dns("a.example.org")}));
     }},
    {"a self-issued leaf whose name is excluded", "name-constraints",
     [](Scenario& s) {
       s.root.extensions.set(oid::kNameConstraints, true,
                             make::name_constraints({}, {make::dns("example.com")}));
       s.leaf.subject = s.root.subject;
     }},
    {"constraints in a leaf", "name-constraints-field",
     [](Scenario& s) {
       s.leaf.extensions.set(oid::kNameConstraints, true,
                             make::name_constraints({make::dns("example.com")}, {}));
     }},
    {"constraints not marked critical", "criticality",
     [](Scenario& s) {
       s.with_intermediate().intermediate.extensions.set(
           oid::kNameConstraints, false, make::name_constraints({make::dns("example.com")}, {}));
     }},
    {"empty constraints", "name-constraints-field",
     [](Scenario& s) {
       s.with_intermediate().intermediate.extensions.set(oid::kNameConstraints, true,
                                                         der::sequence({}));
     }},
    {"constraints of two empty lists", "name-constraints-field",
     [](Scenario& s) {
       s.with_intermediate().intermediate.extensions.set(
           oid::kNameConstraints, true,
           der::sequence({der::context_constructed(0, ""), der::context_constructed(1, "")}));
     }},
    {"malformed constraints", "name-constraints-field",
     [](Scenario& s) {
       s.with_intermediate().intermediate.extensions.set(oid::kNameConstraints, true, "malformed");
     }},
    {"a DNS constraint with a leading dot", "name-constraints-dot",
     [](Scenario& s) {
       s.constrain({make::dns(".example.com")}).names({make::dns("a.example.com")});
     }},
    {"a DNS constraint with a wildcard", "name-constraints-field",
     [](Scenario& s) {
       s.constrain({make::dns("*.example.com")}).names({make::dns("a.example.com")});
     }},
    {"a subtree with a maximum", "name-constraints-field",
     [](Scenario& s) {
       s.with_intermediate().intermediate.extensions.set(
           oid::kNameConstraints, true,
           der::sequence({der::context_constructed(
               0, der::sequence({make::dns("example.com"), der::context(1, "\x02")}))}));
     }},
    {"a thousand constraints on a thousand names", "name-constraints",
     [](Scenario& s) {
       std::vector<std::string> permitted;
       std::vector<std::string> names;
       for (int i = 0; i < 1000; ++i) {
         permitted.push_back(make::dns("c" + std::to_string(i) + ".example.com"));
         names.push_back(make::dns("c" + std::to_string(i) + ".example.com"));
       }
       s.constrain(permitted).names(names);
     }},
};

class PathConstraint : public PathCase {};
TEST_P(PathConstraint, IsJudged) {
  check(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Case, PathConstraint, ::testing::ValuesIn(kCases), case_name);

}  // namespace
}  // namespace ipm::trust::test
