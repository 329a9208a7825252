#include "output/raw/raw_connection.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace ipm::output {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
namespace {

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr milliseconds kDrainPauseFirst{2};
constexpr milliseconds kDrainPauseMax{500};

// Its own coroutines throw nothing that matters after the end; what they find is in the members.
void ended(std::exception_ptr) {}

}  // namespace

RawConnection::RawConnection(const asio::any_io_executor& executor, const Patience& patience)
    : patience_(patience),
      resolver_(executor),
      socket_(executor),
      deadline_(executor),
      looks_(executor),
      changed_(executor) {}

asio::awaitable<std::string> RawConnection::connect(std::string host, std::uint16_t port) {
  const auto self = shared_from_this();
  deadline_.expires_after(patience_.connect);
  deadline_.async_wait([self](error_code failure) {
    if (failure) return;
    self->late_ = true;
    self->close();
  });
  const auto words = [&](const error_code& failure) {
    return late_ ? fmt::format("no connection within {} s", patience_.connect.count() / 1000)
                 : failure.message();
  };
  tcp::resolver::results_type addresses;
  error_code not_numeric;
  const auto address = asio::ip::make_address(host, not_numeric);
  if (!not_numeric) {
    addresses = tcp::resolver::results_type::create(tcp::endpoint(address, port), host, "");
  } else {
    auto [failure, found] = co_await resolver_.async_resolve(host, std::to_string(port), kNoThrow);
    if (failure) {
      deadline_.cancel();
      co_return words(failure);
    }
    addresses = std::move(found);
  }
  auto [failure, endpoint] = co_await asio::async_connect(socket_, addresses, kNoThrow);
  deadline_.cancel();
  if (failure || closed_) co_return words(failure ? failure : asio::error::operation_aborted);
  os::keep_alive(socket_.native_handle(), kKeepAliveIdle, kKeepAliveBetween, kKeepAliveProbes);
  if (const auto facts = os::find_tcp_facts(socket_.native_handle())) before_ = facts->acknowledged;
  co_return std::string();
}

void RawConnection::begin(Watch watcher) {
  asio::co_spawn(socket_.get_executor(), listen(), ended);
  asio::co_spawn(socket_.get_executor(), watch(std::move(watcher)), ended);
}

std::uint64_t RawConnection::acknowledged() {
  if (!socket_.is_open()) return acknowledged_;
  if (const auto facts = os::find_tcp_facts(socket_.native_handle())) {
    const auto counted = facts->acknowledged - std::min(before_, facts->acknowledged);
    acknowledged_ = std::min(written_, counted);  // our own end counts as one there
  }
  return acknowledged_;
}

void RawConnection::broke(const std::string& why) {
  if (over()) return;
  acknowledged();
  end_ = RawEnd::Broken;
  why_ = why;
  changed_.cancel();
}

// What a printer says of itself nobody reads here; but its end, and a reset, are heard at once.
asio::awaitable<void> RawConnection::listen() {
  const auto self = shared_from_this();
  std::array<unsigned char, 4096> dropped;
  std::uint64_t total = 0;
  while (!closed_ && total < kBackTalkBytesMax) {
    const auto [failure, got] = co_await socket_.async_read_some(asio::buffer(dropped), kNoThrow);
    total += got;
    if (!failure) continue;
    if (failure != asio::error::eof) {
      broke(failure.message());
    } else if (end_ == RawEnd::Open) {
      end_ = RawEnd::Orderly;
    }
    break;
  }
  changed_.cancel();
}

asio::awaitable<void> RawConnection::watch(Watch watcher) {
  const auto self = shared_from_this();
  auto moved = steady_clock::now();
  std::uint64_t last = 0;
  while (!over()) {
    looks_.expires_after(patience_.look);
    const auto [canceled] = co_await looks_.async_wait(kNoThrow);
    if (over() || canceled) break;
    const auto facts = os::find_tcp_facts(socket_.native_handle());
    if (!facts) continue;
    const auto now = steady_clock::now();
    const auto taken = acknowledged();
    if (std::exchange(last, taken) != taken) moved = now;
    const bool owed = facts->unacknowledged > 0 || facts->probes > 0;
    if (owed && facts->since_acknowledgement >= patience_.silent) {
      broke(fmt::format("no sign of life for {} s", facts->since_acknowledgement.count() / 1000));
      error_code ignored;
      socket_.close(ignored);
      break;
    }
    watcher(taken, std::chrono::duration_cast<milliseconds>(now - moved),
            facts->since_acknowledgement);
  }
}

asio::awaitable<bool> RawConnection::write(std::span<const unsigned char> bytes) {
  const auto self = shared_from_this();
  if (over()) co_return false;
  written_ += bytes.size();
  const auto [failure, written] =
      co_await asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()), kNoThrow);
  if (failure) broke(failure.message());
  co_return !failure && !over();
}

asio::awaitable<bool> RawConnection::drain() {
  const auto self = shared_from_this();
  auto pause = kDrainPauseFirst;
  for (;;) {
    if (acknowledged() >= written_) co_return !closed_;
    if (over()) co_return false;
    // A reset after the device's own end is heard by nobody else.
    const auto facts = os::find_tcp_facts(socket_.native_handle());
    if (facts && facts->state == os::TcpFacts::State::Closed) {
      broke("the connection was reset");
      co_return false;
    }
    changed_.expires_after(pause);
    co_await changed_.async_wait(kNoThrow);
    pause = std::min(pause * 2, kDrainPauseMax);
  }
}

asio::awaitable<void> RawConnection::finish(milliseconds wait) {
  const auto self = shared_from_this();
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  const auto until =
      wait == milliseconds::max() ? steady_clock::time_point::max() : steady_clock::now() + wait;
  while (end_ == RawEnd::Open && !closed_ && steady_clock::now() < until) {
    changed_.expires_at(until);
    co_await changed_.async_wait(kNoThrow);
  }
}

void RawConnection::close() {
  if (std::exchange(closed_, true)) return;
  if (written_ > 0) acknowledged();
  error_code ignored;
  resolver_.cancel();
  socket_.close(ignored);
  deadline_.cancel();
  looks_.cancel();
  changed_.cancel();
}

}  // namespace ipm::output
