#include "ippclient/caller.h"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <mutex>
#include <string>
#include <vector>

#include "../http/raw_peer.h"
#include "../tls/support.h"
#include "ipp/codec.h"

namespace ipm::ippclient {
namespace {

namespace asio = boost::asio;
namespace pages = tls::test;

// An IPP server of our own HTTP floor under TLS, which wants what it is told to want.
class Office {
 public:
  explicit Office(std::vector<std::string> challenges)
      : challenges_(std::move(challenges)),
        server_([this](http::Request& request) { return answer(request); }, {},
                [generation = pages::build(pages::server_sources(false))] { return generation; }) {}

  CallerOptions options(const std::string& scheme = "ipps") const {
    CallerOptions options{parse_uri(scheme + "://" + server_.address() + "/ipp/print")};
    options.generation = [generation = pages::build(pages::client_sources(""))] {
      return generation;
    };
    return options;
  }
  std::vector<std::string> authorizations() {
    const std::lock_guard lock(mutex_);
    return authorizations_;
  }
  bool satisfied = false;  // by the second kind of words on

 private:
  asio::awaitable<http::Response> answer(http::Request& request) {
    std::string body;
    std::array<unsigned char, 4096> piece{};
    for (;;) {
      const auto size = co_await request.body.read_some(piece);
      if (size == 0) break;
      body.append(reinterpret_cast<const char*>(piece.data()), size);
    }
    const std::string words(request.head.headers.find("Authorization").value_or(""));
    {
      const std::lock_guard lock(mutex_);
      authorizations_.push_back(words);
    }
    http::Response response;
    if (!satisfied || words.empty()) {
      response.status = 401;
      for (const auto& challenge : challenges_) {
        response.headers.add("WWW-Authenticate", challenge);
      }
      co_return response;
    }
    const auto asked = ipp::decode(body).message;
    response.headers.add("Content-Type", "application/ipp");
    response.body = ipp::encode(ipp::Message::reply(ipp::Status::Ok, asked.header));
    co_return response;
  }

  std::vector<std::string> challenges_;
  std::mutex mutex_;
  std::vector<std::string> authorizations_;
  http::TestServer server_;
};

Answer ask(CallerOptions options) {
  asio::io_context context;
  Caller caller(context.get_executor(), std::move(options));
  auto done = asio::co_spawn(
      context, caller.ask(ipp::Message::request(ipp::Operation::GetPrinterAttributes, 1)),
      asio::use_future);
  context.run();
  return done.get();
}

TEST(Exchange, AnErrorOfOurServerComesBackAsItWas) {
  // Words with line ends and labels of their own: nobody parses them.
  const Error meant(Message::DocumentTooLarge, "it is  expected: large", "a small one: 1 kB",
                    "print less");
  http::TestServer server([&](http::Request&) -> asio::awaitable<http::Response> { throw meant; });
  const Answer answer = ask({parse_uri("ipp://" + server.address() + "/ipp/print")});
  ASSERT_TRUE(answer.error);
  EXPECT_EQ(answer.error->message(), meant.message());
  EXPECT_NE(answer.error->happened().find(meant.happened()), std::string::npos);
  EXPECT_EQ(answer.error->expected(), meant.expected());
  EXPECT_EQ(answer.error->mend(), meant.mend());
}

Credentials alice() {
  return {"alice", std::make_shared<const Secret>(std::string("open sesame"))};
}

TEST(Caller, AChallengeUnderTlsIsAnswered) {
  for (const std::string challenge :
       {"Basic realm=\"office\"", "Digest realm=\"office\", nonce=\"n\", qop=\"auth\""}) {
    Office office({challenge});
    office.satisfied = true;
    auto options = office.options();
    options.credentials = alice();
    EXPECT_TRUE(ask(std::move(options)).successful()) << challenge;
    const auto words = office.authorizations();
    ASSERT_EQ(words.size(), 2U);
    EXPECT_EQ(words[0], "");
    EXPECT_TRUE(words[1].starts_with(challenge.substr(0, 5))) << words[1];
  }
}

TEST(Caller, WordsThatAreRefusedAreNotRepeatedForEver) {
  Office office({"Basic realm=\"office\""});
  auto options = office.options();
  options.credentials = alice();
  EXPECT_EQ(ask(std::move(options)).http_status, 401);
  EXPECT_EQ(office.authorizations().size(), 2U);
}

TEST(Caller, WithoutCredentialsAChallengeIsTheAnswer) {
  Office office({"Basic realm=\"office\""});
  const auto answer = ask(office.options());
  EXPECT_EQ(answer.http_status, 401);
  EXPECT_EQ(answer.challenges, "Basic realm=\"office\"");
  EXPECT_EQ(office.authorizations().size(), 1U);
}

TEST(Caller, AServerThatNobodyVouchesForGetsNothing) {
  Office office({"Basic realm=\"office\""});
  auto options = office.options();
  options.credentials = alice();
  options.uri.host = "127.0.0.2";  // which its certificate does not name
  const auto answer = ask(std::move(options));
  EXPECT_NE(answer.silence, Silence::None);
  EXPECT_TRUE(office.authorizations().empty());
}

TEST(Caller, AConnectionThatIsBeingMadeCanBeGivenUp) {
  asio::io_context context;
  // Takes connections, and never says a word of the handshake.
  asio::ip::tcp::acceptor silent(context, {asio::ip::address_v4::loopback(), 0});
  CallerOptions options{
      parse_uri("ipps://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/")};
  options.generation = [generation = pages::build(pages::client_sources(""))] {
    return generation;
  };
  Caller caller(context.get_executor(), std::move(options));
  asio::steady_timer timer(context, std::chrono::milliseconds(50));
  timer.async_wait([&](boost::system::error_code) { caller.abort(); });
  bool ended = false;
  asio::co_spawn(context,
                 caller.ask(ipp::Message::request(ipp::Operation::GetPrinterAttributes, 1)),
                 [&](std::exception_ptr, Answer answer) {
                   EXPECT_EQ(answer.silence, Silence::Unreachable);
                   ended = true;
                 });
  // Not until the handshake has had its time.
  while (!ended && context.run_one() > 0) {
  }
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace ipm::ippclient
