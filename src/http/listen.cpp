#include "http/listen.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/ip/v6_only.hpp>
#include <cerrno>
#include <charconv>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::local::stream_protocol;

namespace ipm::http {
namespace {

constexpr int kBacklog = 4096;  // the kernel lowers it to its own limit

Error cannot_listen(std::string_view where, int error) {
  std::string mend;
  if (error == EADDRINUSE) {
    mend = "another program has it: ss -ltnp shows which; stop that, or change listen in ipmd.toml";
  } else if (error == EACCES || error == EPERM) {
    mend = "ports below 1024 need privileges: start as root or by systemd, or choose a higher port";
  } else if (error == EADDRNOTAVAIL) {
    mend = "ip address shows the addresses of this machine; [::]:631 takes all of them";
  }
  return Error(Message::ListenFailed,
               fmt::format("cannot listen on {}: {}", printable(where), errno_text(error)),
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

}  // namespace

tcp::acceptor listen_on(asio::io_context& context, std::string_view address) {
  const auto parsed = parse(address);
  if (!parsed) {
    throw Error(Message::ListenFailed,
                fmt::format("\"{}\" is not an address to listen on", printable(address)),
                "ADDRESS:PORT, an IPv6 address in brackets: [::]:631, 192.0.2.7:631");
  }
  tcp::endpoint endpoint(parsed->address, parsed->port);
  tcp::acceptor acceptor(context);
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
  if (failure) throw cannot_listen(address, failure.value());
  return acceptor;
}

std::string to_text(const tcp::endpoint& endpoint) {
  const auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    const auto v4 = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    return fmt::format("{}:{}", v4.to_string(), endpoint.port());
  }
  return address.is_v6() ? fmt::format("[{}]:{}", address.to_string(), endpoint.port())
                         : fmt::format("{}:{}", address.to_string(), endpoint.port());
}

LocalListener::LocalListener(asio::io_context& context, std::filesystem::path path, unsigned mode)
    : path_(std::move(path)), acceptor_(context) {
  const std::string name = path_.string();
  if (name.empty() || name.size() >= sizeof(sockaddr_un{}.sun_path)) {
    throw Error(Message::ListenFailed,
                fmt::format("the path of the local socket is {} bytes long: {}", name.size(),
                            printable(name)),
                fmt::format("1 to {} bytes", sizeof(sockaddr_un{}.sun_path) - 1),
                "choose a shorter --root");
  }
  struct stat there{};
  if (::lstat(name.c_str(), &there) == 0) {
    if (!S_ISSOCK(there.st_mode)) {
      throw Error(Message::ListenFailed,
                  fmt::format("{} is there and is no socket", printable(name)),
                  "no file, or the socket of an ipmd that has ended", "look at it, and remove it");
    }
    boost::system::error_code refused;
    stream_protocol::socket probe(context);
    probe.connect(stream_protocol::endpoint(name), refused);
    if (!refused) {
      throw Error(Message::RunsAlready, fmt::format("another ipmd answers on {}", printable(name)),
                  "one ipmd for each root");
    }
    ::unlink(name.c_str());
  }
  boost::system::error_code failure;
  acceptor_.open(stream_protocol(), failure);
  if (!failure) acceptor_.bind(stream_protocol::endpoint(name), failure);
  if (failure) throw cannot_listen(name, failure.value());
  // Nobody can connect before listen(), so the mode is right from the first moment on.
  struct stat made{};
  if (::lstat(name.c_str(), &made) == 0) {
    device_ = made.st_dev;
    inode_ = made.st_ino;
    owns_ = true;
  }
  if (::chmod(name.c_str(), static_cast<mode_t>(mode)) != 0) {
    const int error = errno;
    close();
    throw cannot_listen(name, error);
  }
  acceptor_.listen(kBacklog, failure);
  if (!failure) return;
  close();
  throw cannot_listen(name, failure.value());
}

LocalListener::~LocalListener() {
  close();
}

void LocalListener::close() noexcept {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  if (!std::exchange(owns_, false)) return;
  struct stat there{};
  const bool same =
      ::lstat(path_.c_str(), &there) == 0 && there.st_dev == device_ && there.st_ino == inode_;
  if (same) ::unlink(path_.c_str());
}

}  // namespace ipm::http
