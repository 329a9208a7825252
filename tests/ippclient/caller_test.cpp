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
#include "../output/fake_ipp_printer.h"
#include "../tls/support.h"
#include "ipp/codec.h"
#include "ippclient/limits.h"

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
  // By words that hold these from now on, else it challenges anew.
  void want(const std::string& words, std::vector<std::string> challenges) {
    const std::lock_guard lock(mutex_);
    wanted_ = words;
    challenges_ = std::move(challenges);
  }
  bool satisfied = false;  // by any words at all

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
    http::Response response;
    {
      const std::lock_guard lock(mutex_);
      authorizations_.push_back(words);
      if (!satisfied || words.empty() || words.find(wanted_) == std::string::npos) {
        response.status = 401;
        for (const auto& challenge : challenges_) {
          response.headers.add("WWW-Authenticate", challenge);
        }
      }
    }
    if (response.status == 401) co_return response;
    const auto asked = ipp::decode(body).message;
    response.headers.add("Content-Type", "application/ipp");
    response.body = ipp::encode(ipp::Message::reply(ipp::Status::Ok, asked.header));
    co_return response;
  }

  std::mutex mutex_;
  std::vector<std::string> challenges_;
  std::string wanted_;
  std::vector<std::string> authorizations_;
  http::TestServer server_;
};

// A caller and the thread that it lives on.
class Desk {
 public:
  explicit Desk(CallerOptions options) : caller_(context_.get_executor(), std::move(options)) {}

  Answer ask(ipp::Operation operation = ipp::Operation::GetPrinterAttributes,
             Caller::MakeAttachment document = {}) {
    std::optional<Answer> got;
    auto work = caller_.ask(ipp::Message::request(operation, 1), std::move(document));
    asio::co_spawn(context_, std::move(work),
                   [&](const std::exception_ptr& failure, Answer answer) {
                     EXPECT_FALSE(failure);
                     got = std::move(answer);
                   });
    context_.restart();
    while (!got && context_.run_one() > 0) {
    }
    return got.value_or(Answer{});
  }

 private:
  asio::io_context context_;
  Caller caller_;
};

Answer ask(CallerOptions options) {
  return Desk(std::move(options)).ask();
}

using output::test::FakeIppPrinter;

CallerOptions plain(const FakeIppPrinter& printer) {
  return CallerOptions{parse_uri(printer.uri())};
}

// The first time it is asked that, the reply gets lost with the connection.
void lose_first(FakeIppPrinter& printer, ipp::Operation operation) {
  printer.rule(
      [operation](const FakeIppPrinter::Asked& asked) -> std::optional<FakeIppPrinter::Reaction> {
        if (asked.operation != operation || asked.nth > 1) return std::nullopt;
        return FakeIppPrinter::lost();
      });
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

// RFC 7616, 3.4: a server that sees a count again takes it for a replay.
TEST(Caller, EachRequestAnswersTheChallengeWithACountOfItsOwn) {
  const auto challenge = [](const std::string& nonce) {
    return "Digest realm=\"office\", nonce=\"" + nonce + "\", qop=\"auth\"";
  };
  Office office({challenge("first")});
  office.satisfied = true;
  auto options = office.options();
  options.credentials = alice();
  Desk desk(std::move(options));
  EXPECT_TRUE(desk.ask().successful());
  EXPECT_TRUE(desk.ask().successful());
  office.want("nonce=\"second\"", {challenge("second")});
  EXPECT_TRUE(desk.ask().successful());
  const auto words = office.authorizations();
  ASSERT_EQ(words.size(), 5U);
  EXPECT_EQ(words[0], "");
  const std::vector<std::string> counts = {"nc=00000001", "nc=00000002", "nc=00000003",
                                           "nc=00000001"};
  for (std::size_t at = 0; at < counts.size(); ++at) {
    EXPECT_NE(words[at + 1].find(counts[at]), std::string::npos) << words[at + 1];
  }
}

TEST(Caller, NoPasswordGoesOutInPlaintext) {
  FakeIppPrinter printer;
  printer.rule([](const FakeIppPrinter::Asked&) -> std::optional<FakeIppPrinter::Reaction> {
    return FakeIppPrinter::http("401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"");
  });
  auto options = plain(printer);
  options.credentials = alice();
  Desk desk(std::move(options));
  EXPECT_EQ(desk.ask().http_status, 401);
  EXPECT_EQ(desk.ask().http_status, 401);
  ASSERT_EQ(printer.asked().size(), 2U);
  for (const auto& asked : printer.asked()) {
    EXPECT_EQ(asked.head.find("Authorization"), std::string::npos) << asked.head;
  }
}

TEST(Caller, WhatIsDistrustedBetweenTwoQuestionsGetsNoSecond) {
  Office office({"Basic realm=\"office\""});
  office.satisfied = true;
  auto options = office.options();
  options.credentials = alice();
  auto elsewhere = pages::client_sources("");
  elsewhere.anchors = pages::file("other-ca-cert.pem");
  auto generation = pages::build(pages::client_sources(""));
  options.generation = [&] { return generation; };
  Desk desk(std::move(options));
  EXPECT_TRUE(desk.ask().successful());
  const auto asked = office.authorizations().size();
  generation = pages::build(elsewhere);
  const auto answer = desk.ask();
  EXPECT_EQ(answer.silence, Silence::TlsRefused);
  EXPECT_EQ(office.authorizations().size(), asked);
}

// A connection that is used again may have been closed by the other side, which has done nothing;
// or that has done what it was told and could not say so.
TEST(Caller, OnlyWhatDoesNothingTwiceIsAskedTwice) {
  using ipp::Operation;
  for (const auto operation : {Operation::GetJobs, Operation::GetJobAttributes,
                               Operation::ValidateJob, Operation::CancelJob}) {
    FakeIppPrinter printer;
    lose_first(printer, operation);
    Desk desk(plain(printer));
    EXPECT_TRUE(desk.ask().successful());
    EXPECT_TRUE(desk.ask(operation).reply) << ipp::operation_name(operation);
    EXPECT_EQ(printer.count(operation), 2);
  }
  for (const auto operation : {Operation::CreateJob, Operation::HoldJob, Operation::CloseJob}) {
    FakeIppPrinter printer;
    lose_first(printer, operation);
    Desk desk(plain(printer));
    EXPECT_TRUE(desk.ask().successful());
    EXPECT_EQ(desk.ask(operation).silence, Silence::Broken) << ipp::operation_name(operation);
    EXPECT_EQ(printer.count(operation), 1);
  }
}

TEST(Caller, ADocumentOfWhichSomethingWasReadIsNotSentTwice) {
  FakeIppPrinter printer;
  lose_first(printer, ipp::Operation::PrintJob);
  Desk desk(plain(printer));
  EXPECT_TRUE(desk.ask().successful());
  const auto document = [] {
    Attachment attachment;
    attachment.bytes = 4;
    attachment.producer = [done =
                               false]() mutable -> asio::awaitable<std::span<const unsigned char>> {
      static constexpr std::array<unsigned char, 4> kBytes{'%', 'P', 'D', 'F'};
      co_return std::exchange(done, true) ? std::span<const unsigned char>() : kBytes;
    };
    return attachment;
  };
  EXPECT_EQ(desk.ask(ipp::Operation::PrintJob, document).silence, Silence::Broken);
  EXPECT_EQ(printer.count(ipp::Operation::PrintJob), 1);
}

TEST(Caller, AReplyIsReadUpToItsBound) {
  for (const std::size_t more : {0U, 1U}) {
    FakeIppPrinter printer;
    const std::size_t bytes = kReplyBytesMax + more;
    printer.rule([bytes](const FakeIppPrinter::Asked&) -> std::optional<FakeIppPrinter::Reaction> {
      return FakeIppPrinter::Reaction{
          FakeIppPrinter::Reaction::Kind::Raw,
          "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n" +
              std::string(bytes, 'x')};
    });
    const auto answer = ask(plain(printer));
    EXPECT_EQ(answer.silence, more == 0 ? Silence::Undecodable : Silence::Unintelligible);
  }
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
