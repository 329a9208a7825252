#include "output/socket_driver.h"

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <utility>

#include "output/limits.h"
#include "output/pieces.h"

namespace ipm::output {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

// A connection whose every wait has an end: the timer closes the socket.
class RawConnection {
 public:
  explicit RawConnection(const asio::any_io_executor& executor)
      : resolver_(executor), socket_(executor), timer_(executor) {}

  asio::awaitable<boost::system::error_code> connect(const std::string& host, std::uint16_t port) {
    arm(kConnectWait);
    auto [unresolved, addresses] =
        co_await resolver_.async_resolve(host, std::to_string(port), kAsTuple);
    if (unresolved) co_return timed_out_ ? asio::error::timed_out : unresolved;
    auto [failure, endpoint] = co_await asio::async_connect(socket_, addresses, kAsTuple);
    co_return timed_out_ ? asio::error::timed_out : failure;
  }

  asio::awaitable<boost::system::error_code> write(std::span<const unsigned char> bytes) {
    arm(kWriteWait);
    auto [failure, written] =
        co_await asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()), kAsTuple);
    co_return timed_out_ ? asio::error::timed_out : failure;
  }

  // Says that nothing more comes, and waits until the printer has closed too: then it has it all.
  asio::awaitable<void> finish() {
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    arm(kCloseWait);
    std::array<char, 512> status{};
    for (;;) {
      auto [failure, got] = co_await socket_.async_read_some(asio::buffer(status), kAsTuple);
      if (failure) break;
    }
    timer_.cancel();
    socket_.close(ignored);
  }

  void close() {
    boost::system::error_code ignored;
    resolver_.cancel();
    socket_.close(ignored);
    timer_.cancel();
  }

 private:
  void arm(std::chrono::seconds wait) {
    timer_.expires_after(wait);
    timer_.async_wait([this](boost::system::error_code failure) {
      if (failure) return;
      timed_out_ = true;
      resolver_.cancel();
      boost::system::error_code ignored;
      socket_.close(ignored);
    });
  }

  tcp::resolver resolver_;
  tcp::socket socket_;
  asio::steady_timer timer_;
  bool timed_out_ = false;
};

class SocketDriver final : public Driver {
 public:
  SocketDriver(std::string host, std::uint16_t port, DeviceSettings settings,
               asio::thread_pool& pool)
      : host_(std::move(host)), port_(port), settings_(std::move(settings)), pool_(pool) {}

  asio::awaitable<Result> deliver(const Assignment& assignment, Cancellation& cancellation,
                                  const Progress& progress) const override {
    const auto executor = co_await asio::this_coro::executor;
    // Shared: a timer's last handler may run after this coroutine has ended.
    const auto connection = std::make_shared<RawConnection>(executor);
    const Cancellation::Action action(cancellation, [connection] { connection->close(); });
    const auto failure_result = [&](const boost::system::error_code& failure) {
      if (cancellation.requested()) return ended_by(cancellation);
      return Result{Outcome::DeviceAway,
                    fmt::format("{}:{}: {}", host_, port_, failure.message()),
                    {"connecting-to-device"}};
    };
    const auto unconnected = co_await connection->connect(host_, port_);
    if (unconnected) co_return failure_result(unconnected);
    std::uint64_t sent = 0;
    for (const Document& document : assignment.documents) {
      for (int copy = 1; copy <= assignment.copies; ++copy) {
        Pieces pieces(document, pool_);
        for (;;) {
          std::span<const unsigned char> piece;
          std::string damage;
          try {
            piece = co_await pieces.next();
          } catch (const Error& error) {
            damage = error.happened();
          }
          if (!damage.empty()) {
            connection->close();
            co_return Result{Outcome::JobRefused, damage};
          }
          if (piece.empty()) break;
          const auto failure = co_await connection->write(piece);
          if (failure) co_return failure_result(failure);
          sent += piece.size();
          if (progress.sent) progress.sent(sent);
        }
      }
    }
    co_await connection->finish();
    if (cancellation.requested()) co_return ended_by(cancellation);
    co_return Result{Outcome::Delivered, fmt::format("sent to {}:{}", host_, port_)};
  }

  asio::awaitable<std::optional<DeviceDescription>> describe(Cancellation&) const override {
    co_return declared_by(settings_);
  }

 private:
  std::string host_;
  std::uint16_t port_;
  DeviceSettings settings_;
  asio::thread_pool& pool_;
};

}  // namespace

std::unique_ptr<Driver> make_socket_driver(const Uri& device, const DeviceSettings& settings,
                                           const Environment& environment) {
  if (!device.path.empty() && device.path != "/") {
    throw Error(Message::DeviceUriUnsupported, fmt::format("{} has a path", to_string(device)),
                "socket://HOST or socket://HOST:PORT");
  }
  return std::make_unique<SocketDriver>(device.host, device.port, settings, *environment.pool);
}

}  // namespace ipm::output
