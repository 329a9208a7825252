#include "tls/socket_bio.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace ipm::tls {
namespace {

#ifdef MSG_NOSIGNAL
constexpr int kSendFlags = MSG_NOSIGNAL;
#else
constexpr int kSendFlags = 0;
#endif

SocketEnd& end_of(BIO* bio) {
  return *static_cast<SocketEnd*>(BIO_get_data(bio));
}

int read_bio(BIO* bio, char* into, std::size_t size, std::size_t* moved) noexcept {
  SocketEnd& end = end_of(bio);
  BIO_clear_retry_flags(bio);
  void* const bytes = into;
  *moved = 0;
  if (end.budget == 0) {
    end.paused = true;
    BIO_set_retry_read(bio);
    return -1;
  }
  const auto count =
      receive_some(end, {static_cast<unsigned char*>(bytes), std::min(size, end.budget)});
  *moved = count > 0 ? static_cast<std::size_t>(count) : 0;
  end.budget -= *moved;
  if (count < 0 && must_wait(errno)) BIO_set_retry_read(bio);
  return count > 0 ? 1 : static_cast<int>(count);
}

int write_bio(BIO* bio, const char* from, std::size_t size, std::size_t* moved) noexcept {
  SocketEnd& end = end_of(bio);
  BIO_clear_retry_flags(bio);
  const void* const bytes = from;
  const auto count = send_some(end, {static_cast<const unsigned char*>(bytes), size});
  *moved = count > 0 ? static_cast<std::size_t>(count) : 0;
  if (count < 0 && must_wait(errno)) BIO_set_retry_write(bio);
  return count > 0 ? 1 : static_cast<int>(count);
}

long control_bio(BIO* bio, int command, long, void*) noexcept {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_EOF:  // OpenSSL tells a truncated stream from a failed call by it.
      return end_of(bio).ended ? 1 : 0;
    default:
      return 0;
  }
}

pki::Ptr<BIO_METHOD, BIO_meth_free> make_method() {
  auto method = pki::own<pki::Ptr<BIO_METHOD, BIO_meth_free>>(
      BIO_meth_new(BIO_TYPE_SOURCE_SINK, "socket"), "BIO_meth_new");
  BIO_meth_set_read_ex(method.get(), read_bio);
  BIO_meth_set_write_ex(method.get(), write_bio);
  BIO_meth_set_ctrl(method.get(), control_bio);
  return method;
}

}  // namespace

bool must_wait(int error) {
  return error == EAGAIN || error == EWOULDBLOCK;
}

std::ptrdiff_t receive_some(SocketEnd& end, std::span<unsigned char> into) {
  for (;;) {
    const auto count = ::recv(end.descriptor, into.data(), into.size(), 0);
    if (count == 0) end.ended = true;
    if (count >= 0) return count;
    if (errno == EINTR) continue;
    if (!must_wait(errno)) end.error = errno;
    return -1;
  }
}

std::ptrdiff_t send_some(SocketEnd& end, std::span<const unsigned char> bytes) {
  for (;;) {
    const auto count = ::send(end.descriptor, bytes.data(), bytes.size(), kSendFlags);
    if (count >= 0) return count;
    if (errno == EINTR) continue;
    if (!must_wait(errno)) end.error = errno;
    return -1;
  }
}

pki::BioPtr make_socket_bio(SocketEnd& end) {
  // A table of functions that never changes; it outlives every BIO made of it.
  static const auto kMethod = make_method();
  auto bio = pki::own<pki::BioPtr>(BIO_new(kMethod.get()), "BIO_new");
  BIO_set_data(bio.get(), &end);
  BIO_set_init(bio.get(), 1);
  return bio;
}

void prevent_sigpipe([[maybe_unused]] int descriptor) {
#ifdef SO_NOSIGPIPE
  const int on = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
}

}  // namespace ipm::tls
