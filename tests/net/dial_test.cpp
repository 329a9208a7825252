// Dialling: every address of a name has its turn, and a silent one keeps nobody waiting.
#include "net/dial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/local/stream_protocol.hpp>

#include "net/network.h"
#include "temporary_folder.h"
#include "walks.h"

namespace ipm::net {
namespace {

using namespace ipm::test;
using namespace std::chrono_literals;
using asio::ip::tcp;
using Steady = os::SteadyClock;

tcp::endpoint v4(int last) {
  return {asio::ip::make_address_v4("192.0.2." + std::to_string(last)), 631};
}
tcp::endpoint v6(int last) {
  return {asio::ip::make_address_v6("2001:db8::" + std::to_string(last)), 631};
}

TEST(ByTurns, TheFamiliesTakeTurnsBeginningWithTheFirst) {
  EXPECT_EQ(by_turns({v6(1), v6(2), v6(3), v4(1)}),
            (std::vector<tcp::endpoint>{v6(1), v4(1), v6(2), v6(3)}));
  EXPECT_EQ(by_turns({v4(1), v4(2), v6(1), v6(2)}),
            (std::vector<tcp::endpoint>{v4(1), v6(1), v4(2), v6(2)}));
  EXPECT_TRUE(by_turns({}).empty());
}

class DialTest : public testing::Test {
 protected:
  std::unique_ptr<Transport> dial(Endpoint to, DialLimits limits = {}) {
    std::unique_ptr<Transport> made;
    run_all(io_, [&]() -> awaitable<void> {
      made = co_await system_network().dial(io_.get_executor(), to, limits);
    });
    return made;
  }
  Error refusal(Endpoint to, DialLimits limits = {}) {
    return run_to_error(io_, [&]() -> awaitable<void> {
      co_await system_network().dial(io_.get_executor(), to, limits);
    });
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  asio::io_context io_{1};
  tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
};

TEST_F(DialTest, ReachesAnAddressAndAName) {
  EXPECT_EQ(dial({"127.0.0.1", port(), {}})->remote().text, "127.0.0.1:" + std::to_string(port()));
  // The name has an IPv6 address too on most machines, where nobody listens.
  const auto made = dial({"localhost", port(), {}});
  EXPECT_EQ(made->remote().text, "localhost:" + std::to_string(port()));
  EXPECT_TRUE(made->remote().address->is_loopback());
}

TEST_F(DialTest, ARefusalNamesTheReasonAndTheMend) {
  const std::uint16_t closed = port();
  acceptor_.close();
  const Error error = refusal({"127.0.0.1", closed, {}});
  EXPECT_EQ(error.message(), Message::ConnectionFailed);
  EXPECT_THAT(error.happened(), testing::HasSubstr("Connection refused"));
  EXPECT_THAT(error.mend(), testing::HasSubstr(std::to_string(closed)));
}

TEST_F(DialTest, ANameWithoutAnAddressSaysSo) {
  const Error error = refusal({"nowhere.invalid", 631, {}});
  EXPECT_EQ(error.message(), Message::ConnectionFailed);
  EXPECT_THAT(error.happened(), testing::HasSubstr("nowhere.invalid"));
}

// A full queue of connections: the kernel answers nobody any more.
class Silent {
 public:
  explicit Silent(asio::io_context& io) : full_(io) {
    full_.open(tcp::v4());
    full_.bind({asio::ip::address_v4::loopback(), 0});
    full_.listen(0);
    for (int i = 0; i < 4; ++i) {
      filling_.emplace_back(io, tcp::v4());
      filling_.back().async_connect(endpoint(), [](const boost::system::error_code&) {});
    }
  }
  tcp::endpoint endpoint() const { return full_.local_endpoint(); }

 private:
  tcp::acceptor full_;
  std::vector<tcp::socket> filling_;
};

TEST_F(DialTest, ASilentAddressKeepsTheNextOneNotWaiting) {
  const Silent silent(io_);
  DialLimits limits;
  limits.wait = 60s;
  const auto begun = Steady::now();
  run_all(io_, [&]() -> awaitable<void> {
    auto socket = co_await connect_first(io_.get_executor(), {"printer", 9100, {}}, limits,
                                         {silent.endpoint(), acceptor_.local_endpoint()},
                                         Steady::now() + limits.wait);
    EXPECT_EQ(socket.remote_endpoint(), Socket::endpoint_type(acceptor_.local_endpoint()));
  });
  EXPECT_GE(Steady::now() - begun, kNextAddressPause) << "the first one was asked first";
  EXPECT_LT(Steady::now() - begun, 20s);
}

TEST_F(DialTest, AnAddressThatRefusesIsFollowedAtOnceAndTheLastOnesReasonIsTold) {
  const tcp::endpoint open = acceptor_.local_endpoint();
  tcp::acceptor other(io_, {asio::ip::address_v4::loopback(), 0});
  const tcp::endpoint closed = other.local_endpoint();
  other.close();
  DialLimits limits;
  run_all(io_, [&]() -> awaitable<void> {
    auto socket = co_await connect_first(io_.get_executor(), {"printer", 9100, {}}, limits,
                                         {closed, open}, Steady::now() + limits.wait);
    EXPECT_EQ(socket.remote_endpoint(), Socket::endpoint_type(open));
  });
  const Error error = run_to_error(io_, [&]() -> awaitable<void> {
    co_await connect_first(io_.get_executor(), {"printer", 9100, {}}, limits, {closed, closed},
                           Steady::now() + limits.wait);
  });
  EXPECT_EQ(error.happened(),
            "cannot connect to printer:9100, at the last of its addresses: Connection refused");
}

TEST_F(DialTest, SilenceEndsAtTheDeadline) {
  const Silent silent(io_);
  DialLimits limits;
  limits.wait = 200ms;
  const auto begun = Steady::now();
  const Error error = refusal({"127.0.0.1", silent.endpoint().port(), {}}, limits);
  EXPECT_EQ(error.message(), Message::ConnectionTimedOut);
  EXPECT_GE(Steady::now() - begun, 200ms);
  EXPECT_LT(Steady::now() - begun, 5s);
}

TEST_F(DialTest, LocalSocketsAreReachedByTheirPath) {
  const TemporaryFolder folder;
  const auto path = folder / "s";
  const auto listener = system_network().listen_local(io_.get_executor(), path);
  EXPECT_EQ(listener->bound(), path.string());
  EXPECT_TRUE(dial({"", 0, path})->remote().local_user);
  listener->close();
  EXPECT_EQ(refusal({"", 0, path}).message(), Message::ConnectionFailed);
  EXPECT_EQ(refusal({"", 0, folder / std::string(200, 'x')}).message(), Message::ConnectionFailed);
}

TEST_F(DialTest, AcceptedConnectionsLiveWhereTheyWereWanted) {
  asio::io_context other{1};
  const auto listener = system_network().listen_tcp(io_.get_executor(), "127.0.0.1:0");
  const std::string bound = listener->bound();
  const auto number = static_cast<std::uint16_t>(std::stoi(bound.substr(bound.rfind(':') + 1)));
  const auto client = dial({"127.0.0.1", number, {}});
  Accepted accepted;
  run_all(io_,
          [&]() -> awaitable<void> { accepted = co_await listener->accept(other.get_executor()); });
  ASSERT_TRUE(accepted.transport);
  EXPECT_EQ(accepted.transport->executor(), asio::any_io_executor(other.get_executor()));
  EXPECT_TRUE(accepted.transport->remote().text.starts_with("127.0.0.1:"));
}

}  // namespace
}  // namespace ipm::net
