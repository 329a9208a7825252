#include "os/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "os/posix/call.h"

namespace ipm::os {
namespace {

#ifdef MSG_NOSIGNAL
constexpr int kSendFlags = MSG_NOSIGNAL;
#else
constexpr int kSendFlags = 0;
#endif

int number(NativeSocket socket) {
  return static_cast<int>(socket);
}

std::size_t receive(NativeSocket socket, std::span<unsigned char> into, int flags,
                    std::error_code& failure) {
  const auto count =
      posix::uninterrupted([&] { return ::recv(number(socket), into.data(), into.size(), flags); });
  failure = count < 0 ? posix::last_error() : std::error_code();
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

}  // namespace

std::size_t receive(NativeSocket socket, std::span<unsigned char> into, std::error_code& failure) {
  return receive(socket, into, 0, failure);
}

std::size_t peek(NativeSocket socket, std::span<unsigned char> into, std::error_code& failure) {
  return receive(socket, into, MSG_PEEK, failure);
}

std::size_t send(NativeSocket socket, std::span<const unsigned char> bytes,
                 std::error_code& failure) {
  const auto count = posix::uninterrupted(
      [&] { return ::send(number(socket), bytes.data(), bytes.size(), kSendFlags); });
  failure = count < 0 ? posix::last_error() : std::error_code();
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

std::error_code end_sending(NativeSocket socket) {
  return posix::outcome(::shutdown(number(socket), SHUT_WR));
}

void send_at_once(NativeSocket socket) {
  const int on = 1;
  ::setsockopt(number(socket), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void keep_alive(NativeSocket socket, std::chrono::seconds idle, std::chrono::seconds between,
                int probes) {
  const auto set = [&](int level, int name, int value) {
    ::setsockopt(number(socket), level, name, &value, sizeof value);
  };
#ifdef TCP_KEEPIDLE
  set(IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(idle.count()));
#else
  set(IPPROTO_TCP, TCP_KEEPALIVE, static_cast<int>(idle.count()));
#endif
  set(IPPROTO_TCP, TCP_KEEPINTVL, static_cast<int>(between.count()));
  set(IPPROTO_TCP, TCP_KEEPCNT, probes);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
}

void never_raise_signals([[maybe_unused]] NativeSocket socket) {
#ifdef SO_NOSIGPIPE
  const int on = 1;
  ::setsockopt(number(socket), SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
}

std::size_t local_path_bytes_max() {
  return sizeof(sockaddr_un{}.sun_path) - 1;
}

std::error_code let_everyone_connect(const std::filesystem::path& path) {
  constexpr mode_t kReadAndWrite = S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH;
  return posix::outcome(::chmod(path.c_str(), kReadAndWrite));
}

}  // namespace ipm::os
