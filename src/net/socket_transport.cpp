#include "net/socket_transport.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <utility>

#include "base/text.h"
#include "net/address_text.h"
#include "net/deadline.h"

namespace ipm::net {
namespace asio = boost::asio;
namespace {

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

class SocketTransport final : public Transport {
 public:
  SocketTransport(Socket connected, std::string name)
      : socket_(std::move(connected)), deadline_(std::make_shared<Deadline>(socket_)) {
    boost::system::error_code failed;
    socket_.native_non_blocking(true, failed);
    if (failed) return;  // Not open: every operation says so.
    native_ = socket_.native_handle();
    os::never_raise_signals(native_);
    remote_.local_user = os::find_local_user(native_);
    if (remote_.local_user) {
      remote_.text = fmt::format("local user {}", printable(remote_.local_user->name));
    } else {
      os::send_at_once(native_);  // Messages are written whole: Nagle's wait would only delay.
      note_address();
    }
    if (!name.empty()) remote_.text = std::move(name);
  }
  ~SocketTransport() override { deadline_->forget(); }

  void expires_after(std::chrono::milliseconds wait) override {
    deadline_->set(os::SteadyClock::now() + wait);
  }
  std::size_t receive(std::span<unsigned char> into, std::error_code& failure) noexcept override {
    return os::receive(native_, into, failure);
  }
  std::size_t peek(std::span<unsigned char> into, std::error_code& failure) noexcept override {
    return os::peek(native_, into, failure);
  }
  std::size_t send(std::span<const unsigned char> bytes,
                   std::error_code& failure) noexcept override {
    return os::send(native_, bytes, failure);
  }
  asio::awaitable<bool> wait(Direction direction) override {
    if (!is_open() || has_expired()) co_return false;
    deadline_->begin_wait();
    const auto [failed] = co_await socket_.async_wait(
        direction == Direction::Read ? Socket::wait_read : Socket::wait_write, kNoThrow);
    deadline_->end_wait();
    co_return !failed && is_open();
  }
  bool is_open() const override { return native_ != os::kNoSocket; }
  bool has_expired() const override { return deadline_->passed(); }
  os::SteadyClock::time_point deadline() const override { return deadline_->when(); }
  void end_sending() noexcept override { os::end_sending(native_); }
  void abort() noexcept override {
    native_ = os::kNoSocket;
    deadline_->rest();
    boost::system::error_code ignored;
    socket_.close(ignored);
  }
  std::optional<os::TcpFacts> tcp_facts() const override {
    if (!is_open()) return std::nullopt;
    return os::find_tcp_facts(native_);
  }
  const Remote& remote() const override { return remote_; }
  asio::any_io_executor executor() override { return socket_.get_executor(); }

 private:
  // Once, while it is connected: a peer that has gone has no address any more.
  void note_address() {
    boost::system::error_code gone;
    const auto peer = socket_.remote_endpoint(gone);
    asio::ip::tcp::endpoint endpoint;
    if (gone || peer.size() > endpoint.capacity()) return;
    const int family = peer.protocol().family();
    if (family != asio::ip::tcp::v4().family() && family != asio::ip::tcp::v6().family()) return;
    std::memcpy(endpoint.data(), peer.data(), peer.size());
    endpoint.resize(peer.size());
    remote_.address = endpoint.address();
    remote_.text = address_text(endpoint);
  }

  Socket socket_;
  os::NativeSocket native_ = os::kNoSocket;
  std::shared_ptr<Deadline> deadline_;
  Remote remote_;
};

}  // namespace

std::unique_ptr<Transport> make_transport(Socket connected, std::string remote) {
  return std::make_unique<SocketTransport>(std::move(connected), std::move(remote));
}

}  // namespace ipm::net
