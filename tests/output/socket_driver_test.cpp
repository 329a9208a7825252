#include "output/raw/socket_driver.h"

#include <array>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "delivery_fixture.h"

namespace ipm::output::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::milliseconds;

// A raw device that treats one connection as it is told.
class RawDevice {
 public:
  explicit RawDevice(std::function<void(tcp::socket&)> treat, int room = 0)
      : acceptor_(context_, tcp::v4()) {
    // Before listening: a small window stays small.
    if (room > 0) acceptor_.set_option(asio::socket_base::receive_buffer_size(room));
    acceptor_.bind(tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    acceptor_.listen();
    thread_ = std::thread([this, treat = std::move(treat)] {
      boost::system::error_code failed;
      tcp::socket socket(context_);
      acceptor_.accept(socket, failed);
      if (!failed) treat(socket);
    });
  }
  ~RawDevice() {
    boost::system::error_code ignored;
    tcp::socket(context_).connect(acceptor_.local_endpoint(), ignored);  // wakes a vain accept
    thread_.join();
  }
  std::string uri() const {
    return "socket://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }

 private:
  asio::io_context context_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

std::string read_to_the_end(tcp::socket& socket) {
  std::string all;
  boost::system::error_code ended;
  asio::read(socket, asio::dynamic_buffer(all), ended);
  return all;
}

std::string read_bytes(tcp::socket& socket, std::size_t bytes) {
  std::string some(bytes, '\0');
  boost::system::error_code ended;
  some.resize(asio::read(socket, asio::buffer(some), ended));
  return some;
}

void reset(tcp::socket& socket) {
  socket.set_option(asio::socket_base::linger(true, 0));
  socket.close();
}

// Opened by one thread, waited for by another.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [this] { return open_; });
  }
  bool is_open() {
    const std::lock_guard lock(mutex_);
    return open_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

class SocketDriver : public Deliveries {
 protected:
  Result deliver(const RawDevice& device, const Assignment& job, bool wait_for_end = false) {
    DeviceSettings settings;
    settings.wait_for_end = wait_for_end;
    return run(*make_socket_driver(parse_uri(device.uri()), settings, {pool_.get_executor(), {}},
                                   patience_),
               job);
  }
  Patience patience_ = hasty();
};

TEST_F(SocketDriver, TheBytesOfAllCopiesAndNothingElseArrive) {
  std::string received;
  {
    RawDevice device([&](tcp::socket& socket) { received = read_to_the_end(socket); });
    const auto result = deliver(device, assignment({document(std::string(300'000, 'p'))}, 2));
    EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
    EXPECT_FALSE(result.may_be_there);
  }
  EXPECT_EQ(received, std::string(600'000, 'p'));
}

TEST_F(SocketDriver, B13_AResetBeforeAnyByteIsReadIsNoDelivery) {
  RawDevice device(
      [](tcp::socket& socket) {
        std::this_thread::sleep_for(milliseconds(50));  // so that bytes lie there unread
        reset(socket);
      },
      4096);
  const auto result = deliver(device, assignment({document(std::string(2'000'000, 'x'))}));
  EXPECT_TRUE(result.outcome == Outcome::DeviceAway || result.outcome == Outcome::JobFailed)
      << static_cast<int>(result.outcome) << result.text;
}

TEST_F(SocketDriver, B13_AResetInTheMiddleTellsWhatMayBePrinted) {
  RawDevice device([](tcp::socket& socket) {
    read_bytes(socket, 50'000);
    reset(socket);
  });
  const auto result = deliver(device, assignment({document(std::string(20'000'000, 'x'))}));
  EXPECT_EQ(result.outcome, Outcome::JobFailed) << result.text;
  EXPECT_TRUE(result.may_be_there);
  EXPECT_NE(result.text.find("of 20000000 bytes"), std::string::npos) << result.text;
}

TEST_F(SocketDriver, B13_AnEarlyCloseIsNoDelivery) {
  RawDevice device([](tcp::socket& socket) {
    read_bytes(socket, 50'000);
    socket.close();
  });
  const auto result = deliver(device, assignment({document(std::string(20'000'000, 'x'))}));
  EXPECT_EQ(result.outcome, Outcome::JobFailed) << result.text;
}

TEST_F(SocketDriver, B13_AResetAfterTheLastByteIsDoubtful) {
  RawDevice device([](tcp::socket& socket) {
    read_bytes(socket, 3'000);
    std::array<char, 1> end{};
    boost::system::error_code ended;
    socket.read_some(asio::buffer(end), ended);  // our end: all has been acknowledged
    reset(socket);
  });
  patience_.raw_end = milliseconds(10'000);
  const auto result = deliver(device, assignment({document(std::string(3'000, 'x'))}));
  EXPECT_EQ(result.outcome, Outcome::Doubtful) << result.text;
  EXPECT_TRUE(result.may_be_there);
}

TEST_F(SocketDriver, B13_AllAcknowledgedWithoutAnEndIsSentAndNotConfirmed) {
  Gate done;
  RawDevice device([&](tcp::socket& socket) {
    read_bytes(socket, 3'000);
    done.wait();
  });
  const auto result = deliver(device, assignment({document(std::string(3'000, 'x'))}));
  done.open();
  EXPECT_EQ(result.outcome, Outcome::Sent) << result.text;
  EXPECT_NE(result.text.find("not confirmed"), std::string::npos);
}

TEST_F(SocketDriver, B13_TheEndIsWaitedForVisiblyWhereThatIsWanted) {
  Gate told;
  RawDevice device([&](tcp::socket& socket) {
    read_bytes(socket, 3'000);
    told.wait();
  });
  on_waiting_ = [&] { told.open(); };
  const auto result = deliver(device, assignment({document(std::string(3'000, 'x'))}), true);
  EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
  EXPECT_TRUE(said("has all 3000 bytes"));
}

TEST_F(SocketDriver, B13_ADeviceWithoutPaperGetsTheDocumentOnceAndThePersonIsTold) {
  Gate told;
  std::string received;
  {
    RawDevice device(
        [&](tcp::socket& socket) {
          received = read_bytes(socket, 100'000);
          told.wait();
          received += read_to_the_end(socket);
        },
        4096);
    on_waiting_ = [&] { told.open(); };
    const auto result = deliver(device, assignment({document(std::string(8'000'000, 'x'))}));
    EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
  }
  EXPECT_EQ(received.size(), 8'000'000U);
  EXPECT_TRUE(said("is there paper in it?"));
  EXPECT_TRUE(said("takes data again"));
}

TEST_F(SocketDriver, WhatTheDeviceSaysIsReadAndDropped) {
  RawDevice device([](tcp::socket& socket) {
    const std::string talk(3'000'000, 't');
    boost::system::error_code ignored;
    asio::write(socket, asio::buffer(talk), ignored);  // blocks unless it is read
    read_to_the_end(socket);
  });
  const auto result = deliver(device, assignment({document(std::string(3'000'000, 'x'))}));
  EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
}

// It talks up to the bound, and a byte more: from there on its end could not be heard.
TEST_F(SocketDriver, ADeviceThatTalksWithoutEndIsNotListenedToForEver) {
  for (const std::uint64_t more : {0U, 1U}) {
    RawDevice device([more](tcp::socket& socket) {
      const std::string talk(1U << 20U, 't');
      boost::system::error_code failed;
      read_bytes(socket, 7);
      for (std::uint64_t sent = 0; sent < kBackTalkBytesMax && !failed; sent += talk.size()) {
        asio::write(socket, asio::buffer(talk), failed);
      }
      asio::write(socket, asio::buffer(talk.data(), more), failed);
      read_to_the_end(socket);
    });
    patience_.raw_end = std::chrono::seconds(60);
    const auto result = deliver(device, assignment({document("content")}));
    EXPECT_EQ(result.outcome, more == 0 ? Outcome::Delivered : Outcome::Doubtful) << result.text;
  }
}

TEST_F(SocketDriver, B13_AStopWhileTheEndIsAwaitedIsDoubtfulWhereTheEndCounts) {
  Gate stopped;
  RawDevice device([&](tcp::socket& socket) {
    read_to_the_end(socket);
    stopped.wait();
  });
  patience_.quiet = milliseconds(0);
  on_waiting_ = [&] {
    if (said("has all 7 bytes")) {
      cancellation_.stop();
      stopped.open();
    }
  };
  const auto result = deliver(device, assignment({document("content")}), true);
  EXPECT_EQ(result.outcome, Outcome::Doubtful) << result.text;
  EXPECT_TRUE(result.may_be_there);
}

// As a record of an earlier version may have it.
TEST_F(SocketDriver, B13_WhatMayBeThereIsNotSentAgainInSilence) {
  auto job = assignment({document("content")});
  job.earlier.may_be_there = true;
  std::string received;
  {
    RawDevice device([&](tcp::socket& socket) { received = read_to_the_end(socket); });
    EXPECT_EQ(deliver(device, job).outcome, Outcome::Doubtful);
  }
  EXPECT_EQ(received, "");
}

TEST_F(SocketDriver, ADeviceThatEndsItsOwnDirectionFirstStillGetsAll) {
  std::string received;
  {
    RawDevice device([&](tcp::socket& socket) {
      socket.shutdown(tcp::socket::shutdown_send);
      received = read_to_the_end(socket);
    });
    const auto result = deliver(device, assignment({document(std::string(5'000'000, 'x'))}));
    EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
  }
  EXPECT_EQ(received.size(), 5'000'000U);
}

TEST_F(SocketDriver, ACancelEndsAStandingDeliveryAtOnce) {
  Gate begun;
  Gate canceled;
  RawDevice device([&](tcp::socket& socket) {
    read_bytes(socket, 1'000);
    begun.open();
    canceled.wait();
  });
  on_waiting_ = [&] {
    if (begun.is_open()) cancellation_.cancel();
  };
  const auto result = deliver(device, assignment({document(std::string(20'000'000, 'x'))}));
  canceled.open();
  EXPECT_EQ(result.outcome, Outcome::Canceled);
  EXPECT_TRUE(result.may_be_there);
}

TEST_F(SocketDriver, AStopInTheMiddleLeavesTheJobAndTellsOfThePart) {
  Gate begun;
  Gate stopped;
  RawDevice device([&](tcp::socket& socket) {
    read_bytes(socket, 1'000);
    begun.open();
    stopped.wait();
  });
  on_waiting_ = [&] {
    if (begun.is_open()) cancellation_.stop();
  };
  const auto result = deliver(device, assignment({document(std::string(20'000'000, 'x'))}));
  stopped.open();
  EXPECT_EQ(result.outcome, Outcome::Left);
  EXPECT_TRUE(result.may_be_there);
}

TEST_F(SocketDriver, ADocumentOfAnotherLengthIsNeverTakenForWhole) {
  for (const int difference : {-1, 1}) {
    RawDevice device([](tcp::socket& socket) { read_to_the_end(socket); });
    Document damaged = document("damaged");
    damaged.bytes = static_cast<std::uint64_t>(static_cast<int>(damaged.bytes) + difference);
    EXPECT_EQ(deliver(device, assignment({damaged})).outcome, Outcome::JobRefused);
  }
}

TEST_F(SocketDriver, ADeviceThatIsNotThereIsAway) {
  const auto driver =
      make_socket_driver(parse_uri("socket://127.0.0.1:9"), {}, {pool_.get_executor(), {}});
  const auto result = run(*driver, assignment({document("x")}));
  EXPECT_EQ(result.outcome, Outcome::DeviceAway);
  EXPECT_EQ(result.printer_reasons, std::vector<std::string>{"connecting-to-device"});
  EXPECT_FALSE(result.may_be_there);
}

TEST_F(SocketDriver, WhatWasCancelledBeforeItBeganSendsNothing) {
  cancellation_.stop();
  const auto driver =
      make_socket_driver(parse_uri("socket://127.0.0.1:9"), {}, {pool_.get_executor(), {}});
  EXPECT_EQ(run(*driver, assignment({document("x")})).outcome, Outcome::Left);
}

}  // namespace
}  // namespace ipm::output::test
