// Name constraints (RFC 5280, 4.2.1.10) on mailboxes and URIs, whose hosts they judge.

#include "path_case.h"

namespace ipm::trust::test {
namespace {

const Case kCases[] = {
    // Mailboxes
    {"a permitted mailbox", "",
     [](Scenario& s) {
       s.constrain({make::email("foo@example.com")}).names({make::email("foo@example.com")});
     }},
    {"the mailbox in other letters", "name-constraints",
     [](Scenario& s) {
       s.constrain({make::email("foo@example.com")}).names({make::email("FOO@example.com")});
     }},
    {"an excluded mailbox in other letters", "name-constraints",
     [](Scenario& s) {
       s.constrain({}, {make::email("Root@example.com")}).names({make::email("root@EXAMPLE.com")});
     }},
    {"another mailbox than the excluded one", "",
     [](Scenario& s) {
       s.constrain({}, {make::email("root@example.com")}).names({make::email("foo@example.com")});
     }},
    {"an asterisk in a mailbox, which stands for itself", "",
     [](Scenario& s) {
       s.constrain({make::email("*@example.com")}).names({make::email("*@example.com")});
     }},
    {"an asterisk in a mailbox constraint, which stands for nobody else", "name-constraints",
     [](Scenario& s) {
       s.constrain({make::email("*@example.com")}).names({make::email("foo@example.com")});
     }},
    {"another mailbox", "name-constraints",
     [](Scenario& s) {
       s.constrain({make::email("foo@example.com")}).names({make::email("bar@example.com")});
     }},
    {"a mailbox of a permitted host", "",
     [](Scenario& s) {
       s.constrain({make::email("example.com")}).names({make::email("foo@EXAMPLE.com")});
     }},
    {"a mailbox of a host below", "name-constraints",
     [](Scenario& s) {
       s.constrain({make::email("example.com")}).names({make::email("foo@a.example.com")});
     }},
    {"a mailbox below a permitted domain", "",
     [](Scenario& s) {
       s.constrain({make::email(".example.com")}).names({make::email("foo@a.example.com")});
     }},
    {"a mailbox of the domain itself", "name-constraints",
     [](Scenario& s) {
       s.constrain({make::email(".example.com")}).names({make::email("foo@example.com")});
     }},
    {"an excluded mailbox in the subject", "name-constraints",
     [](Scenario& s) {
       s.leaf.subject =
           make::distinguished_name({{"2.5.4.3", der::utf8("a.example.com")},
                                     {"1.2.840.113549.1.9.1", der::element(0x16, "foo@evil.org")}});
       s.constrain({}, {make::email("evil.org")});
     }},
    {"a mail constraint with two @", "name-constraints-field",
     [](Scenario& s) {
       s.constrain({make::email("a@b@example.com")}).names({make::email("a@example.com")});
     }},

    // URIs
    {"an empty permission of mailboxes", "name-constraints",
     [](Scenario& s) { s.constrain({make::email("")}).names({make::email("a@example.com")}); }},
    {"an empty exclusion of mailboxes", "name-constraints",
     [](Scenario& s) { s.constrain({}, {make::email("")}).names({make::email("a@example.com")}); }},
    {"an empty permission of URIs", "name-constraints",
     [](Scenario& s) { s.constrain({make::uri("")}).names({make::uri("ipps://example.com/")}); }},
    {"an empty exclusion of URIs", "name-constraints",
     [](Scenario& s) {
       s.constrain({}, {make::uri("")}).names({make::uri("ipps://example.com/")});
     }},
    {"an empty permission of DNS names, which means all of them", "",
     [](Scenario& s) { s.constrain({make::dns("")}).names({make::dns("a.example.com")}); }},
    {"a URI of a permitted host", "",
     [](Scenario& s) {
       s.constrain({make::uri("a.example.com")}).names({make::uri("ipps://a.example.com:631/ipp")});
     }},
    {"a URI of a host below", "name-constraints",
     [](Scenario& s) {
       s.constrain({make::uri("example.com")}).names({make::uri("ipps://a.example.com/ipp")});
     }},
    {"a URI below a permitted domain", "",
     [](Scenario& s) {
       s.constrain({make::uri(".example.com")}).names({make::uri("ipps://a.example.com/ipp")});
     }},
    {"a URI with a user that looks like the host", "name-constraints",
     [](Scenario& s) {
       s.constrain({make::uri("a.example.com")})
           .names({make::uri("ipps://a.example.com@evil.org/ipp")});
     }},
    {"a URI without a host", "name-constraints",
     [](Scenario& s) {
       s.constrain({make::uri("a.example.com")}).names({make::uri("urn:uuid:1234")});
     }},
    {"a URI with an address", "name-constraints",
     [](Scenario& s) {
       s.constrain({}, {make::uri("a.example.com")}).names({make::uri("ipps://10.1.1.1/ipp")});
     }},
};

class PathMailConstraint : public PathCase {};
TEST_P(PathMailConstraint, IsJudged) {
  check(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Case, PathMailConstraint, ::testing::ValuesIn(kCases), case_name);

}  // namespace
}  // namespace ipm::trust::test
