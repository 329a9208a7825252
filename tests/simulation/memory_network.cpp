#include "memory_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "os/timer.h"

namespace ipm::simulation {
namespace asio = boost::asio;
using os::SteadyClock;
namespace {

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kRoomBytes =
    2048;  // of a system for what nobody has read: small documents fill it

std::error_code code_of(std::errc code) {
  return std::make_error_code(code);
}

class End final : public net::Transport {
 public:
  End(std::shared_ptr<Wire> wire, int side, asio::any_io_executor executor, std::string peer)
      : wire_(std::move(wire)),
        side_(side),
        executor_(std::move(executor)),
        read_(executor_),
        write_(executor_) {
    remote_.text = std::move(peer);
    out().acknowledged_at = SteadyClock::now();
    wire_->news[side_] = [this] { look_again(); };
  }
  ~End() override { end(); }

  void expires_after(std::chrono::milliseconds wait) override {
    const auto now = SteadyClock::now();
    deadline_ =
        wait > SteadyClock::time_point::max() - now ? SteadyClock::time_point::max() : now + wait;
    look_again();
  }
  std::size_t receive(std::span<unsigned char> into, std::error_code& failure) noexcept override {
    const std::size_t got = peek(into, failure);
    in().bytes.erase(in().bytes.begin(), in().bytes.begin() + static_cast<std::ptrdiff_t>(got));
    if (got > 0) wire_->tell();
    return got;
  }
  std::size_t peek(std::span<unsigned char> into, std::error_code& failure) noexcept override {
    failure.clear();
    if (!open_) {
      failure = code_of(std::errc::connection_aborted);
    } else if (wire_->reset) {
      failure = code_of(std::errc::connection_reset);
    } else if (!in().bytes.empty()) {
      const std::size_t count = std::min(into.size(), in().bytes.size());
      std::copy_n(in().bytes.begin(), count, into.begin());
      return count;
    } else if (!in().ended) {
      failure = code_of(std::errc::operation_would_block);
    }
    return 0;
  }
  std::size_t send(std::span<const unsigned char> bytes,
                   std::error_code& failure) noexcept override {
    failure.clear();
    if (!open_) {
      failure = code_of(std::errc::connection_aborted);
      return 0;
    }
    if (wire_->reset) {
      failure = code_of(std::errc::connection_reset);
      return 0;
    }
    const std::size_t kept = out().bytes.size() + out().lost;
    const std::size_t count = std::min(bytes.size(), kRoomBytes - std::min(kept, kRoomBytes));
    if (count == 0) {
      failure = code_of(std::errc::operation_would_block);
    } else if (wire_->vanished) {
      out().lost += count;
    } else {
      out().bytes.insert(out().bytes.end(), bytes.begin(), bytes.begin() + count);
      out().acknowledged += count;
      out().acknowledged_at = SteadyClock::now();
      wire_->tell();
    }
    return count;
  }
  asio::awaitable<bool> wait(Direction direction) override {
    os::Timer& timer = direction == Direction::Read ? read_ : write_;
    for (;;) {
      if (!open_) co_return false;
      if (ready(direction)) co_return true;
      if (has_expired()) co_return false;
      timer.expires_at(deadline_);
      const auto [failed] = co_await timer.async_wait(kNoThrow);
      static_cast<void>(failed);
    }
  }
  bool is_open() const override { return open_; }
  bool has_expired() const override { return deadline_ <= SteadyClock::now(); }
  SteadyClock::time_point deadline() const override { return deadline_; }
  void end_sending() noexcept override {
    if (!wire_->vanished) out().ended = true;
    wire_->tell();
  }
  void abort() noexcept override { end(); }
  std::optional<os::TcpFacts> tcp_facts() const override {
    using State = os::TcpFacts::State;
    if (!open_) return std::nullopt;
    os::TcpFacts facts;
    const Half& in = wire_->halves[1 - side_];
    const Half& out = wire_->halves[side_];
    facts.state = wire_->reset || (in.ended && out.ended) ? State::Closed
                  : in.ended                              ? State::PeerEnded
                  : out.ended                             ? State::WeEnded
                                                          : State::Open;
    facts.acknowledged = out.acknowledged;
    facts.unacknowledged = out.lost;
    // A system without room answers the probes: it lives.
    facts.since_acknowledgement = std::chrono::duration_cast<std::chrono::milliseconds>(
        wire_->vanished ? SteadyClock::now() - out.acknowledged_at : SteadyClock::duration{0});
    return facts;
  }
  const net::Remote& remote() const override { return remote_; }
  asio::any_io_executor executor() override { return executor_; }

 private:
  Half& in() { return wire_->halves[1 - side_]; }
  Half& out() { return wire_->halves[side_]; }

  bool ready(Direction direction) {
    if (wire_->reset) return true;
    if (direction == Direction::Read) return !in().bytes.empty() || in().ended;
    return out().bytes.size() + out().lost < kRoomBytes;
  }

  void look_again() {
    read_.cancel();
    write_.cancel();
  }

  void end() noexcept {
    if (!std::exchange(open_, false)) return;
    wire_->news[side_] = {};
    look_again();
    if (wire_->vanished) return;
    // What came and was not read is answered by a reset.
    if (!in().bytes.empty()) wire_->reset = true;
    out().ended = true;
    wire_->tell();
  }

  std::shared_ptr<Wire> wire_;
  int side_;
  asio::any_io_executor executor_;
  os::Timer read_;
  os::Timer write_;
  bool open_ = true;
  SteadyClock::time_point deadline_ = SteadyClock::time_point::max();
  net::Remote remote_;
};

[[noreturn]] void no_listener() {
  throw Error(Message::ListenFailed, "nobody listens in this network", "a network with listeners");
}

}  // namespace

void Wire::tell() {
  for (const auto& end : news) {
    if (end) end();
  }
}

std::unique_ptr<net::Transport> end_of(std::shared_ptr<Wire> wire, int side,
                                       asio::any_io_executor executor, std::string peer) {
  return std::make_unique<End>(std::move(wire), side, std::move(executor), std::move(peer));
}

asio::awaitable<std::unique_ptr<net::Transport>> MemoryNetwork::dial(asio::any_io_executor executor,
                                                                     net::Endpoint to,
                                                                     net::DialLimits) const {
  os::Timer way(executor, std::chrono::milliseconds(2));
  co_await way.async_wait(asio::use_awaitable);
  const auto at = listeners_.find(to.host);
  const auto wire = std::make_shared<Wire>();
  if (at == listeners_.end() || !at->second(wire)) {
    throw Error(Message::ConnectionFailed, fmt::format("{} refuses the connection", to.host),
                "a device that is on");
  }
  co_return end_of(wire, 0, std::move(executor), to.host);
}

std::unique_ptr<net::Listener> MemoryNetwork::listen_tcp(asio::any_io_executor,
                                                         std::string_view) const {
  no_listener();
}

std::unique_ptr<net::Listener> MemoryNetwork::listen_local(asio::any_io_executor,
                                                           const std::filesystem::path&) const {
  no_listener();
}

}  // namespace ipm::simulation
