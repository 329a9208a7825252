#include "pki/names.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "fixtures.h"

namespace ipm::pki {
namespace {

using test::thrown_by;

TEST(DnsName, TakesHostNamesAndNormalisesThem) {
  struct Case {
    std::string_view given;
    std::string_view text;
  };
  const std::string label63(63, 'a');
  for (const auto& [given, text] : std::initializer_list<Case>{
           {"ipmsrv.example.com", "ipmsrv.example.com"},
           {"IPMSRV.Example.COM", "ipmsrv.example.com"},
           {"ipmsrv.example.com.", "ipmsrv.example.com"},
           {"localhost", "localhost"},
           {"printsrv", "printsrv"},
           {"*.example.com", "*.example.com"},
           {"*.Sub.Example.com.", "*.sub.example.com"},
           {"xn--bro-hoa.example", "xn--bro-hoa.example"},
           {"a--b.example", "a--b.example"},
           {"1and1.com", "1and1.com"},
           {"10.0.0.1a", "10.0.0.1a"},
           {"3com", "3com"},
           {label63, label63},
       }) {
    EXPECT_EQ(DnsName::parse(given).text(), text);
  }
}

TEST(DnsName, S10_RefusesWhatIsNoNameSayingWhy) {
  struct Case {
    std::string given;
    std::string_view why;
    std::string_view mend;
  };
  using namespace std::string_literals;
  const std::string label63(63, 'a');
  const std::string too_long =
      label63 + "." + label63 + "." + label63 + "." + label63;  // 255 characters
  for (const auto& [given, why, mend] : std::vector<Case>{
           {"", "it is empty", ""},
           {".", "an IPv4 address has four numbers", "10.0.0.1"},
           {"..", "an IPv4 address", ""},
           {"ipm*.example.com", "whole left-most label (S10)", "*.example.com"},
           {"*srv.example.com", "whole left-most label (S10)", "*.example.com"},
           {"i*m.example.com", "whole left-most label (S10)", ""},
           {"**.example.com", "whole left-most label (S10)", ""},
           {"a.*.example.com", "whole left-most label (S10)", ""},
           {"*.*.example.com", "whole left-most label (S10)", ""},
           {"example.*", "whole left-most label (S10)", ""},
           {"example.com*", "whole left-most label (S10)", ""},
           {"*.com", "a domain of two labels (S10)", "*.example.com"},
           {"*", "a domain of two labels (S10)", ""},
           {"*.", "a domain of two labels (S10)", ""},
           {"*..", "a domain of two labels (S10)", ""},
           {"*.com.", "a domain of two labels (S10)", ""},
           {"a..b", "an empty label", "one dot"},
           {".example.com", "an empty label", ""},
           {"example.com..", "an empty label", ""},
           {"-a.example.com", "begins or ends with a hyphen", "hyphen"},
           {"a-.example.com", "begins or ends with a hyphen", ""},
           {"-", "begins or ends with a hyphen", ""},
           {"print_srv.example.com", "an underscore", "use a hyphen"},
           {"a b.example.com", "the character \" \"", ""},
           {"a\0.example.com"s, "the character \"\\x00\"", ""},
           {"example.com\0.evil.com"s, "the character \"\\x00\"", ""},
           {"a\n.example.com", "the character \"\\x0a\"", ""},
           {"b\xc3\xbcro.example.com", "letters beyond ASCII", "xn--"},
           {"a,b", "the character \",\"", ""},
           {"10.0.0.1", "it is an address", "IP:10.0.0.1"},
           {"fc00:0::1", "it is an address", "IP:fc00::1"},
           {"10.0.0.256", "neither a name nor an address", ""},
           {"010.0.0.1", "without leading zeros", ""},
           {"10.1", "neither a name nor an address", ""},
           {"123", "neither a name nor an address", ""},
           {"example.123", "last label is all digits", ""},
           {"[fc00::1]", "in brackets", "without the brackets"},
           {"fe80::1%eth0", "a zone", ""},
           {"10.0.0.0/8", "a slash", ""},
           {"ipmsrv:631", "a port", "write ipmsrv"},
           {"ipps://ipmsrv/printers/a", "a URI", "the host alone"},
           {"anna@example.com", "a mail address", "the host alone"},
           {"email:anna", "a colon is not allowed", "no other types"},
           {label63 + "a.example", "a label has 64 characters", "63"},
           {too_long, "it has 255 characters", "253"},
       }) {
    const Error error = thrown_by([&] { DnsName::parse(given); });
    EXPECT_EQ(error.message(), Message::NameInvalid);
    EXPECT_NE(error.happened().find(why), std::string::npos) << given << ": " << error.what();
    EXPECT_NE(error.mend().find(mend), std::string::npos) << given << ": " << error.what();
    EXPECT_EQ(error.happened().find('\n'), std::string::npos);
    EXPECT_FALSE(DnsName::find(given)) << given;
    EXPECT_TRUE(DnsName::complaint(given)) << given;
  }
}

TEST(DnsName, TakesNamesOfExactly253Characters) {
  const std::string label(63, 'a');
  const std::string name = label + "." + label + "." + label + "." + std::string(61, 'a');
  ASSERT_EQ(name.size(), 253U);
  EXPECT_TRUE(DnsName::find(name));
  EXPECT_EQ(DnsName::parse(name + ".").text(), name);
  EXPECT_FALSE(DnsName::find(name + "a"));
}

TEST(DnsName, AFinalDotIsForPeopleNotForCertificates) {
  EXPECT_TRUE(DnsName::find("a.example"));
  EXPECT_FALSE(DnsName::find("a.example."));
  EXPECT_TRUE(DnsName::complaint("a.example."));
}

TEST(DnsName, S10_AWildcardStandsForExactlyOneLabel) {
  const DnsName wildcard = DnsName::parse("*.example.com");
  const DnsName plain = DnsName::parse("ipmsrv.example.com");
  auto host = [](std::string_view text) { return DnsName::parse(text); };
  EXPECT_TRUE(wildcard.matches(plain));
  EXPECT_TRUE(wildcard.matches(host("IPMSRV.EXAMPLE.COM.")));
  EXPECT_TRUE(wildcard.matches(host("xn--bro-hoa.example.com")));
  EXPECT_TRUE(plain.matches(plain));
  for (const char* other : {"example.com", "a.b.example.com", "ipmsrv.example.org", "com",
                            "xexample.com", "a.xexample.com", "localhost"}) {
    EXPECT_FALSE(wildcard.matches(host(other))) << other;
    EXPECT_FALSE(plain.matches(host(other))) << other;
  }
  EXPECT_FALSE(plain.matches(wildcard));
  EXPECT_FALSE(wildcard.matches(wildcard)) << "a wildcard is no host";
}

TEST(IpAddress, ReadsAndWritesRfc5952) {
  struct Case {
    std::string_view given;
    std::string_view text;
  };
  for (const auto& [given, text] : std::initializer_list<Case>{
           {"10.0.0.1", "10.0.0.1"},
           {"255.255.255.255", "255.255.255.255"},
           {"0.0.0.0", "0.0.0.0"},
           {"fc00::1", "fc00::1"},
           {"FC00:0:0:0:0:0:0:1", "fc00::1"},
           {"::", "::"},
           {"::1", "::1"},
           {"1::", "1::"},
           {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
           {"2001:0db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
           {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
           {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
           {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
       }) {
    const IpAddress address = IpAddress::parse(given);
    EXPECT_EQ(address.text(), text);
    EXPECT_EQ(IpAddress::parse(address.text()), address);
    EXPECT_EQ(IpAddress::from_bytes(address.bytes()), address);
    EXPECT_EQ(address.is_v6(), given.find(':') != std::string_view::npos);
  }
}

TEST(IpAddress, RefusesShortOctalZonedAndDecoratedForms) {
  using namespace std::string_literals;
  for (const std::string& given : {
           ""s,
           "10.1"s,
           "10.0.0"s,
           "10.0.0.1.2"s,
           "010.0.0.1"s,
           "10.0.0.00"s,
           "0x0a.0.0.1"s,
           "167772161"s,
           "10.0.0.256"s,
           "10.0.0.-1"s,
           " 10.0.0.1"s,
           "10.0.0.1 "s,
           "10.0.0.1\0"s,
           "10.0.0.1\0.com"s,
           "10.0.0.1."s,
           "fc00:::1"s,
           "fc00::1::2"s,
           "1:2:3:4:5:6:7"s,
           "1:2:3:4:5:6:7:8:9"s,
           "fc00::12345"s,
           "fc00::g"s,
           "fe80::1%eth0"s,
           "[fc00::1]"s,
           "::ffff:1.2.3"s,
           "::1.2.3.4.5"s,
           "10.0.0.0/8"s,
           ":1"s,
           "1:"s,
           std::string(1000, ':'),
       }) {
    EXPECT_FALSE(IpAddress::find(given)) << given;
    EXPECT_EQ(thrown_by([&] { IpAddress::parse(given); }).message(), Message::NameInvalid) << given;
  }
  for (const std::size_t size : {0U, 3U, 5U, 8U, 15U, 17U, 32U}) {
    EXPECT_FALSE(IpAddress::from_bytes(std::string(size, 'x'))) << size;
  }
}

TEST(Names, S11_PrintsExactlyTheTypedNotation) {
  const Names names =
      Names::parse("DNS:alt1.example.com, DNS:alt2.example.com, IP:10.0.0.1, IP:fc00::1");
  EXPECT_EQ(names.text(), "DNS:alt1.example.com, DNS:alt2.example.com, IP:10.0.0.1, IP:fc00::1");
  EXPECT_EQ(Names::parse(names.text()), names);
}

TEST(Names, TakesTypedBareAndMixedNotation) {
  const std::string wanted = "DNS:a.example.com, DNS:b.example.com, IP:10.0.0.1, IP:fc00::1";
  for (const char* given : {
           "a.example.com b.example.com 10.0.0.1 fc00::1",
           "a.example.com,b.example.com,10.0.0.1,fc00::1",
           "10.0.0.1, fc00::1 dns:A.example.com,, \t DNS:b.example.com\n",
           "DNS:a.example.com, DNS:b.example.com, IP Address:10.0.0.1, IP "
           "Address:FC00:0:0:0:0:0:0:1",
           "dns:a.example.com ip:10.0.0.1 b.example.com. ip address:fc00::1",
           "a.example.com A.EXAMPLE.COM b.example.com b.example.com. 10.0.0.1 IP:10.0.0.1 fc00::1",
       }) {
    EXPECT_EQ(Names::parse(given).text(), wanted) << given;
  }
  EXPECT_TRUE(Names::parse("").empty());
  EXPECT_TRUE(Names::parse(" , \t\n").empty());
}

TEST(Names, S11_AMistakenTypeIsRefusedWithTheMend) {
  struct Case {
    std::string_view given;
    std::string_view mend;
  };
  for (const auto& [given, mend] : std::initializer_list<Case>{
           {"DNS:10.0.0.1", "write IP:10.0.0.1"},
           {"DNS:fc00::1", "write IP:fc00::1"},
           {"IP:ipmsrv.example.com", "write DNS:ipmsrv.example.com"},
           {"IP:10.0.0.0/8", "one address, not a network"},
           {"IP:fe80::1%eth0", "without its zone"},
           {"IP:[::1]", "without the brackets"},
           {"email:a@b.example", ""},
           {"URI:ipp://a.example/", "host alone"},
           {"DNS:", ""},
           {"IP:", ""},
           {"DNS: a.example.com", ""},
           {"a.example.com; b.example.com", ""},
           {"a.example.com DNS:ipm*.example.com", "*.example.com"},
       }) {
    const Error error = thrown_by([&] { Names::parse(given); });
    EXPECT_EQ(error.message(), Message::NameInvalid) << given;
    EXPECT_NE(error.mend().find(mend), std::string::npos) << given << ": " << error.what();
  }
}

TEST(Names, HoldAtMostAHundred) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "host" + std::to_string(i) + " ";
  EXPECT_EQ(Names::parse(text).dns.size(), 100U);
  const Error error = thrown_by([&] { Names::parse(text + "10.0.0.1"); });
  EXPECT_NE(error.happened().find("more than 100"), std::string::npos);
}

TEST(Names, AskedByNameAndAddress) {
  const Names names = Names::parse("*.example.com ipmsrv 10.0.0.1");
  EXPECT_TRUE(names.stands_for(DnsName::parse("a.example.com")));
  EXPECT_TRUE(names.stands_for(DnsName::parse("ipmsrv")));
  EXPECT_FALSE(names.stands_for(DnsName::parse("example.com")));
  EXPECT_TRUE(names.contains(DnsName::parse("*.example.com")));
  EXPECT_FALSE(names.contains(DnsName::parse("a.example.com")));
  EXPECT_TRUE(names.contains(IpAddress::parse("10.0.0.1")));
  EXPECT_FALSE(names.contains(IpAddress::parse("::ffff:10.0.0.1")));
}

}  // namespace
}  // namespace ipm::pki
