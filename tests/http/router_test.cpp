// Who answers which path with which method.
#include "http/router.h"

#include <gtest/gtest.h>

#include "raw_peer.h"

namespace asio = boost::asio;

namespace ipm::http {
namespace {

Handler say(std::string word) {
  return [word = std::move(word)](Request&) -> asio::awaitable<Response> {
    co_return text_response(200, word);
  };
}

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    Router router;
    router.add("/", Router::Below::Excluded, {Method::Get, Method::Head}, say("page"));
    router.add("/", Router::Below::Included, {Method::Post}, say("ipp"));
    router.add("/console", Router::Below::Included, {Method::Get, Method::Post}, say("console"));
    router.add("/console/live", Router::Below::Excluded, {Method::Get}, say("live"));
    server_ = std::make_unique<TestServer>(router.handler());
  }
  std::string ask(const std::string& method, const std::string& path) {
    RawPeer peer(server_->address());
    peer.send(method + " " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
    return peer.read_answer();
  }
  void expect(const std::string& method, const std::string& path, const std::string& word) {
    const std::string answer = ask(method, path);
    EXPECT_TRUE(answer.ends_with("\r\n\r\n" + word)) << method << " " << path << "\n" << answer;
  }

  std::unique_ptr<TestServer> server_;
};

TEST_F(RouterTest, TheLongestPathAnswers) {
  expect("GET", "/", "page");
  expect("GET", "/?x=1", "page");
  expect("GET", "/console", "console");
  expect("GET", "/console/jobs/1?all", "console");
  expect("GET", "/console/live", "live");
  expect("GET", "/console/live/x", "console");
  expect("POST", "/console/live", "console");
  expect("POST", "/", "ipp");
  expect("POST", "/ipp/print/office", "ipp");
}

TEST_F(RouterTest, APathIsNoPrefixOfAWord) {
  expect("POST", "/consoles", "ipp");
  EXPECT_TRUE(ask("GET", "/consoles").starts_with("HTTP/1.1 404 "));
}

TEST_F(RouterTest, WhatNobodyAnswersIs404AndAMethodOfNobody405) {
  EXPECT_TRUE(ask("GET", "/nowhere").starts_with("HTTP/1.1 404 "));
  for (const char* method : {"OPTIONS", "DELETE", "PUT"}) {
    const std::string answer = ask(method, "/");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 405 ")) << answer;
    EXPECT_NE(answer.find("\r\nAllow: GET, HEAD, POST\r\n"), std::string::npos) << answer;
  }
}

}  // namespace
}  // namespace ipm::http
