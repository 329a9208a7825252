#include "output/driver.h"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <thread>

#include "base/files.h"
#include "ipp/codec.h"
#include "output/file_driver.h"
#include "temporary_folder.h"

namespace ipm::output {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

class TextSource final : public Source {
 public:
  explicit TextSource(std::string text) : text_(std::move(text)) {}
  std::size_t read(std::span<unsigned char> into) override {
    const std::size_t count = std::min(into.size(), text_.size() - at_);
    std::copy_n(text_.begin() + static_cast<std::ptrdiff_t>(at_), count, into.begin());
    at_ += count;
    return count;
  }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

Document document(const std::string& text, int number = 1, const std::string& name = "page.pdf") {
  return {number, name, "application/pdf", text.size(),
          [text] { return std::make_unique<TextSource>(text); }};
}

Assignment assignment(std::vector<Document> documents, int copies = 1) {
  Assignment job;
  job.job_id = 12;
  job.job_name = "report";
  job.owner = "alice";
  job.copies = copies;
  job.documents = std::move(documents);
  return job;
}

// Runs one delivery to its end.
class Drivers : public testing::Test {
 protected:
  Result deliver(const std::string& device, const Assignment& job) {
    const auto driver = make_driver(parse_uri(device), {}, {&pool_, {}});
    asio::io_context context;
    auto done =
        asio::co_spawn(context, driver->deliver(job, cancellation_, progress_), asio::use_future);
    context.run();
    return done.get();
  }

  std::string refusal(const std::string& device) {
    try {
      make_driver(parse_uri(device), {}, {&pool_, {}});
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing was refused";
  }

  asio::thread_pool pool_{1};
  Cancellation cancellation_;
  Progress progress_;
  test::TemporaryFolder folder_;
};

// A device that accepts one connection after the other and treats each as it is told.
class FakePrinter {
 public:
  explicit FakePrinter(std::function<void(tcp::socket&)> treat, int connections = 1)
      : acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        thread_([this, treat = std::move(treat), connections] {
          for (int i = 0; i < connections; ++i) {
            boost::system::error_code failed;
            tcp::socket socket(context_);
            acceptor_.accept(socket, failed);
            if (failed) return;
            treat(socket);
          }
        }) {}
  ~FakePrinter() {
    // Wakes an accept that nobody came for.
    boost::system::error_code ignored;
    tcp::socket(context_).connect(acceptor_.local_endpoint(), ignored);
  }
  std::string port() const { return std::to_string(acceptor_.local_endpoint().port()); }

 private:
  asio::io_context context_;
  tcp::acceptor acceptor_;
  std::jthread thread_;
};

std::string read_all(tcp::socket& socket) {
  std::string all;
  boost::system::error_code ended;
  asio::read(socket, asio::dynamic_buffer(all), ended);
  return all;
}

// One HTTP request whose body has a known length or is chunked; only as much of HTTP as is needed.
std::string read_request(tcp::socket& socket) {
  std::string all;
  std::array<char, 4096> piece;
  boost::system::error_code ended;
  const auto more = [&] {
    const auto got = socket.read_some(asio::buffer(piece), ended);
    all.append(piece.data(), got);
  };
  while (!ended && all.find("\r\n\r\n") == std::string::npos) more();
  const std::size_t head = all.find("\r\n\r\n") + 4;
  if (all.find("100-continue") != std::string::npos) {
    asio::write(socket, asio::buffer(std::string("HTTP/1.1 100 Continue\r\n\r\n")), ended);
  }
  const auto at = all.find("Content-Length: ");
  if (at == std::string::npos) return all;
  const std::size_t length = std::stoul(all.substr(at + 16));
  while (!ended && all.size() < head + length) more();
  return all.substr(head);
}

void reply(tcp::socket& socket, const ipp::Message& message) {
  const std::string body = ipp::encode(message);
  boost::system::error_code ignored;
  asio::write(socket,
              asio::buffer("HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: " +
                           std::to_string(body.size()) + "\r\n\r\n" + body),
              ignored);
}

TEST_F(Drivers, FilesArriveWholeUnderHarmlessNames) {
  const auto result =
      deliver("file://" + folder_.path().string() + "/",
              assignment({document("one"), document("two", 2, "../../etc/passwd")}, 2));
  EXPECT_EQ(result.outcome, Outcome::Delivered);
  EXPECT_EQ(read_file(folder_ / "job-12-1-page.pdf"), "one");
  EXPECT_EQ(read_file(folder_ / "job-12-1-copy2-page.pdf"), "one");
  EXPECT_EQ(read_file(folder_ / "job-12-2-passwd.pdf"), "two");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 4);
}

TEST_F(Drivers, ADocumentThatIsShorterThanAcknowledgedIsNeverDelivered) {
  Document damaged = document("short");
  damaged.bytes = 6;
  const auto result = deliver("file://" + folder_.path().string() + "/", assignment({damaged}));
  EXPECT_EQ(result.outcome, Outcome::JobRefused);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(Drivers, AFolderThatHasGoneIsTriedAgain) {
  std::filesystem::create_directory(folder_ / "gone");
  const auto driver =
      make_driver(parse_uri("file://" + (folder_ / "gone").string() + "/"), {}, {&pool_, {}});
  std::filesystem::remove(folder_ / "gone");
  asio::io_context context;
  const auto job = assignment({document("x")});
  auto done =
      asio::co_spawn(context, driver->deliver(job, cancellation_, progress_), asio::use_future);
  context.run();
  EXPECT_EQ(done.get().outcome, Outcome::DeviceAway);
}

TEST_F(Drivers, AddressesThatNoDriverUnderstandsAreRefusedWithTheMend) {
  EXPECT_NE(refusal("ftp://host/").find("file:///DIR/"), std::string::npos);
  EXPECT_NE(refusal("lpd://host/queue").find("no driver"), std::string::npos);
  EXPECT_NE(refusal("file:///nowhere/at/all").find("mkdir -p"), std::string::npos);
  EXPECT_NE(refusal("socket://host/path").find("path"), std::string::npos);
  EXPECT_NE(refusal("ipp://host/ipp/print?x=1").find("query"), std::string::npos);
  EXPECT_NE(refusal("ipps://under_score/ipp/print").find("IMP-1006"), std::string::npos);
}

TEST_F(Drivers, ASocketGetsTheBytesAndNothingElse) {
  std::string received;
  {
    FakePrinter printer([&](tcp::socket& socket) { received = read_all(socket); });
    const std::string text(300'000, 'p');
    const auto result =
        deliver("socket://127.0.0.1:" + printer.port(), assignment({document(text)}, 2));
    EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
  }
  EXPECT_EQ(received, std::string(600'000, 'p'));
}

TEST_F(Drivers, ASocketThatNobodyListensOnIsTriedAgain) {
  const auto result = deliver("socket://127.0.0.1:9", assignment({document("x")}));
  EXPECT_EQ(result.outcome, Outcome::DeviceAway);
  EXPECT_EQ(result.printer_reasons, std::vector<std::string>{"connecting-to-device"});
}

TEST_F(Drivers, ASocketThatBreaksIsTriedAgain) {
  FakePrinter printer([](tcp::socket& socket) {
    socket.set_option(asio::socket_base::linger(true, 0));
    socket.close();
  });
  const auto result = deliver("socket://127.0.0.1:" + printer.port(),
                              assignment({document(std::string(50'000'000, 'x'))}));
  EXPECT_EQ(result.outcome, Outcome::DeviceAway);
}

TEST_F(Drivers, AnIppPrinterIsFollowedToTheEndOfTheJob) {
  std::vector<ipp::Operation> asked;
  std::string content;
  FakePrinter printer([&](tcp::socket& socket) {
    for (int step = 0; step < 3; ++step) {
      const auto request = read_request(socket);
      const auto decoded = ipp::decode(request);
      asked.push_back(decoded.message.operation());
      if (step == 0) content = request.substr(decoded.bytes);
      auto answer = ipp::Message::reply(ipp::Status::Ok, decoded.message.header);
      auto& job = answer.add_group(ipp::GroupTag::Job);
      job.add_integer("job-id", 77);
      job.add_enum("job-state", step < 2 ? 5 : 9);
      job.add_integer("job-impressions-completed", 3);
      reply(socket, answer);
    }
  });
  const auto result = deliver("ipp://127.0.0.1:" + printer.port() + "/ipp/print",
                              assignment({document("content")}));
  EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
  EXPECT_EQ(result.impressions, 3);
  EXPECT_EQ(content, "content");
  EXPECT_EQ(asked, (std::vector{ipp::Operation::PrintJob, ipp::Operation::GetJobAttributes,
                                ipp::Operation::GetJobAttributes}));
}

TEST_F(Drivers, WhatAnIppPrinterAnswersDecidesWhetherToTryAgain) {
  for (const auto& [status, outcome] : std::vector<std::pair<ipp::Status, Outcome>>{
           {ipp::Status::Busy, Outcome::DeviceAway},
           {ipp::Status::NotAcceptingJobs, Outcome::DeviceAway},
           {ipp::Status::NotAuthorized, Outcome::DeviceAway},
           {ipp::Status::DocumentFormatNotSupported, Outcome::JobRefused},
           {ipp::Status::DocumentFormatError, Outcome::JobRefused}}) {
    FakePrinter printer([answer = status](tcp::socket& socket) {
      const auto decoded = ipp::decode(read_request(socket));
      reply(socket, ipp::Message::reply(answer, decoded.message.header));
    });
    const auto result =
        deliver("ipp://127.0.0.1:" + printer.port() + "/", assignment({document("x")}));
    EXPECT_EQ(result.outcome, outcome) << result.text;
  }
}

TEST_F(Drivers, AnAnswerThatIsNoIppIsTriedAgain) {
  FakePrinter printer([](tcp::socket& socket) {
    read_request(socket);
    boost::system::error_code ignored;
    asio::write(socket,
                asio::buffer(std::string("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")),
                ignored);
  });
  const auto result =
      deliver("ipp://127.0.0.1:" + printer.port() + "/", assignment({document("x")}));
  EXPECT_EQ(result.outcome, Outcome::DeviceAway) << result.text;
}

TEST_F(Drivers, IppsWithoutCertificatesSaysWhatIsMissing) {
  const auto result = deliver("ipps://127.0.0.1:9/ipp/print", assignment({document("x")}));
  EXPECT_EQ(result.outcome, Outcome::DeviceAway);
  EXPECT_NE(result.text.find("certificates to dial with"), std::string::npos) << result.text;
}

}  // namespace
}  // namespace ipm::output
