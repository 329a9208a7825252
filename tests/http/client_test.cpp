#include "http/client.h"

#include <gtest/gtest.h>

#include <array>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "net/run.h"
#include "raw_peer.h"

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace ipm::http {
namespace {

// A server of one connection that does just what a test says, on a thread of its own.
class RawServer {
 public:
  explicit RawServer(std::function<void(int)> serve) {
    listener_ = FileHandle(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&at), size) != 0 ||
        ::listen(listener_.get(), 5) != 0 ||
        ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&at), &size) != 0) {
      throw std::runtime_error("cannot listen");
    }
    port_ = ntohs(at.sin_port);
    thread_ = std::thread([this, serve = std::move(serve)] {
      const FileHandle socket(::accept(listener_.get(), nullptr, nullptr));
      if (socket) serve(socket.get());
    });
  }
  ~RawServer() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  Destination destination() const { return {.host = "127.0.0.1", .port = port_}; }

 private:
  FileHandle listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

std::string receive_until(int socket, const std::string& mark) {
  std::string text;
  char byte = 0;
  while (text.find(mark) == std::string::npos && ::recv(socket, &byte, 1, 0) == 1) text += byte;
  return text;
}

void send_all(int socket, const std::string& text) {
  (void)!::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
}

Destination to(const TestServer& server) {
  const auto colon = server.address().rfind(':');
  return {.host = server.address().substr(0, colon),
          .port = static_cast<std::uint16_t>(std::stoi(server.address().substr(colon + 1)))};
}

// `count` pieces of `size` bytes.
BodyProducer pieces(std::size_t count, std::size_t size) {
  const auto piece = std::make_shared<std::vector<unsigned char>>(size, 'p');
  const auto left = std::make_shared<std::size_t>(count);
  return [piece, left]() -> asio::awaitable<std::span<const unsigned char>> {
    if (*left == 0) co_return std::span<const unsigned char>();
    --*left;
    co_return *piece;
  };
}

// Counts the body, and tells the method, the count and the first field of interest.
asio::awaitable<Response> count(Request& request) {
  if (request.path() == "/refuse") co_return text_response(413, "far too large");
  std::vector<unsigned char> piece(50'000);
  for (;;) {
    const auto size = co_await request.body.read_some(piece);
    if (size == 0) break;
  }
  co_return text_response(200, std::string(to_text(request.method())) + " " +
                                   std::to_string(request.body.bytes_read()) + " " +
                                   std::string(request.head.headers.find("Host").value_or("-")));
}

struct Answer {
  ResponseHead head;
  std::string body;
  bool reusable = false;
};

asio::awaitable<Answer> ask(Connection& connection, const Outgoing& outgoing) {
  Answer answer;
  answer.head = co_await connection.exchange(outgoing);
  answer.body = co_await connection.read_all(1'000'000);
  answer.reusable = connection.reusable();
  co_return answer;
}

Answer ask_once(const Destination& destination, const Outgoing& outgoing,
                ClientLimits limits = {}) {
  return net::run_to_end([&](asio::any_io_executor executor) -> asio::awaitable<Answer> {
    auto connection = co_await Connection::open(executor, destination, limits);
    auto answer = co_await ask(*connection, outgoing);
    co_await connection->close();
    co_return answer;
  });
}

Error failure_of(const Destination& destination, const Outgoing& outgoing,
                 ClientLimits limits = {}) {
  try {
    const Answer answer = ask_once(destination, outgoing, limits);
    ADD_FAILURE() << "an answer came: " << answer.head.status << " " << answer.body;
  } catch (const Error& error) {
    return error;
  }
  return {Message::Unexpected, "", ""};
}

TEST(Client, UsesOneConnectionForManyRequests) {
  TestServer server(count);
  net::run_to_end([&](asio::any_io_executor executor) -> asio::awaitable<void> {
    auto connection = co_await Connection::open(executor, to(server));
    for (int i = 0; i < 5; ++i) {
      const Outgoing outgoing{.target = "/x", .body = std::string(10, 'b')};
      const Answer answer = co_await ask(*connection, outgoing);
      EXPECT_EQ(answer.body, "POST 10 " + server.address());
      EXPECT_TRUE(answer.reusable);
    }
    EXPECT_EQ(connection->exchanges(), 5U);
    // An answer that nobody reads is read away.
    const Outgoing get{.method = "GET"};
    co_await connection->exchange(get);
    EXPECT_FALSE(connection->reusable());
    const Answer answer = co_await ask(*connection, get);
    EXPECT_EQ(answer.body, "GET 0 " + server.address());
  });
  EXPECT_EQ(server.server().statistics().connections_accepted, 1U);
}

TEST(Client, StreamsABodyChunkedOrOfKnownLength) {
  TestServer server(count);
  for (const std::size_t size : {std::size_t{1}, std::size_t{5000}, std::size_t{300'000}}) {
    Outgoing outgoing{.producer = pieces(20, size)};
    EXPECT_TRUE(
        ask_once(to(server), outgoing).body.starts_with("POST " + std::to_string(20 * size)));
    outgoing = {.body = "head", .producer = pieces(20, size), .producer_bytes = 20 * size};
    EXPECT_TRUE(
        ask_once(to(server), outgoing).body.starts_with("POST " + std::to_string(20 * size + 4)));
    outgoing = {
        .body = std::string(100'000, 'h'), .producer = pieces(20, size), .expect_continue = true};
    EXPECT_TRUE(ask_once(to(server), outgoing)
                    .body.starts_with("POST " + std::to_string(20 * size + 100'000)));
  }
  const Outgoing large{.body = std::string(3'000'000, 'x')};
  EXPECT_TRUE(ask_once(to(server), large).body.starts_with("POST 3000000"));
}

TEST(Client, HearsARefusalWhileItStillSends) {
  TestServer server(count);
  auto produced = std::make_shared<std::size_t>(0);
  const auto piece = std::make_shared<std::vector<unsigned char>>(100'000, 'p');
  Outgoing outgoing{.target = "/refuse", .producer_bytes = 1'000'000'000'000};
  outgoing.producer = [=]() -> asio::awaitable<std::span<const unsigned char>> {
    *produced += piece->size();
    co_return *piece;
  };
  const Answer answer = ask_once(to(server), outgoing);
  EXPECT_EQ(answer.head.status, 413);
  EXPECT_EQ(answer.body, "far too large");
  EXPECT_FALSE(answer.reusable);
  EXPECT_LT(*produced, 1'000'000'000U);
}

TEST(Client, HearsARefusalOfAServerThatStopsReading) {
  std::promise<void> heard;
  RawServer server([&](int socket) {
    receive_until(socket, "\r\n\r\n");
    send_all(socket, "HTTP/1.1 413 No\r\nContent-Length: 4\r\n\r\nfull");
    heard.get_future().wait_for(kPatience);  // and reads no more
  });
  const Outgoing outgoing{.producer = pieces(1'000'000, 100'000)};
  const Answer answer = ask_once(server.destination(), outgoing);
  heard.set_value();
  EXPECT_EQ(answer.head.status, 413);
  EXPECT_EQ(answer.body, "full");
}

TEST(Client, DoesNotSendABodyThatIsRefusedBefore) {
  TestServer server(count);
  bool asked = false;
  Outgoing outgoing{.target = "/refuse", .expect_continue = true};
  outgoing.producer = [&]() -> asio::awaitable<std::span<const unsigned char>> {
    asked = true;
    co_return std::span<const unsigned char>();
  };
  EXPECT_EQ(ask_once(to(server), outgoing).head.status, 413);
  EXPECT_FALSE(asked);
}

TEST(Client, SendsTheBodyAnywayToAServerThatKnowsNoExpectation) {
  RawServer server([](int socket) {
    receive_until(socket, "\r\n\r\n");
    receive_until(socket, "0\r\n\r\n");
    send_all(socket, "HTTP/1.1 102 Wait\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  });
  ClientLimits limits;
  limits.continue_wait = milliseconds(30);
  const Outgoing outgoing{.producer = pieces(2, 10), .expect_continue = true};
  EXPECT_EQ(ask_once(server.destination(), outgoing, limits).body, "ok");
}

TEST(Client, ReadsBodiesOfEachKind) {
  const std::vector<std::pair<std::string, bool>> answers{
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
       true},
      {"HTTP/1.1 200 OK\r\n\r\nhello", false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", false},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello", false},
  };
  for (const auto& [text, reusable] : answers) {
    RawServer server([&answer_text = text](int socket) {
      receive_until(socket, "\r\n\r\n");
      for (const char byte : answer_text) send_all(socket, std::string(1, byte));
    });
    const Answer answer = ask_once(server.destination(), {.method = "GET"});
    EXPECT_EQ(answer.body, "hello") << text;
    EXPECT_EQ(answer.reusable, reusable) << text;
  }
}

TEST(Client, DamagedAnswersAreErrors) {
  const std::vector<std::pair<std::string, Message>> answers{
      {"", Message::ConnectionFailed},
      {"HTTP/1.1 200", Message::ConnectionFailed},
      {"SSH-2.0-OpenSSH_9.2\r\n\r\n", Message::HttpMalformed},
      {std::string("\x15\x03\x01\x00\x02", 5), Message::HttpMalformed},
      {"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", Message::HttpMalformed},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", Message::ConnectionFailed},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", Message::ConnectionFailed},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", Message::ConnectionFailed},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
       Message::HttpMalformed},
      {"HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x'), Message::HttpTooLarge},
      {"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + std::string(1'500'000, 'x'),
       Message::HttpTooLarge},
  };
  for (const auto& [text, message] : answers) {
    RawServer server([&answer_text = text](int socket) {
      receive_until(socket, "\r\n\r\n");
      send_all(socket, answer_text);
    });
    EXPECT_EQ(failure_of(server.destination(), {.method = "GET"}).message(), message)
        << text.substr(0, 60);
  }
  RawServer endless([](int socket) {
    receive_until(socket, "\r\n\r\n");
    for (int i = 0; i < 50; ++i) send_all(socket, "HTTP/1.1 100 Continue\r\n\r\n");
  });
  EXPECT_EQ(failure_of(endless.destination(), {.method = "GET"}).message(),
            Message::ConnectionFailed);
}

TEST(Client, UnfoldsTheFieldsOfOldServers) {
  RawServer server([](int socket) {
    receive_until(socket, "\r\n\r\n");
    send_all(socket,
             "HTTP/1.1 200 OK\r\nX-Words: one\r\n two\r\nContent-Length:\r\n\t5\r\n\r\nhello");
  });
  const Answer answer = ask_once(server.destination(), {.method = "GET"});
  EXPECT_EQ(answer.head.headers.find("X-Words"), "one two");
  EXPECT_EQ(answer.body, "hello");
}

TEST(Client, ASilentServerTimesOut) {
  std::promise<void> over;
  auto waiting = over.get_future();
  RawServer server([&](int) { waiting.wait_for(kPatience); });
  ClientLimits limits;
  limits.response_wait = milliseconds(50);
  EXPECT_EQ(failure_of(server.destination(), {.method = "GET"}, limits).message(),
            Message::ConnectionTimedOut);
  over.set_value();
}

TEST(Client, AServerThatIsNotThereIsNamedWithTheMend) {
  std::uint16_t port = 0;
  {
    RawServer gone([](int) {});
    port = gone.destination().port;
  }
  const Error refused = failure_of({.host = "127.0.0.1", .port = port}, {});
  EXPECT_EQ(refused.message(), Message::ConnectionFailed);
  EXPECT_NE(refused.happened().find("127.0.0.1:" + std::to_string(port)), std::string::npos);
  EXPECT_NE(refused.mend().find("is ipmd running"), std::string::npos) << refused.mend();
  const Error absent = failure_of({.local_socket = "/nonexistent/ipmd.sock"}, {});
  EXPECT_NE(absent.mend().find("is ipmd running"), std::string::npos);
  EXPECT_NE(absent.happened().find("/nonexistent/ipmd.sock"), std::string::npos);
  const Error unknown = failure_of({.host = "no-such-host.invalid"}, {});
  EXPECT_EQ(unknown.message(), Message::ConnectionFailed);
  EXPECT_NE(unknown.happened().find("no-such-host.invalid has no address"), std::string::npos);
  EXPECT_EQ(failure_of({.local_socket = "/" + std::string(200, 'x')}, {}).message(),
            Message::ConnectionFailed);
}

TEST(Client, TheNameLocalhostIsTriedAtAllItsAddresses) {
  TestServer server(count);  // on IPv4 alone
  auto destination = to(server);
  destination.host = "localhost";
  EXPECT_EQ(ask_once(destination, {.method = "GET"}).head.status, 200);
}

TEST(Client, GoesThroughALocalSocket) {
  TestServer server(count);
  server.server().listen_local(server.folder() / "s");
  EXPECT_EQ(ask_once({.local_socket = server.folder() / "s"}, {.method = "GET"}).body,
            "GET 0 localhost");
}

TEST(Client, ADocumentThatChangesWhileItIsSentNeverLooksWhole) {
  TestServer server(count);
  for (const std::size_t announced : {std::size_t{99}, std::size_t{101}}) {
    const Outgoing outgoing{.producer = pieces(10, 10), .producer_bytes = announced};
    EXPECT_EQ(failure_of(to(server), outgoing).message(), Message::Unexpected);
  }
  Outgoing broken;
  broken.producer = []() -> asio::awaitable<std::span<const unsigned char>> {
    throw Error(Message::FileUnreadable, "the disk", "a disk");
    co_return std::span<const unsigned char>();
  };
  EXPECT_EQ(failure_of(to(server), broken).message(), Message::FileUnreadable);
  EXPECT_EQ(server.server().statistics().responses_5xx, 0U);
}

TEST(Client, AUsedUpConnectionSaysSo) {
  RawServer server([](int socket) {
    receive_until(socket, "\r\n\r\n");
    send_all(socket, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });
  const auto twice = [&](asio::any_io_executor executor) -> asio::awaitable<void> {
    auto connection = co_await Connection::open(executor, server.destination());
    const Outgoing get{.method = "GET"};
    co_await connection->exchange(get);
    EXPECT_FALSE(connection->reusable());
    co_await connection->exchange(get);
  };
  EXPECT_THROW(net::run_to_end(twice), Error);
}

TEST(RunToEnd, GivesResultsAndExceptionsBack) {
  const int three =
      net::run_to_end([](asio::any_io_executor) -> asio::awaitable<int> { co_return 3; });
  EXPECT_EQ(three, 3);
  const auto fail = [](asio::any_io_executor) -> asio::awaitable<void> {
    throw Error(Message::Unexpected, "x", "y");
    co_return;
  };
  EXPECT_THROW(net::run_to_end(fail), Error);
}

}  // namespace
}  // namespace ipm::http
