#include "net/listen.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "net/address_text.h"
#include "net/socket_transport.h"
#include "os/error.h"
#include "os/facts.h"
#include "os/file.h"

namespace asio = boost::asio;
namespace fs = std::filesystem;
using asio::ip::tcp;
using asio::local::stream_protocol;

namespace ipm::net {
namespace {

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

Error cannot_listen(std::string_view where, const std::error_code& failure) {
  std::string mend;
  if (failure == std::errc::address_in_use) {
    mend = "another program has it: ss -ltnp shows which; stop that, or change listen in ipmd.toml";
  } else if (failure == std::errc::permission_denied ||
             failure == std::errc::operation_not_permitted) {
    mend = "ports below 1024 need privileges: start as root or by systemd, or choose a higher port";
  } else if (failure == std::errc::address_not_available) {
    mend = "ip address shows the addresses of this machine; [::]:631 takes all of them";
  }
  return Error(Message::ListenFailed,
               fmt::format("cannot listen on {}: {}", printable(where), os::text_of(failure)),
               "an address and port of this machine that are free", mend);
}

struct Parsed {
  asio::ip::address address;
  std::uint16_t port;
};

std::optional<Parsed> parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (failure != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host == "*") return Parsed{asio::ip::address_v6::any(), port};
  boost::system::error_code invalid;
  const auto address = asio::ip::make_address(std::string(host), invalid);
  if (invalid || address.is_v6() != bracketed) return std::nullopt;
  return Parsed{address, port};
}

tcp::acceptor listen_on(const asio::any_io_executor& executor, std::string_view address) {
  const auto parsed = parse(address);
  if (!parsed) {
    throw Error(Message::ListenFailed,
                fmt::format("\"{}\" is not an address to listen on", printable(address)),
                "ADDRESS:PORT, an IPv6 address in brackets: [::]:631, 192.0.2.7:631");
  }
  tcp::endpoint endpoint(parsed->address, parsed->port);
  tcp::acceptor acceptor(executor);
  boost::system::error_code failure;
  acceptor.open(endpoint.protocol(), failure);
  if (failure == asio::error::address_family_not_supported && parsed->address.is_v6() &&
      parsed->address.is_unspecified()) {
    endpoint = tcp::endpoint(asio::ip::address_v4::any(), parsed->port);
    acceptor.open(endpoint.protocol(), failure);
  }
  if (!failure) acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
  if (!failure && endpoint.address().is_v6() && endpoint.address().is_unspecified()) {
    acceptor.set_option(asio::ip::v6_only(false), failure);
  }
  if (!failure) acceptor.bind(endpoint, failure);
  if (!failure) acceptor.listen(kBacklog, failure);
  if (failure) throw cannot_listen(address, failure);
  return acceptor;
}

// A listening local socket, which owns its file: removes it, if it is still the same one.
class LocalFile {
 public:
  explicit LocalFile(fs::path path) : path_(std::move(path)) {}
  LocalFile(const LocalFile&) = delete;
  LocalFile& operator=(const LocalFile&) = delete;
  ~LocalFile() { remove(); }

  void own() { identity_ = os::find_identity(path_); }
  void remove() noexcept {
    if (!identity_) return;
    try {
      if (os::find_identity(path_) == identity_) os::remove_file(path_);
    } catch (const std::exception&) {
      // It stays, and the next ipmd replaces it.
    }
    identity_.reset();
  }

 private:
  fs::path path_;
  std::optional<os::FileIdentity> identity_;
};

// Throws where the name is taken: by a file, or by an ipmd that answers.
void make_room(const asio::any_io_executor& executor, const std::string& name) {
  const std::size_t longest = os::local_path_bytes_max();
  if (name.empty() || name.size() > longest) {
    throw Error(Message::ListenFailed,
                fmt::format("the path of the local socket is {} bytes long: {}", name.size(),
                            printable(name)),
                fmt::format("1 to {} bytes", longest), "choose a shorter --root");
  }
  std::error_code missing;
  const os::Facts there = os::look_at_name(name, missing);
  if (missing) return;
  if (there.kind != os::Kind::Socket) {
    throw Error(Message::ListenFailed, fmt::format("{} is there and is no socket", printable(name)),
                "no file, or the socket of an ipmd that has ended", "look at it, and remove it");
  }
  boost::system::error_code refused;
  stream_protocol::socket probe(executor);
  probe.connect(stream_protocol::endpoint(name), refused);
  if (!refused) {
    throw Error(Message::RunsAlready, fmt::format("another ipmd answers on {}", printable(name)),
                "one ipmd for each root");
  }
  os::remove_file(name);
}

template <class Protocol>
class SocketListener final : public Listener {
 public:
  using Acceptor = typename Protocol::acceptor;

  SocketListener(Acceptor acceptor, std::string bound, std::unique_ptr<LocalFile> file)
      : file_(std::move(file)), acceptor_(std::move(acceptor)), bound_(std::move(bound)) {}

  asio::awaitable<Accepted> accept(asio::any_io_executor owner) override {
    auto [failure, socket] = co_await acceptor_.async_accept(owner, kNoThrow);
    Accepted accepted;
    if (!acceptor_.is_open()) co_return accepted;
    if (failure) {
      if (failure != asio::error::connection_aborted) accepted.failure = failure;
      co_return accepted;
    }
    auto transport = make_transport(Socket(std::move(socket)));
    // Who has gone already, or cannot be told, is not served.
    const Remote& remote = transport->remote();
    if (remote.address || remote.local_user) accepted.transport = std::move(transport);
    co_return accepted;
  }
  bool is_open() const override { return acceptor_.is_open(); }
  void close() noexcept override {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    if (file_) file_->remove();
  }
  const std::string& bound() const override { return bound_; }

 private:
  std::unique_ptr<LocalFile> file_;
  Acceptor acceptor_;
  std::string bound_;
};

}  // namespace

std::unique_ptr<Listener> make_tcp_listener(asio::any_io_executor executor,
                                            std::string_view address) {
  auto acceptor = listen_on(executor, address);
  boost::system::error_code failure;
  std::string bound = address_text(acceptor.local_endpoint(failure));
  return std::make_unique<SocketListener<tcp>>(std::move(acceptor), std::move(bound), nullptr);
}

std::unique_ptr<Listener> make_local_listener(asio::any_io_executor executor,
                                              const fs::path& path) {
  const std::string name = path.string();
  make_room(executor, name);
  stream_protocol::acceptor acceptor(executor);
  auto file = std::make_unique<LocalFile>(path);
  boost::system::error_code failure;
  acceptor.open(stream_protocol(), failure);
  if (!failure) acceptor.bind(stream_protocol::endpoint(name), failure);
  if (failure) throw cannot_listen(name, failure);
  // Nobody can connect before listen(), so the mode is right from the first moment on.
  file->own();
  if (const auto refused = os::let_everyone_connect(path)) throw cannot_listen(name, refused);
  acceptor.listen(kBacklog, failure);
  if (failure) throw cannot_listen(name, failure);
  return std::make_unique<SocketListener<stream_protocol>>(std::move(acceptor), name,
                                                           std::move(file));
}

}  // namespace ipm::net
