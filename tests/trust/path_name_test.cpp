// Names: which hosts and addresses a leaf stands for (RFC 9525; S10, S11), and how alternative
// names must be written (RFC 5280, 4.2.1.6).

#include "path_case.h"

namespace ipm::trust::test {
namespace {

using namespace std::string_literals;

void only_common_name(Scenario& s) {
  s.leaf.extensions.drop(oid::kAlternativeNames);
}
void name_subject(Scenario& s, const std::string& name) {
  s.leaf.subject = make::common_name(name);
}

const Case kCases[] = {
    // Exact names
    {"the name itself", "",
     [](Scenario& s) { s.names({make::dns("a.example.com")}).expect_host("a.example.com"); }},
    {"the name in other letters", "",
     [](Scenario& s) { s.names({make::dns("A.Example.COM")}).expect_host("a.example.com"); }},
    {"the host with its final dot", "",
     [](Scenario& s) { s.names({make::dns("a.example.com")}).expect_host("a.example.com."); }},
    {"a name of one label", "",
     [](Scenario& s) { s.names({make::dns("localhost")}).expect_host("localhost"); }},
    {"the second of two names", "",
     [](Scenario& s) {
       s.names({make::dns("b.example.com"), make::dns("a.example.com")})
           .expect_host("a.example.com");
     }},
    {"an A-label", "",
     [](Scenario& s) {
       s.names({make::dns("xn--bcher-kva.example.com")}).expect_host("xn--bcher-kva.example.com");
     }},
    {"another name", "S11",
     [](Scenario& s) { s.names({make::dns("b.example.com")}).expect_host("a.example.com"); }},
    {"the domain above", "S11",
     [](Scenario& s) { s.names({make::dns("example.com")}).expect_host("a.example.com"); }},
    {"a name below", "S11",
     [](Scenario& s) { s.names({make::dns("a.example.com")}).expect_host("example.com"); }},
    {"a name that only ends alike", "S11",
     [](Scenario& s) { s.names({make::dns("ba.example.com")}).expect_host("a.example.com"); }},
    {"a mail address instead of a name", "S11",
     [](Scenario& s) {
       s.names({make::email("root@a.example.com")}).expect_host("a.example.com");
       name_subject(s, "Anybody");
     }},
    {"a URI instead of a name", "S11",
     [](Scenario& s) {
       s.names({make::uri("https://a.example.com/")}).expect_host("a.example.com");
       name_subject(s, "Anybody");
     }},

    // Wildcards
    {"a wildcard", "",
     [](Scenario& s) { s.names({make::dns("*.example.com")}).expect_host("a.example.com"); }},
    {"a wildcard and a deeper host", "S11",
     [](Scenario& s) { s.names({make::dns("*.example.com")}).expect_host("a.b.example.com"); }},
    {"a wildcard and its own domain", "S11",
     [](Scenario& s) { s.names({make::dns("*.example.com")}).expect_host("example.com"); }},
    {"a wildcard of another domain", "S11",
     [](Scenario& s) { s.names({make::dns("*.example.org")}).expect_host("a.example.com"); }},
    {"a partial wildcard in front", "S11",
     [](Scenario& s) {
       s.names({make::dns("*srv.example.com")}).expect_host("ipmsrv.example.com");
     }},
    {"a partial wildcard behind", "S11",
     [](Scenario& s) {
       s.names({make::dns("ipm*.example.com")}).expect_host("ipmsrv.example.com");
     }},
    {"a wildcard in the second label", "S11",
     [](Scenario& s) { s.names({make::dns("a.*.example.com")}).expect_host("a.b.example.com"); }},
    {"two wildcards", "S11",
     [](Scenario& s) { s.names({make::dns("*.*.example.com")}).expect_host("a.b.example.com"); }},
    {"a wildcard inside an A-label", "S11",
     [](Scenario& s) {
       s.names({make::dns("xn--*-kva.example.com")}).expect_host("xn--bcher-kva.example.com");
     }},
    {"a wildcard alone", "S11",
     [](Scenario& s) { s.names({make::dns("*")}).expect_host("localhost"); }},
    {"a wildcard for a top-level domain", "S11",
     [](Scenario& s) { s.names({make::dns("*.com")}).expect_host("example.com"); }},
    {"a wildcard for a public suffix", "S10",
     [](Scenario& s) {
       name_subject(s, "Anybody");
       s.names({make::dns("*.co.uk")}).expect_host("example.co.uk");
     }},
    {"a wildcard for a public suffix, relaxed", "",
     [](Scenario& s) {
       s.relax("wildcard").names({make::dns("*.co.uk")}).expect_host("example.co.uk");
     }},
    {"a wildcard under somebody's own suffix", "",
     [](Scenario& s) { s.names({make::dns("*.github.io")}).expect_host("printers.github.io"); }},
    {"a wildcard under somebody's own suffix, strict", "S10",
     [](Scenario& s) {
       s.strict().names({make::dns("*.github.io")}).expect_host("printers.github.io");
     }},
    {"a wildcard below somebody's own suffix, strict", "",
     [](Scenario& s) {
       s.strict().names({make::dns("*.office.github.io")}).expect_host("a.office.github.io");
     }},
    {"a wildcard under somebody's own suffix, strict but for wildcards", "",
     [](Scenario& s) {
       s.strict().relax("wildcard").names({make::dns("*.github.io")});
       s.expect_host("printers.github.io");
     }},
    {"a wildcard under somebody's own suffix of many labels", "",
     [](Scenario& s) {
       s.names({make::dns("*.s3.amazonaws.com")}).expect_host("printers.s3.amazonaws.com");
     }},
    {"a wildcard below somebody's suffix", "",
     [](Scenario& s) {
       s.names({make::dns("*.example.github.io")}).expect_host("printers.example.github.io");
     }},
    {"a wildcard for a suffix, beside the full name", "",
     [](Scenario& s) {
       s.names({make::dns("*.github.io"), make::dns("example.github.io")})
           .expect_host("example.github.io");
     }},

    // Addresses
    {"an IPv4 address", "",
     [](Scenario& s) { s.names({make::address("\x0a\x01\x01\x01")}).expect_address("10.1.1.1"); }},
    {"another IPv4 address", "S11",
     [](Scenario& s) { s.names({make::address("\x0a\x01\x01\x01")}).expect_address("10.1.1.2"); }},
    {"an IPv6 address", "",
     [](Scenario& s) {
       s.names({make::address("\xfc"s + std::string(14, '\0') + "\x01")}).expect_address("fc00::1");
     }},
    {"an IPv4 address for its IPv6 form", "S11",
     [](Scenario& s) {
       s.names({make::address("\x0a\x01\x01\x01")}).expect_address("::ffff:10.1.1.1");
     }},
    {"an address in the common name", "S11",
     [](Scenario& s) {
       name_subject(s, "10.1.1.1");
       only_common_name(s);
       s.expect_address("10.1.1.1");
     }},
    {"an address written as a DNS name", "S11",
     [](Scenario& s) { s.names({make::dns("10.1.1.1")}).expect_address("10.1.1.1"); }},
    {"an address of five bytes", "S11",
     [](Scenario& s) {
       s.names({make::address("\x0a\x01\x01\x01\x01"), make::address("\x0a\x01\x01\x01")})
           .expect_address("10.1.1.1");
     }},
    {"an address with its mask", "S11",
     [](Scenario& s) {
       s.names(
            {make::address("\x0a\x01\x01\x01\xff\xff\xff\0"s), make::address("\x0a\x01\x01\x01")})
           .expect_address("10.1.1.1");
     }},
    {"an address for a host", "S11",
     [](Scenario& s) {
       name_subject(s, "Anybody");
       s.names({make::address("\x0a\x01\x01\x01")}).expect_host("a.example.com");
     }},

    // The common name (S11)
    {"a common name under a private CA", "",
     [](Scenario& s) {
       only_common_name(s);
       s.expect_host("ipmsrv.example.com");
     }},
    {"a common name beside other names, as the seeds have it", "",
     [](Scenario& s) {
       s.names({make::dns("alt1.example.com")}).expect_host("ipmsrv.example.com");
     }},
    {"a wildcard as common name", "",
     [](Scenario& s) {
       only_common_name(s);
       name_subject(s, "*.example.com");
       s.expect_host("ipmsrv.example.com");
     }},
    {"a partial wildcard as common name", "S11",
     [](Scenario& s) {
       only_common_name(s);
       name_subject(s, "ipm*.example.com");
       s.expect_host("ipmsrv.example.com");
     }},
    {"a common name, strict", "S11",
     [](Scenario& s) {
       only_common_name(s);
       s.strict().expect_host("ipmsrv.example.com");
     }},
    {"a common name under a public CA", "S11",
     [](Scenario& s) {
       only_common_name(s);
       s.root_anchor()->is_public = true;
       s.expect_host("ipmsrv.example.com");
     }},
    {"two common names", "S11",
     [](Scenario& s) {
       only_common_name(s);
       s.leaf.subject = make::distinguished_name({{"2.5.4.3", der::utf8("other.example.com")},
                                                  {"2.5.4.3", der::utf8("ipmsrv.example.com")}});
       s.expect_host("ipmsrv.example.com");
     }},
    {"a common name with a NUL inside", "S11",
     [](Scenario& s) {
       only_common_name(s);
       name_subject(s, "ipmsrv.example.com\0.evil.org"s);
       s.expect_host("ipmsrv.example.com");
     }},
    {"a common name in two-byte letters", "",
     [](Scenario& s) {
       only_common_name(s);
       std::string wide;
       for (const char c : std::string("ipmsrv.example.com")) wide += std::string(1, '\0') + c;
       s.leaf.subject = make::distinguished_name({{"2.5.4.3", der::element(0x1e, wide)}});
       s.expect_host("ipmsrv.example.com");
     }},

    // Syntax: a malformed name spoils the certificate, even where another one matches
    {"a DNS name with a NUL inside", "S11",
     [](Scenario& s) {
       s.names({make::dns("a.example.com\0.evil.org"s), make::dns("a.example.com")})
           .expect_host("a.example.com");
     }},
    {"a DNS name with a leading dot", "S11",
     [](Scenario& s) {
       s.names({make::dns(".example.com"), make::dns("a.example.com")})
           .expect_host("a.example.com");
     }},
    {"a DNS name with a final dot", "S11",
     [](Scenario& s) {
       s.names({make::dns("a.example.com."), make::dns("a.example.com")})
           .expect_host("a.example.com");
     }},
    {"a DNS name with an underscore", "S11",
     [](Scenario& s) {
       s.names({make::dns("a_b.example.com"), make::dns("a.example.com")})
           .expect_host("a.example.com");
     }},
    {"a DNS name with an underscore, relaxed", "",
     [](Scenario& s) {
       s.relax("subject-alternative-names")
           .names({make::dns("a_b.example.com"), make::dns("a.example.com")})
           .expect_host("a.example.com");
     }},
    {"a DNS name in letters beyond ASCII", "S11",
     [](Scenario& s) {
       s.names({make::dns("b\xc3\xbc"
                          "cher.example.com"),
                make::dns("a.example.com")})
           .expect_host("a.example.com");
     }},
    {"an empty DNS name", "S11",
     [](Scenario& s) {
       s.names({make::dns(""), make::dns("a.example.com")}).expect_host("a.example.com");
     }},
    {"a blank for a DNS name", "S11",
     [](Scenario& s) {
       s.names({make::dns(" "), make::dns("a.example.com")}).expect_host("a.example.com");
     }},
    {"a label that ends with a hyphen", "S11",
     [](Scenario& s) {
       s.names({make::dns("a-.example.com"), make::dns("a.example.com")})
           .expect_host("a.example.com");
     }},
    {"a label of 64 letters", "S11",
     [](Scenario& s) {
       s.names({make::dns(std::string(64, 'a') + ".example.com"), make::dns("a.example.com")})
           .expect_host("a.example.com");
     }},
    {"a mailbox with two @", "S11", [](Scenario& s) { s.names({make::email("a@b@example.com")}); }},
    {"a URI without a scheme", "S11", [](Scenario& s) { s.names({make::uri("//example.com/")}); }},
    {"a directory name in broken UTF-8", "extension-malformed",
     [](Scenario& s) {
       s.names({make::dns("ipmsrv.example.com"),
                make::directory(make::distinguished_name({{"2.5.4.3", der::utf8("a\xf4<")}}))});
     }},
    {"a name of another type without a value", "extension-malformed",
     [](Scenario& s) {
       s.names(
           {make::dns("ipmsrv.example.com"), der::context_constructed(0, der::oid(oid::kUnknown))});
     }},
    {"a name of another type with text instead", "extension-malformed",
     [](Scenario& s) {
       s.names({make::dns("ipmsrv.example.com"), der::context_constructed(0, "*.example.com")});
     }},
    {"an address of the old mail with text instead", "extension-malformed",
     [](Scenario& s) {
       s.names({make::dns("ipmsrv.example.com"), der::context_constructed(3, "*.example.com")});
     }},
    {"well-formed names of all kinds", "",
     [](Scenario& s) {
       s.names({make::dns("*.example.com"), make::email("a@example.com"),
                make::uri("ipps://a.example.com/ipp/print"), make::other_name(),
                make::directory(make::common_name("A")), make::address("\x0a\x01\x01\x01")});
     }},

    // The common name where the names speak for themselves
    {"a common name of no host, strict", "",
     [](Scenario& s) {
       name_subject(s, "The print server");
       s.strict().names({make::dns("a.example.com")}).expect_host("a.example.com");
     }},
    {"a common name of an unrelated host, strict", "",
     [](Scenario& s) {
       name_subject(s, "b.example.org");
       s.strict().names({make::dns("a.example.com")}).expect_host("a.example.com");
     }},
    {"a common name above the names, strict", "",
     [](Scenario& s) {
       name_subject(s, "example.com");
       s.strict().names({make::dns("a.example.com")}).expect_host("a.example.com");
     }},
    {"a neighbour as common name, strict", "common-name",
     [](Scenario& s) {
       name_subject(s, "b.example.com");
       s.strict().names({make::dns("a.example.com")}).expect_host("a.example.com");
     }},
    {"a neighbour as common name, relaxed", "",
     [](Scenario& s) {
       name_subject(s, "b.example.com");
       s.strict().relax("common-name").names({make::dns("a.example.com")});
     }},
    {"a common name in other letters, strict", "common-name",
     [](Scenario& s) {
       name_subject(s, "A.Example.com");
       s.strict().names({make::dns("a.example.com")});
     }},
    {"an IPv6 address in capitals as common name, strict", "common-name",
     [](Scenario& s) {
       name_subject(s, "2001:DB8::1");
       s.strict().names({make::dns("a.example.com")});
     }},
    {"a hexadecimal address as common name, strict", "common-name",
     [](Scenario& s) {
       name_subject(s, "0x0A010101");
       s.strict().names({make::address("\x0a\x01\x01\x01")});
     }},
    {"an address with zeros in front as common name, strict", "common-name",
     [](Scenario& s) {
       name_subject(s, "010.001.001.001");
       s.strict().names({make::address("\x0a\x01\x01\x01")});
     }},
    {"an internationalised common name, strict", "common-name",
     [](Scenario& s) {
       name_subject(s,
                    "b\xc3\xbc"
                    "cher.example.com");
       s.strict().names({make::dns("xn--bcher-kva.example.com")});
     }},
};

class PathName : public PathCase {};
TEST_P(PathName, IsJudged) {
  check(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Case, PathName, ::testing::ValuesIn(kCases), case_name);

}  // namespace
}  // namespace ipm::trust::test
