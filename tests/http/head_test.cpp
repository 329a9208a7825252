#include "http/head.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ipm::http {
namespace {

std::span<const unsigned char> bytes(const std::string& text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

// The status that refuses `text`, or 0 and the head.
int judge(const std::string& text, RequestHead& head, std::size_t bytes_max = 16384,
          std::size_t fields_max = 100) {
  HeadScanner scanner(bytes_max, fields_max);
  switch (scanner.scan(bytes(text))) {
    case HeadScanner::Found::Refused:
      return scanner.refusal()->status;
    case HeadScanner::Found::Incomplete:
      return -1;
    case HeadScanner::Found::Whole:
      break;
  }
  const auto refusal =
      parse_head(bytes(text).subspan(scanner.begin(), scanner.end() - scanner.begin()), head);
  return refusal ? refusal->status : 0;
}

int judge(const std::string& text) {
  RequestHead head;
  return judge(text, head);
}

TEST(RequestHead, IsReadWhole) {
  RequestHead head;
  ASSERT_EQ(judge("POST /ipp/print?a=b HTTP/1.1\r\nHost: ipmsrv.example.com:631\r\n"
                  "Content-Type:application/ipp\r\nContent-Length: 42\r\n\r\n",
                  head),
            0);
  EXPECT_EQ(head.method, Method::Post);
  EXPECT_EQ(head.path(), "/ipp/print");
  EXPECT_EQ(head.query(), "a=b");
  EXPECT_EQ(head.version, 11);
  EXPECT_EQ(head.headers.find("content-type"), "application/ipp");
  EXPECT_EQ(head.framing.kind, Framing::Kind::Length);
  EXPECT_EQ(head.framing.length, 42U);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_FALSE(head.expects_continue);
}

TEST(RequestHead, NothingOfTheOneBeforeIsLeft) {
  RequestHead head;
  ASSERT_EQ(judge("POST /a HTTP/1.1\r\nHost: h\r\nX: y\r\nContent-Length: 3\r\n"
                  "Expect: 100-continue\r\nConnection: close\r\n\r\n",
                  head),
            0);
  EXPECT_TRUE(head.expects_continue);
  ASSERT_EQ(judge("GET /b HTTP/1.1\r\nHost: h\r\n\r\n", head), 0);
  EXPECT_EQ(head.method, Method::Get);
  EXPECT_EQ(head.target, "/b");
  EXPECT_EQ(head.headers.find("X"), std::nullopt);
  EXPECT_EQ(head.framing.kind, Framing::Kind::None);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_FALSE(head.expects_continue);
}

TEST(RequestHead, EachFormOfTargetHasItsPath) {
  const auto path = [](const std::string& target) {
    RequestHead head;
    head.target = target;
    return std::string(head.path()) + "|" + std::string(head.query());
  };
  EXPECT_EQ(path("/"), "/|");
  EXPECT_EQ(path("/a?b?c"), "/a|b?c");
  EXPECT_EQ(path("*"), "*|");
  EXPECT_EQ(path("http://h:631/printers/x?q"), "/printers/x|q");
  EXPECT_EQ(path("ipp://h"), "/|");
  EXPECT_EQ(path("ipp://h?q"), "/|q");
  EXPECT_EQ(path("/a?u=http://x/y"), "/a|u=http://x/y");
}

TEST(RequestHead, KeepAliveFollowsVersionAndConnection) {
  const auto keeps = [](const std::string& text) {
    RequestHead head;
    EXPECT_EQ(judge(text, head), 0) << text;
    return head.keep_alive;
  };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: h\r\nConnection: Close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(RequestHead, EmptyLinesBeforeItAreSkippedUpToTheirLimit) {
  EXPECT_EQ(judge("\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"), 0);
  EXPECT_EQ(judge("\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
}

struct Case {
  const char* name;
  const char* text;
  int status;
};

// Each of these could be read in two ways, or is not HTTP/1.x at all.
TEST(RequestHead, SmugglersAndStrangersAreRefused) {
  const std::vector<Case> cases{
      {"length and coding",
       "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
       400},
      {"coding and length",
       "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
       400},
      {"length and foreign coding",
       "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\n", 400},
      {"two lengths",
       "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 400},
      {"two equal lengths",
       "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", 400},
      {"a list of lengths", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5, 5\r\n\r\n", 400},
      {"a signed length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +5\r\n\r\n", 400},
      {"a negative length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -5\r\n\r\n", 400},
      {"a hexadecimal length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x5\r\n\r\n", 400},
      {"an empty length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n", 400},
      {"an endless length",
       "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
      {"chunked not last", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
       501},
      {"chunked behind another",
       "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
      {"an unknown coding", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n",
       501},
      {"a hidden coding",
       "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \x0b"
       "chunked\r\n\r\n",
       400},
      {"two codings",
       "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
       "chunked\r\n\r\n",
       400},
      {"chunked in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"a blank before the colon",
       "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n", 400},
      {"a blank before the name", "POST / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
      {"a folded field", "POST / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400},
      {"a folded field by tab", "POST / HTTP/1.1\r\nHost: h\r\nX: a\r\n\tb\r\n\r\n", 400},
      {"lines without CR", "GET / HTTP/1.1\nHost: h\n\n", 400},
      {"one line without CR", "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", 400},
      {"a lone CR", "GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n", 400},
      {"NUL in a value", nullptr, 400},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"two Hosts in 1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"a Host with a user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
      {"no colon", "GET / HTTP/1.1\r\nHost h\r\n\r\n", 400},
      {"an empty name", "GET / HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n", 400},
      {"no version", "GET /\r\nHost: h\r\n\r\n", 400},
      {"no target", "GET HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a relative target", "GET a/b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"an authority", "GET h:631 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a star for GET", "GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a fragment", "GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"raw UTF-8 in the target", "GET /\xc3\xa4 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a blank in the target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"two blanks", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"HTTP/0.9 by number", "GET / HTTP/0.9\r\nHost: h\r\n\r\n", 505},
      {"HTTP/3", "GET / HTTP/3.0\r\nHost: h\r\n\r\n", 505},
      {"a lower-case version", "GET / http/1.1\r\nHost: h\r\n\r\n", 400},
      {"another expectation",
       "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: 200-ok\r\n\r\n", 417},
      {"a TLS hello", "\x16\x03\x01\x02", 400},
      {"LPD", "\x02queue\n", 400},
  };
  for (const Case& item : cases) {
    const std::string text = item.text != nullptr
                                 ? std::string(item.text)
                                 : std::string("GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n", 36);
    EXPECT_EQ(judge(text), item.status) << item.name;
  }
}

TEST(RequestHead, UnknownMethodsAreTheHandlersToRefuse) {
  RequestHead head;
  EXPECT_EQ(judge("PROPFIND / HTTP/1.1\r\nHost: h\r\n\r\n", head), 0);
  EXPECT_EQ(head.method, Method::Other);
  EXPECT_EQ(judge("get / HTTP/1.1\r\nHost: h\r\n\r\n", head), 0);
  EXPECT_EQ(head.method, Method::Other);
  EXPECT_EQ(judge("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", head), 0);
  EXPECT_EQ(head.method, Method::Options);
}

TEST(RequestHead, ExpectationIsNoneWithoutABodyOrInHttp10) {
  RequestHead head;
  EXPECT_EQ(judge("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nTransfer-Encoding: "
                  "Chunked\r\n\r\n",
                  head),
            0);
  EXPECT_TRUE(head.expects_continue);
  EXPECT_EQ(head.framing.kind, Framing::Kind::Chunked);
  EXPECT_EQ(judge("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n", head), 0);
  EXPECT_FALSE(head.expects_continue);
  EXPECT_EQ(judge("POST / HTTP/1.0\r\nExpect: x\r\nContent-Length: 4\r\n\r\n", head), 0);
  EXPECT_FALSE(head.expects_continue);
}

TEST(HeadScanner, FindsTheEndHoweverTheBytesArrive) {
  const std::string text = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    HeadScanner scanner(1024, 10);
    HeadScanner::Found found = HeadScanner::Found::Incomplete;
    std::size_t given = 0;
    while (found == HeadScanner::Found::Incomplete && given < text.size()) {
      given = std::min(given + step, text.size());
      found = scanner.scan(bytes(text).first(given));
    }
    ASSERT_EQ(found, HeadScanner::Found::Whole) << step;
    EXPECT_EQ(scanner.end(), text.size() - 3) << step;
  }
}

TEST(HeadScanner, SizeAndCountHaveLimits) {
  RequestHead head;
  const std::string line = "GET / HTTP/1.1\r\nHost: h\r\n";
  const std::string filled = line + "X: " + std::string(100, 'x') + "\r\n\r\n";
  EXPECT_EQ(judge(filled, head, filled.size()), 0);
  EXPECT_EQ(judge(filled, head, filled.size() - 1), 431);
  // Without any line end, too.
  EXPECT_EQ(judge("GET /" + std::string(2000, 'a'), head, 1000), 431);
  EXPECT_EQ(judge(line + "A: 1\r\nB: 2\r\n\r\n", head, 1000, 3), 0);
  EXPECT_EQ(judge(line + "A: 1\r\nB: 2\r\n\r\n", head, 1000, 2), 431);
}

TEST(HeadScanner, ARefusalStays) {
  HeadScanner scanner(100, 10);
  const std::string text = "GET / HTTP/1.1\n";
  EXPECT_EQ(scanner.scan(bytes(text)), HeadScanner::Found::Refused);
  EXPECT_EQ(scanner.scan(bytes(text + "\r\n\r\n")), HeadScanner::Found::Refused);
}

int judge_response(const std::string& text, Method request, ResponseHead& head) {
  const auto refusal = parse_head(bytes(text), request, head);
  return refusal ? refusal->status : 0;
}

TEST(ResponseHead, SaysWhichBodyFollows) {
  ResponseHead head;
  const std::string length = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n";
  ASSERT_EQ(judge_response(length, Method::Post, head), 0);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.reason, "OK");
  EXPECT_EQ(head.framing.length, 7U);
  EXPECT_TRUE(head.keep_alive);
  ASSERT_EQ(judge_response(length, Method::Head, head), 0);
  EXPECT_EQ(head.framing.kind, Framing::Kind::None);
  ASSERT_EQ(judge_response("HTTP/1.1 200 OK\r\n\r\n", Method::Get, head), 0);
  EXPECT_EQ(head.framing.kind, Framing::Kind::UntilEnd);
  EXPECT_FALSE(head.keep_alive);
  ASSERT_EQ(judge_response("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Method::Get, head), 0);
  EXPECT_EQ(head.framing.kind, Framing::Kind::None);
  EXPECT_TRUE(head.keep_alive);
  for (const char* without : {"HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n",
                              "HTTP/1.1 304 \r\nContent-Length: 9\r\n\r\n"}) {
    ASSERT_EQ(judge_response(without, Method::Get, head), 0) << without;
    EXPECT_EQ(head.framing.kind, Framing::Kind::None) << without;
  }
  ASSERT_EQ(
      judge_response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Method::Post, head),
      0);
  EXPECT_EQ(head.framing.kind, Framing::Kind::Chunked);
}

TEST(ResponseHead, StrangersAreRefused) {
  ResponseHead head;
  EXPECT_EQ(judge_response("HTTP/1.1 99 Low\r\n\r\n", Method::Get, head), 400);
  EXPECT_EQ(judge_response("HTTP/1.1 600 High\r\n\r\n", Method::Get, head), 400);
  EXPECT_EQ(judge_response("HTTP/2.0 200 OK\r\n\r\n", Method::Get, head), 400);
  EXPECT_EQ(judge_response("ICY 200 OK\r\n\r\n", Method::Get, head), 400);
  EXPECT_EQ(
      judge_response("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                     Method::Get, head),
      400);
  EXPECT_EQ(judge_response("HTTP/1.1 200 OK\r\nContent-Length: 1", Method::Get, head), 400);
}

TEST(Writing, AHeadReadsBackAsItWas) {
  Headers headers;
  headers.add("Host", "h");
  headers.add("Content-Length", "3");
  std::string text;
  write_request_head("POST", "/printers/a%20b", headers, text);
  EXPECT_EQ(text, "POST /printers/a%20b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n");
  std::string reply;
  write_response_head(426, {}, reply);
  EXPECT_EQ(reply, "HTTP/1.1 426 Upgrade Required\r\n");
}

TEST(Writing, ATargetThatWouldSplitTheMessageIsRefused) {
  std::string text;
  for (const char* target : {"/a b", "/a\r\nX: y", "", "/\xc3\xa4", "/a#b"}) {
    EXPECT_THROW(write_request_head("GET", target, {}, text), Error) << target;
  }
  EXPECT_THROW(write_request_head("G T", "/", {}, text), Error);
  EXPECT_TRUE(text.empty());
}

}  // namespace
}  // namespace ipm::http
