#include "base/uri.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace ipm {
namespace {

TEST(Uri, TakesPrinterAddressesApart) {
  const Uri uri = parse_uri("IPPS://IpmSrv.Example.Com/printers/b%C3%BCro%201");
  EXPECT_EQ(uri.scheme, "ipps");
  EXPECT_EQ(uri.host, "ipmsrv.example.com");
  EXPECT_EQ(uri.port, 631);
  EXPECT_EQ(uri.path, "/printers/büro 1");
  EXPECT_EQ(uri.segments(), (std::vector<std::string_view>{"printers", "büro 1"}));
  EXPECT_EQ(to_string(uri), "ipps://ipmsrv.example.com/printers/b%C3%BCro%201");
}

TEST(Uri, KnowsEachSchemesPort) {
  EXPECT_EQ(parse_uri("ipp://a/").port, 631);
  EXPECT_EQ(parse_uri("http://a").port, 80);
  EXPECT_EQ(parse_uri("https://a").port, 443);
  EXPECT_EQ(parse_uri("socket://a").port, 9100);
  EXPECT_EQ(parse_uri("lpd://a/queue").port, 515);
  EXPECT_EQ(parse_uri("dnssd://a/queue").port, 0);
  EXPECT_EQ(parse_uri("socket://a:9101").port, 9101);
  EXPECT_EQ(parse_uri("ipp://a:631/x").authority(), "a");
  EXPECT_EQ(parse_uri("ipp://a:8631/x").authority(), "a:8631");
}

TEST(Uri, ReadsIpv6Literals) {
  const Uri uri = parse_uri("ipp://[FC00::1]:8631/ipp/print");
  EXPECT_EQ(uri.host, "fc00::1");
  EXPECT_EQ(uri.port, 8631);
  EXPECT_EQ(uri.authority(), "[fc00::1]:8631");
  for (const char* good :
       {"ipp://[::]/", "ipp://[::1]", "ipp://[1:2:3:4:5:6:7:8]/", "ipp://[::ffff:10.0.0.1]/"}) {
    EXPECT_TRUE(find_uri(good)) << good;
  }
  for (const char* wrong : {"ipp://[fe80::1%eth0]/",
                            "ipp://[fe80::1%25]/",
                            "ipp://[fe80::1%25a%2f]/",
                            "ipp://[fc00::1%25eth0]/",
                            "ipp://[fe8::1%25eth0]/",
                            "ipp://[::1%25lo]/",
                            "ipp://[fe80::1%25an-interface-too-long]/",
                            "ipp://[::1/",
                            "ipp://[]/",
                            "ipp://[1:2:3:4:5:6:7]/",
                            "ipp://[1:2:3:4:5:6:7:8:9]/",
                            "ipp://[1::2::3]/",
                            "ipp://[:::]/",
                            "ipp://[12345::]/",
                            "ipp://[::1]x/",
                            "ipp://[10.0.0.1]/",
                            "ipp://[::10.0.0.1:1]/",
                            "ipp://fc00::1/",
                            "ipp://[g::]/",
                            "ipp://[10.0.0.1::]/"}) {
    EXPECT_FALSE(find_uri(wrong)) << wrong;
  }
}

TEST(Uri, ReadsTheZoneOfALinkLocalAddress) {
  const Uri uri = parse_uri("ipp://[FE80::1%25eth0]:8631/ipp/print");
  EXPECT_EQ(uri.host, "fe80::1%eth0");
  EXPECT_EQ(uri.authority(), "[fe80::1%25eth0]:8631");
  EXPECT_EQ(parse_uri(to_string(uri)), uri);
}

TEST(Uri, ReadsFileAddressesAndFolders) {
  EXPECT_EQ(parse_uri("file:///var/spool/out/").path, "/var/spool/out/");
  EXPECT_EQ(parse_uri("file://localhost/a%20b").path, "/a b");
  EXPECT_EQ(parse_uri("file:/a").path, "/a");
  EXPECT_EQ(to_string(parse_uri("file:/a")), "file:///a");
  for (const char* wrong :
       {"file://host/a", "file:a", "file:", "file://", "file:///a?b", "file:///a/../b"}) {
    EXPECT_FALSE(find_uri(wrong)) << wrong;
  }
}

TEST(Uri, KeepsTheQueryAsWritten) {
  const Uri uri = parse_uri("socket://h?waiteof=false&x=%20");
  EXPECT_EQ(uri.path, "");
  EXPECT_EQ(uri.query, "waiteof=false&x=%20");
  EXPECT_EQ(to_string(uri), "socket://h?waiteof=false&x=%20");
}

TEST(Uri, RefusesWhatIsAmbiguousOrBroken) {
  for (const char* wrong : {"",
                            "ipp",
                            "ipp:",
                            "://h/",
                            "1pp://h/",
                            "ipp:/h",
                            "ipp:h",
                            "ipp:///x",
                            "ipp://:631/",
                            "ipp://h:/",
                            "ipp://h:0/",
                            "ipp://h:65536/",
                            "ipp://h:99999999999999999999/",
                            "ipp://h:+1/",
                            "ipp://h:6 31/",
                            "ipp://user@h/",
                            "ipp://user:secret@h/",
                            "ipp://h/#f",
                            "ipp://h/%",
                            "ipp://h/%4",
                            "ipp://h/%4g",
                            "ipp://h/%00",
                            "ipp://h/a%2Fb",
                            "ipp://h/a%0Ab",
                            "ipp://h/%7f",
                            "ipp://h/%ff",
                            "ipp://h/%c0%af",
                            "ipp://h/..",
                            "ipp://h/a/./b",
                            "ipp://h/%2e%2e/b",
                            "ipp://h/a b",
                            "ipp://h/\"",
                            "ipp://h/a\\b",
                            "ipp://h/a\nb",
                            "ipp://h/ü",
                            "ipp://h?a b",
                            "ipp://h?%zz",
                            "ipp://h_/\x01",
                            "ipp://-h/",
                            "ipp://h-/",
                            "ipp://a..b/",
                            "ipp://./",
                            "ipp://1.2.3/",
                            "ipp://1.2.3.256/",
                            "ipp://1.2.3.04/",
                            "ipp://host.123/",
                            "ipp://0x7f.1/",
                            "ipp://h%41/",
                            "ipp://h\\x/"}) {
    EXPECT_FALSE(find_uri(wrong)) << wrong;
  }
  EXPECT_FALSE(find_uri(std::string_view("ipp://h/\0", 9)));
  EXPECT_FALSE(find_uri("ipp://h/" + std::string(kUriBytesMax, 'a')));
  EXPECT_FALSE(find_uri("ipp://" + std::string(64, 'a') + "/"));
}

TEST(Uri, ARefusalNamesTheAddressAndNeverCarriesControlCharacters) {
  try {
    parse_uri("ipp://h/\x1b[31m");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), Message::UriInvalid);
    EXPECT_NE(error.happened().find("\\x1b[31m"), std::string::npos);
  }
}

TEST(Uri, ARefusalNeverRepeatsAPassword) {
  try {
    parse_uri("ipp://user:secret@h/");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos);
    EXPECT_NE(error.happened().find("…@h/"), std::string::npos);
  }
}

TEST(Uri, AFinalDotIsDroppedFromTheHost) {
  EXPECT_EQ(parse_uri("ipp://h.example./").host, "h.example");
}

// What stock clients send as printer-uri: the host is their view of the network.
TEST(UriPath, WhateverTheHostThePathIsRead) {
  for (const auto* text :
       {"ipp://[v1.fe80::1+eth0]:631/printers/office", "ipp://[fe80::1%25eth0]:631/printers/office",
        "ipp://[fe80::1%eth0]/printers/office", "ipp://Office%20LJ._ipp._tcp.local/printers/office",
        "ipp://localhost:/printers/office", "ipp://h-.example/printers/office",
        "ipp://user@host/printers/office", "IPP://x:9/printers/office/", "ipp:///printers/office",
        "ipp://h/printers/%6fffice?waitjob=false"}) {
    const auto uri = find_uri_path(text);
    ASSERT_TRUE(uri) << text;
    EXPECT_EQ(uri->segments(), (std::vector<std::string_view>{"printers", "office"})) << text;
  }
}

TEST(UriPath, APathThatHidesSomethingIsNone) {
  for (const auto* text :
       {"", "office", "/printers/office", "ipp:/printers/office", "://h/p",
        "ipp://h/printers/a%2Fb", "ipp://h/printers/%00", "ipp://h/../x", "ipp://h/a b",
        "ipp://h/%zz", "ipp://[::1/printers/office", "ipp://h:99999/printers/office",
        "ipp://h:port/printers/office", "ipp://[::1]x/printers/office", "ipp://h/%ff"}) {
    EXPECT_FALSE(find_uri_path(text)) << text;
  }
  EXPECT_FALSE(find_uri_path("ipp://h/" + std::string(kUriBytesMax, 'a')));
}

TEST(Uri, EncodesOneSegment) {
  EXPECT_EQ(encode_segment("a/b ü~"), "a%2Fb%20%C3%BC~");
}

}  // namespace
}  // namespace ipm
