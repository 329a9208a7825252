#include "http/server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/error_wire.h"
#include "base/text.h"
#include "raw_peer.h"

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace ipm::http {
namespace {

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

// "METHOD PATH BODY"; some paths do something else.
asio::awaitable<Response> echo(Request& request) {
  if (request.path() == "/refuse") co_return text_response(403, "no");
  if (request.path() == "/throw") throw Error(Message::JobNotFound, "no such job", "one");
  if (request.path() == "/fail") throw std::runtime_error("the secret inside");
  if (request.path() == "/ignore") co_return text_response(200, "ignored");
  if (request.path() == "/empty") co_return Response{.status = 204};
  if (request.path() == "/large") co_return text_response(200, std::string(3'000'000, 'L'));
  if (request.path() == "/pieces" || request.path() == "/known") {
    Response response;
    const auto left = std::make_shared<int>(3);
    response.producer = [left]() -> asio::awaitable<std::span<const unsigned char>> {
      static const std::string kPiece = "piece";
      if ((*left)-- == 0) co_return std::span<const unsigned char>();
      co_return std::span(reinterpret_cast<const unsigned char*>(kPiece.data()), kPiece.size());
    };
    if (request.path() == "/known") response.producer_bytes = 15;
    co_return response;
  }
  std::string body;
  std::array<unsigned char, 64> piece;
  for (;;) {
    const auto size = co_await request.body.read_some(piece);
    if (size == 0) break;
    body.append(reinterpret_cast<const char*>(piece.data()), size);
  }
  co_return text_response(200, std::string(to_text(request.method())) + " " +
                                   std::string(request.path()) + " " + body + ".");
}

const std::string kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

std::string post(const std::string& body, const std::string& more = "") {
  return "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         more + "\r\n" + body;
}

TEST(Server, AnswersRequestsOneAfterTheOtherOnOneConnection) {
  TestServer server(echo);
  RawPeer peer(server.address());
  for (int i = 0; i < 3; ++i) {
    peer.send(kGet);
    const std::string answer = peer.read_answer();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_TRUE(answer.ends_with("GET /a .")) << answer;
    EXPECT_NE(answer.find("Date: "), std::string::npos);
    EXPECT_EQ(answer.find("Connection: "), std::string::npos);
    peer.send(post("hello"));
    EXPECT_TRUE(peer.read_answer().ends_with("POST /b hello."));
  }
  EXPECT_EQ(server.server().statistics().requests, 6U);
  EXPECT_EQ(server.server().statistics().connections_accepted, 1U);
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  TestServer server(echo);
  RawPeer peer(server.address());
  std::string all;
  for (int i = 0; i < 200; ++i) all += post("body " + std::to_string(i));
  peer.send(all + "GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const std::string answers = peer.read_to_end();
  std::size_t at = 0;
  for (int i = 0; i < 200; ++i) {
    at = answers.find("POST /b body " + std::to_string(i) + ".", at);
    ASSERT_NE(at, std::string::npos) << i;
  }
  EXPECT_TRUE(answers.ends_with("GET /last ."));
}

TEST(Server, AHeadMayComeByteByByte) {
  TestServer server(echo);
  RawPeer peer(server.address());
  for (const char byte : post("hello")) {
    ASSERT_TRUE(peer.send(std::string(1, byte)));
  }
  EXPECT_TRUE(peer.read_answer().ends_with("POST /b hello."));
}

TEST(Server, AChunkedBodyIsDecodedAndTheNextRequestFollows) {
  TestServer server(echo);
  RawPeer peer(server.address());
  const std::string request =
      "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: t\r\n\r\n";
  peer.send(request + kGet);
  EXPECT_TRUE(peer.read_answer().ends_with("POST /c hello world."));
  EXPECT_TRUE(peer.read_answer().ends_with("GET /a ."));
}

TEST(Server, ALargeChunkedBodyArrivesWhole) {
  // Large spans are decoded in place.
  auto handler = [](Request& request) -> asio::awaitable<Response> {
    std::vector<unsigned char> piece(100'000);
    std::uint64_t sum = 0;
    for (;;) {
      const auto size = co_await request.body.read_some(piece);
      if (size == 0) break;
      for (std::size_t i = 0; i < size; ++i) sum = sum * 31 + piece[i];
    }
    co_return text_response(200,
                            std::to_string(request.body.bytes_read()) + " " + std::to_string(sum));
  };
  TestServer server(handler);
  std::string body;
  std::string chunks;
  for (std::size_t i = 0; i < 300; ++i) {
    const std::string piece(1 + i * 37 % 9001, static_cast<char>('a' + i % 26));
    char size[32];
    std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    body += piece;
    chunks += size + piece + "\r\n";
  }
  std::uint64_t sum = 0;
  for (const char c : body) sum = sum * 31 + static_cast<unsigned char>(c);
  RawPeer peer(server.address());
  peer.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks +
            "0\r\n\r\n" + post("x"));
  EXPECT_TRUE(
      peer.read_answer().ends_with(std::to_string(body.size()) + " " + std::to_string(sum)));
  EXPECT_TRUE(peer.read_answer().ends_with("1 120"));
}

TEST(Server, ExpectationIsMetWhenTheBodyIsWanted) {
  TestServer server(echo);
  RawPeer peer(server.address());
  peer.send("POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(peer.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.send("hello");
  EXPECT_TRUE(peer.read_answer().ends_with("POST /b hello."));
  // The body came along: no interim response is due.
  peer.send(post("world", "Expect: 100-continue\r\n"));
  EXPECT_TRUE(peer.read_until("\r\n\r\n").starts_with("HTTP/1.1 200"));
}

TEST(Server, AnEarlyRefusalAnswersAnExpectationAndEndsTheConnection) {
  TestServer server(echo);
  RawPeer peer(server.address());
  peer.send(
      "POST /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  const std::string answer = peer.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 403 Forbidden\r\n")) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
}

// libcups sends the head and IPP's attributes at once, and waits for the word with the document.
TEST(Server, ContinueIsSaidToAClientThatHasSentTheBeginningOfItsBody) {
  TestServer server(echo);
  const std::string head = "POST /b HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n";
  RawPeer peer(server.address());
  peer.send(head + "Content-Length: 10\r\n\r\nhello");
  EXPECT_EQ(peer.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.send("world");
  EXPECT_TRUE(peer.read_answer().ends_with("POST /b helloworld."));
  peer.send(head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  EXPECT_EQ(peer.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.send("0\r\n\r\n");
  EXPECT_TRUE(peer.read_answer().ends_with("POST /b hello."));
}

// libcups takes a 200 that comes while it writes for the success of its upload.
TEST(Server, AReplyThatIsNoErrorWaitsForTheEndOfTheBodyAndTheConnectionStays) {
  TestServer server(echo);
  for (const bool chunked : {false, true}) {
    RawPeer peer(server.address());
    peer.send("POST /ignore HTTP/1.1\r\nHost: h\r\n" +
              std::string(chunked ? "Transfer-Encoding: chunked\r\n\r\n2dc6c0\r\n"
                                  : "Content-Length: 3000000\r\n\r\n"));
    peer.send(std::string(1'500'000, 'x'));
    EXPECT_FALSE(peer.has_news(milliseconds(200))) << "an answer in the middle of the body";
    peer.send(std::string(1'500'000, 'x') + (chunked ? "\r\n0\r\n\r\n" : "") + kGet);
    EXPECT_TRUE(peer.read_answer().ends_with("ignored"));
    EXPECT_TRUE(peer.read_answer().ends_with("GET /a ."));
  }
}

TEST(Server, WhoHasMoreToSendThanIsReadOnForGetsTheWordsUnderAnErrorsStatus) {
  ReadOn read_on;
  read_on.bytes = 100'000;
  TestServer server(echo, {}, {}, read_on);
  RawPeer peer(server.address());
  peer.send("POST /ignore HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n");
  peer.send(std::string(3'000'000, 'x'));
  const std::string answer = peer.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 413 ")) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("ignored"));
}

TEST(Server, WhoStopsInTheMiddleOfABodyThatNobodyWantsIsNotWaitedForLong) {
  Limits limits;
  limits.body_wait = milliseconds(50);
  TestServer server(echo, limits);
  RawPeer peer(server.address());
  peer.send("POST /ignore HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\nx");
  EXPECT_EQ(peer.read_to_end(), "");
}

TEST(Server, ARefusalDuringAChunkedUploadClosesTheConnectionAndSaysSo) {
  TestServer server(echo);
  for (const char* path : {"/refuse", "/throw"}) {
    RawPeer peer(server.address());
    peer.send(std::string("POST ") + path +
              " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    const std::string answer = peer.read_answer();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 40")) << answer;
    EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos) << answer;
  }
}

TEST(Server, ABodyInACodingThatIsNotDecodedIsRefused) {
  TestServer server(echo);
  for (const char* coding : {"gzip", "deflate", "identity, gzip", "br"}) {
    RawPeer peer(server.address());
    peer.send(post("packed", std::string("Content-Encoding: ") + coding + "\r\n"));
    const std::string answer = peer.read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 415 ")) << answer;
    EXPECT_NE(answer.find("Accept-Encoding: identity\r\n"), std::string::npos) << answer;
  }
  RawPeer peer(server.address());
  peer.send(post("plain", "Content-Encoding: identity\r\n"));
  EXPECT_TRUE(peer.read_answer().ends_with("POST /b plain."));
}

TEST(Server, ASmallBodyAfterAnErrorIsDroppedAndTheConnectionStays) {
  TestServer server(echo);
  RawPeer peer(server.address());
  peer.send("POST /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 60000\r\n\r\n");
  EXPECT_TRUE(peer.read_answer().starts_with("HTTP/1.1 403"));
  peer.send(std::string(60000, 'x') + kGet);
  EXPECT_TRUE(peer.read_answer().ends_with("GET /a ."));
}

TEST(Server, ALargeUnreadBodyEndsTheConnectionAfterTheAnswerIsSeen) {
  TestServer server(echo);
  RawPeer peer(server.address());
  peer.send("POST /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\n");
  peer.send(std::string(4'000'000, 'x'));  // a client that sends first and listens later
  peer.end_writing();
  const std::string answer = peer.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 403")) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
}

TEST(Server, EachVersionAndMethodGetsItsAnswer) {
  TestServer server(echo);
  {
    RawPeer peer(server.address());
    peer.send("GET /old HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(peer.read_to_end().ends_with("GET /old ."));
  }
  {
    RawPeer peer(server.address());
    peer.send("GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_NE(peer.read_answer().find("Connection: keep-alive"), std::string::npos);
    peer.send("HEAD /h HTTP/1.1\r\nHost: h\r\n\r\n" + kGet);
    EXPECT_NE(peer.read_until("\r\n\r\n").find("Content-Length: 9"), std::string::npos);
    EXPECT_TRUE(peer.read_answer().ends_with("GET /a ."));
    peer.send("GET /empty HTTP/1.1\r\nHost: h\r\n\r\n" + kGet);
    EXPECT_EQ(peer.read_until("\r\n\r\n").find("Content-Length"), std::string::npos);
    EXPECT_TRUE(peer.read_answer().ends_with("GET /a ."));
  }
}

TEST(Server, ProducedBodiesAreChunkedOrOfKnownLength) {
  TestServer server(echo);
  RawPeer peer(server.address());
  peer.send("GET /pieces HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string chunked = peer.read_until("0\r\n\r\n");
  EXPECT_NE(chunked.find("Transfer-Encoding: chunked"), std::string::npos);
  EXPECT_TRUE(chunked.ends_with("\r\n\r\n5\r\npiece\r\n5\r\npiece\r\n5\r\npiece\r\n0\r\n\r\n"))
      << chunked;
  peer.send("GET /known HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(peer.read_answer().ends_with("\r\n\r\npiecepiecepiece"));
  // HTTP/1.0 knows no chunks.
  RawPeer old(server.address());
  old.send("GET /pieces HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const std::string plain = old.read_to_end();
  EXPECT_TRUE(plain.ends_with("\r\n\r\npiecepiecepiece")) << plain;
  EXPECT_EQ(plain.find("keep-alive"), std::string::npos);
}

TEST(Server, ALargeReplyArrivesWhole) {
  TestServer server(echo);
  RawPeer peer(server.address());
  peer.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n" + kGet);
  EXPECT_TRUE(peer.read_answer().ends_with(std::string(3'000'000, 'L')));
  EXPECT_TRUE(peer.read_answer().ends_with("GET /a ."));
}

TEST(Server, ErrorsOfAHandlerBecomeTheirStatusAndStrangeOnesSayNothing) {
  TestServer server(echo);
  RawPeer peer(server.address());
  peer.send("GET /throw HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string known = peer.read_answer();
  EXPECT_TRUE(known.starts_with("HTTP/1.1 404")) << known;
  EXPECT_NE(known.find("IMP-4005 no such job"), std::string::npos);
  peer.send("GET /fail HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string unknown = peer.read_answer();
  EXPECT_TRUE(unknown.starts_with("HTTP/1.1 500")) << unknown;
  EXPECT_EQ(unknown.find("secret"), std::string::npos);
  EXPECT_TRUE(server.logs("the secret inside"));
  EXPECT_EQ(server.server().statistics().responses_5xx, 1U);
}

TEST(Server, MalformedHeadsGetOneAnswerAndTheEnd) {
  TestServer server(echo);
  const std::vector<std::pair<std::string, std::string>> cases{
      {"GET / HTTP/1.1\r\n\r\n" + kGet, "400"},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: "
       "chunked\r\n\r\n0\r\n\r\n" +
           kGet,
       "400"},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"},
      {"GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", "431"},
      {post("x", "Expect: something\r\n"), "417"},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "501"},
      {std::string("\x16\x03\x01", 3), ""},
      {std::string("\0\0\0", 3), "400"},
  };
  for (const auto& [request, status] : cases) {
    RawPeer peer(server.address());
    peer.send(request);
    const std::string answer = peer.read_to_end();
    EXPECT_EQ(answer.substr(0, 12), status.empty() ? "" : "HTTP/1.1 " + status)
        << printable(request, 60);
    EXPECT_LE(count_of(answer, "\r\nDate: "), 1U);
  }
  EXPECT_EQ(server.server().statistics().requests, 0U);
  EXPECT_TRUE(server.logs("127.0.0.1:"));
}

TEST(Server, DamagedBodiesGet400AndTheEnd) {
  TestServer server(echo);
  for (const std::string chunks : {"5\r\nhelloX", "zz\r\n", "5\r\nhel"}) {
    RawPeer peer(server.address());
    peer.send("POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks);
    peer.end_writing();
    EXPECT_TRUE(peer.read_to_end().starts_with("HTTP/1.1 400")) << chunks;
  }
  RawPeer peer(server.address());
  peer.send("POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nshort");
  peer.end_writing();
  EXPECT_TRUE(peer.read_to_end().starts_with("HTTP/1.1 400"));
}

TEST(Server, AClientThatHasFinishedWritingStillGetsItsAnswer) {
  TestServer server(echo);
  RawPeer peer(server.address());
  peer.send(post("hello"));
  peer.end_writing();
  EXPECT_TRUE(peer.read_to_end().ends_with("POST /b hello."));
  RawPeer early(server.address());
  early.send("GET / HTTP/1.1\r\nHo");
  early.end_writing();
  EXPECT_TRUE(early.read_to_end().starts_with("HTTP/1.1 400"));
}

TEST(Server, ClientsThatVanishLeaveNothingBehind) {
  TestServer server(echo);
  for (const std::string& part :
       {std::string(), std::string("GE"), kGet.substr(0, 20), post("hello").substr(0, 60), kGet}) {
    RawPeer peer(server.address());
    peer.send(part);
    peer.close();
  }
  EXPECT_TRUE(TestServer::becomes_true([&] {
    const auto now = server.server().statistics();
    return now.connections_accepted == 5 && now.connections_open == 0;
  }));
}

TEST(Server, SilenceEndsByDeadlinesOfItsKind) {
  Limits limits;
  limits.head_wait = milliseconds(60);
  limits.body_wait = milliseconds(60);
  limits.idle_wait = milliseconds(60);
  limits.handshake_wait = milliseconds(60);
  limits.linger_wait = milliseconds(60);
  TestServer server(echo, limits);
  RawPeer silent(server.address());
  EXPECT_EQ(silent.read_to_end(), "");
  RawPeer slow(server.address());
  slow.send("GET / HT");
  EXPECT_TRUE(slow.read_to_end().starts_with("HTTP/1.1 408"));
  RawPeer stuck(server.address());
  stuck.send("POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf");
  EXPECT_EQ(stuck.read_to_end(), "");
  RawPeer idle(server.address());
  idle.send(kGet);
  EXPECT_TRUE(idle.read_answer().ends_with("GET /a ."));
  EXPECT_TRUE(idle.closed_by_peer());
  EXPECT_GE(server.server().statistics().timeouts, 3U);
}

TEST(Server, AHeadThatDribblesOnIsCutOff) {
  Limits limits;
  limits.head_wait = milliseconds(150);
  TestServer server(echo, limits);
  RawPeer peer(server.address());
  const auto start = std::chrono::steady_clock::now();
  peer.send("GET / HTTP/1.1\r\nX: ");
  std::thread dribble([&] {
    while (peer.send("x") && std::chrono::steady_clock::now() - start < kPatience) {
      std::this_thread::sleep_for(milliseconds(5));
    }
  });
  EXPECT_TRUE(peer.read_until("\r\n\r\n").starts_with("HTTP/1.1 408"));
  peer.close();
  dribble.join();
}

TEST(Server, ABodyBelowTheLeastRateIsCutOff) {
  Limits limits;
  limits.body_wait = milliseconds(100);
  limits.body_bytes_per_second = 100'000;
  TestServer server(echo, limits);
  RawPeer peer(server.address());
  peer.send("POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
  const auto start = std::chrono::steady_clock::now();
  while (peer.send("x") && std::chrono::steady_clock::now() - start < kPatience) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, kPatience);
  EXPECT_TRUE(server.logs("too slowly"));
}

TEST(Server, RequestsOfOneConnectionAreLimited) {
  Limits limits;
  limits.requests_per_connection = 2;
  TestServer server(echo, limits);
  RawPeer peer(server.address());
  peer.send(kGet);
  EXPECT_EQ(peer.read_answer().find("Connection: close"), std::string::npos);
  peer.send(kGet);
  EXPECT_NE(peer.read_answer().find("Connection: close"), std::string::npos);
  EXPECT_TRUE(peer.closed_by_peer());
}

TEST(Server, ConnectionsOfOneAddressAreLimitedAndTheLogIsNotFlooded) {
  Limits limits;
  limits.connections_per_address = 3;
  TestServer server(echo, limits);
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (int i = 0; i < 3; ++i) {
    peers.push_back(std::make_unique<RawPeer>(server.address()));
    peers.back()->send(kGet);
    peers.back()->read_answer();
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(RawPeer(server.address()).read_to_end(), "");
  EXPECT_EQ(count_of(server.log(), "this address has too many"), 1U);
  peers.pop_back();
  EXPECT_TRUE(
      TestServer::becomes_true([&] { return server.server().statistics().connections_open == 2; }));
  RawPeer again(server.address());
  again.send(kGet);
  EXPECT_TRUE(again.read_answer().ends_with("GET /a ."));
  EXPECT_EQ(server.server().statistics().connections_refused, 20U);
}

TEST(Server, RunningOutOfFilesEndsNothingAndSaysSoOnce) {
  TestServer server(echo);
  std::vector<FileHandle> sockets;
  for (int i = 0; i < 3; ++i)
    sockets.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const FileHandle log(::open((server.folder() / "error.log").c_str(), O_RDONLY | O_CLOEXEC));
  const auto logged = [&] {
    std::string text(20'000, ' ');
    const auto size = ::pread(log.get(), text.data(), text.size(), 0);
    return text.substr(0, size > 0 ? static_cast<std::size_t>(size) : 0);
  };
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (FileHandle& socket : sockets) {
    peers.push_back(std::make_unique<RawPeer>(std::move(socket), server.address()));
  }
  EXPECT_TRUE(TestServer::becomes_true(
      [&] { return logged().find("connections cannot be accepted now") != std::string::npos; }));
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  for (auto& peer : peers) {
    peer->send(kGet);
    EXPECT_TRUE(peer->read_answer().ends_with("GET /a ."));
  }
  EXPECT_EQ(count_of(logged(), "connections cannot be accepted now"), 1U);
}

TEST(Server, OneAddressListensToBothFamilies) {
  TestServer server([](Request& request) -> asio::awaitable<Response> {
    co_return text_response(200, std::string(request.remote));
  });
  const std::string bound = server.server().listen_tcp("[::]:0");
  RawPeer peer("127.0.0.1" + bound.substr(bound.rfind(':')));
  peer.send(kGet);
  EXPECT_NE(peer.read_answer().find("\r\n\r\n127.0.0.1:"), std::string::npos);
}

TEST(Server, AnUploadLetsOthersOnItsThreadHaveTheirTurn) {
  // Both connections are of the one thread; the first never stops having bytes ready.
  asio::io_context io{1};
  ServerOptions options;
  options.contexts = {&io};
  std::atomic<bool> answered = false;
  options.handler = [&](Request& request) -> asio::awaitable<Response> {
    std::vector<unsigned char> piece(1000);
    while (request.path() == "/endless" && !answered) co_await request.body.read_some(piece);
    co_return text_response(200, "done");
  };
  Server server(std::move(options));
  const std::string address = server.listen_tcp("127.0.0.1:0");
  std::thread thread([&] { io.run(); });
  RawPeer uploading(address);
  uploading.send("POST /endless HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000000\r\n\r\n");
  std::thread upload([&] {
    const std::string piece(1'000'000, 'x');
    while (!answered && uploading.send(piece)) {
    }
  });
  RawPeer other(address);
  other.send(kGet);
  EXPECT_TRUE(other.read_answer().ends_with("done"));
  answered = true;
  upload.join();
  std::promise<void> done;
  server.stop(milliseconds(0), [&] { done.set_value(); });
  EXPECT_EQ(done.get_future().wait_for(kPatience), std::future_status::ready);
  thread.join();
}

TEST(Server, ATlsClientIsToldNothingAndTheLogAllWhenEncryptionIsOff_S16) {
  TestServer server(echo);
  RawPeer peer(server.address());
  peer.send(std::string("\x16\x03\x01\x00\x05hello", 10));
  EXPECT_EQ(peer.read_to_end(), "");
  EXPECT_TRUE(server.logs("begins a TLS handshake, and encryption is off"));
}

TEST(Server, AnErrorIsDataForWhoNamesItsTypeAndWordsForEverybodyElse) {
  TestServer server(echo);
  RawPeer peer(server.address());
  peer.send(
      "GET /throw HTTP/1.1\r\nHost: h\r\nAccept: application/ipp, "
      "application/problem+json\r\n\r\n");
  const std::string data = peer.read_answer();
  EXPECT_NE(data.find("Content-Type: application/problem+json\r\n"), std::string::npos) << data;
  const auto error = decode_problem(std::string_view(data).substr(data.find("\r\n\r\n") + 4));
  ASSERT_TRUE(error) << data;
  EXPECT_EQ(error->message(), Message::JobNotFound);
  EXPECT_EQ(error->happened(), "no such job");
  EXPECT_EQ(error->expected(), "one");
  peer.send("GET /throw HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n");
  const std::string words = peer.read_answer();
  EXPECT_NE(words.find("Content-Type: text/plain"), std::string::npos) << words;
}

TEST(Server, LocalSocketsTellWhoIsThere) {
  TestServer server([](Request& request) -> asio::awaitable<Response> {
    co_return text_response(
        200, request.local_user == nullptr
                 ? "nobody"
                 : std::to_string(request.local_user->uid) + " " + std::string(request.remote));
  });
  const auto path = server.folder() / "ipmd.sock";
  server.server().listen_local(path);
  struct stat made{};
  ASSERT_EQ(::lstat(path.c_str(), &made), 0);
  EXPECT_EQ(made.st_mode & 0777U, 0666U);
  RawPeer peer(path);
  peer.send(kGet);
  EXPECT_NE(peer.read_answer().find("\r\n\r\n" + std::to_string(::getuid()) + " local user "),
            std::string::npos);
  EXPECT_THROW(server.server().listen_local(path), Error);
  EXPECT_TRUE(server.stop(milliseconds(0)));
  EXPECT_NE(::lstat(path.c_str(), &made), 0);
}

TEST(Server, AStaleLocalSocketIsReplacedAndAFileIsNot) {
  TestServer server(echo);
  const auto stale = server.folder() / "stale.sock";
  {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    stale.string().copy(to.sun_path, sizeof to.sun_path - 1);
    const FileHandle dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    ASSERT_EQ(::bind(dead.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  }
  server.server().listen_local(stale);
  RawPeer peer(stale);
  peer.send(kGet);
  EXPECT_TRUE(peer.read_answer().ends_with("GET /a ."));
  const auto file = server.folder() / "file";
  write_file({file, "precious"});
  EXPECT_THROW(server.server().listen_local(file), Error);
  EXPECT_EQ(read_file(file), "precious");
  EXPECT_THROW(server.server().listen_local(server.folder() / std::string(200, 'x')), Error);
}

TEST(Server, AddressesThatCannotBeListenedOnAreExplained) {
  TestServer server(echo);
  const auto why = [&](const std::string& address) -> std::string {
    try {
      server.server().listen_tcp(address);
    } catch (const Error& error) {
      EXPECT_EQ(error.message(), Message::ListenFailed);
      return error.what();
    }
    return "it listens";
  };
  EXPECT_NE(why(server.address()).find("in use"), std::string::npos) << why(server.address());
  EXPECT_NE(why("192.0.2.1:0").find("cannot listen on 192.0.2.1:0"), std::string::npos);
  for (const char* wrong : {"", "631", ":631", "[::1]", "::1:631", "127.0.0.1:65536",
                            "127.0.0.1:-1", "127.0.0.1:6x", "name:631", "[127.0.0.1]:631"}) {
    EXPECT_NE(why(wrong).find("is not an address to listen on"), std::string::npos) << wrong;
  }
  EXPECT_EQ(why("[::]:0"), "it listens");
}

TEST(Server, StoppingLetsRepliesFinishAndClosesIdleConnections) {
  std::promise<void> entered;
  std::atomic<bool> release = false;
  TestServer server([&](Request& request) -> asio::awaitable<Response> {
    if (request.path() == "/a") co_return text_response(200, "quick");
    entered.set_value();
    while (!release) {
      asio::steady_timer timer(request.executor, milliseconds(2));
      co_await timer.async_wait(asio::use_awaitable);
    }
    co_return text_response(200, "finished");
  });
  RawPeer idle(server.address());
  idle.send(kGet);
  EXPECT_TRUE(idle.read_answer().ends_with("quick"));
  RawPeer opening(server.address());
  RawPeer busy(server.address());
  busy.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  entered.get_future().wait();
  std::promise<void> done;
  server.server().stop(kPatience, [&] { done.set_value(); });
  EXPECT_TRUE(idle.closed_by_peer());
  EXPECT_THROW(
      {
        RawPeer late(server.address());
        if (late.closed_by_peer()) throw std::runtime_error("closed");
      },
      std::runtime_error);
  release = true;
  const std::string answer = busy.read_to_end();
  EXPECT_TRUE(answer.ends_with("finished")) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  EXPECT_EQ(done.get_future().wait_for(kPatience), std::future_status::ready);
  EXPECT_TRUE(server.stop(milliseconds(0)));
}

TEST(Server, StoppingBreaksWhatOutlastsTheGrace) {
  TestServer server(echo);
  RawPeer stuck(server.address());
  stuck.send("POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf");
  EXPECT_TRUE(TestServer::becomes_true([&] { return server.server().statistics().requests == 1; }));
  EXPECT_TRUE(server.stop(milliseconds(20)));
  EXPECT_EQ(stuck.read_to_end(), "");
}

}  // namespace
}  // namespace ipm::http
