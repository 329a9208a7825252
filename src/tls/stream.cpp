#include "tls/stream.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <tuple>
#include <utility>

#include "tls/limits.h"
#include "tls/stream_state.h"

namespace asio = boost::asio;

namespace ipm::tls {
namespace {

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

// Replies are written whole: Nagle's algorithm would only hold back their last segment.
void send_at_once(int descriptor) {
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

Stream::State::State(Socket connected, std::string peer_address)
    : socket(std::move(connected)),
      remote(std::move(peer_address)),
      deadline(std::make_shared<Deadline>(socket)) {
  boost::system::error_code failed;
  socket.native_non_blocking(true, failed);
  if (failed) return;  // Not open: every operation says so.
  end.descriptor = socket.native_handle();
  prevent_sigpipe(end.descriptor);
  local_user = find_local_user(end.descriptor);
  if (!local_user) send_at_once(end.descriptor);
}

Stream::State::~State() {
  deadline->forget();
  // OpenSSL would call a session spoilt whose connection ends without our close_notify.
  if (protection && !spent) SSL_set_shutdown(ssl.get(), SSL_SENT_SHUTDOWN);
}

void Stream::State::close_now() noexcept {
  end.descriptor = -1;
  deadline->rest();
  boost::system::error_code ignored;
  socket.close(ignored);
}

Error Stream::State::broken(int error) const {
  return Error(Message::ConnectionFailed,
               fmt::format("the connection with {} broke: {}", remote, errno_text(error)),
               "a connection that lasts to the end of the message");
}

Error Stream::State::timed_out() const {
  return Error(Message::ConnectionTimedOut, fmt::format("{} was silent for too long", remote),
               "the next bytes before the deadline");
}

FailedHandshake Stream::State::failed_handshake() const {
  return {remote, *handshake, *generation, take_library_failure(), end.error, end.ended};
}

void Stream::State::forget_handshake() {
  if (!handshake) return;
  attach(ssl.get(), nullptr);
  handshake.reset();
}

void Stream::State::read_long(bool wanted) {
  if (wanted == reads_long) return;
  reads_long = wanted;
  SSL_set_default_read_buffer_len(ssl.get(), wanted ? kLongReadBufferBytes : 0);
}

void Stream::State::refuse_key_updates() {
  spent = true;
  pki::take_openssl_errors();
  close_now();
  throw Error(Message::HandshakeFailed,
              fmt::format("{} changes its keys again and again without sending data", remote),
              fmt::format("at most {} key updates between data (RFC 8446, 5.5)", kKeyUpdatesMax));
}

// Not in the handshake: GnuTLS hands a ticket that comes before the first answer up as "nothing to
// read yet", which libcups, given a time limit, takes for its end.
bool Stream::State::issue_ticket() {
  return std::exchange(owes_ticket, false) && SSL_new_session_ticket(ssl.get()) == 1;
}

void Stream::State::end_failed_read() {
  auto failure = take_library_failure();
  if (failure.reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    truncated = true;
    return;
  }
  if (awaits_verdict()) {
    const FailedHandshake failed{remote, *handshake, *generation, failure, end.error, end.ended};
    if (auto refused = explain_refused_client(failed)) throw std::move(*refused);
  }
  if (failure.reason == 0) throw broken(end.error != 0 ? end.error : ECONNRESET);
  throw Error(Message::ConnectionFailed, fmt::format("{}: {}", remote, failure.text),
              "TLS records by RFC 8446 or RFC 5246");
}

// A server that refused us has said so before it closed: what it said may still be waiting here.
Error Stream::State::failed_write() {
  Error error = broken(end.error != 0 ? end.error : EPIPE);
  pki::take_openssl_errors();
  if (!awaits_verdict() || !is_open()) return error;
  unsigned char byte = 0;
  SSL_peek(ssl.get(), &byte, 1);
  if (auto refused = explain_refused_client(failed_handshake())) return std::move(*refused);
  return error;
}

asio::awaitable<bool> Stream::State::try_wait_for(Direction direction) {
  if (!is_open() || deadline->passed()) co_return false;
  deadline->begin_wait();
  const auto [failed] = co_await socket.async_wait(direction, kNoThrow);
  deadline->end_wait();
  co_return !failed && is_open();
}

asio::awaitable<void> Stream::State::give_way() {
  if (deadline->passed()) {
    close_now();
    throw timed_out();
  }
  co_await asio::post(socket.get_executor(), asio::use_awaitable);
}

asio::awaitable<void> Stream::State::wait_for(Direction direction) {
  const bool ready = co_await try_wait_for(direction);
  if (ready) co_return;
  const bool late = is_open() && deadline->passed();
  close_now();
  if (late) throw timed_out();
  throw broken(ECONNABORTED);
}

Stream::Stream(Socket socket, std::string remote)
    : state_(std::make_unique<State>(std::move(socket), std::move(remote))) {}

Stream::~Stream() = default;

void Stream::expires_after(std::chrono::milliseconds wait) {
  state_->deadline->set(std::chrono::steady_clock::now() + wait);
}

asio::awaitable<std::optional<unsigned char>> Stream::first_byte() {
  for (;;) {
    if (!state_->is_open()) throw state_->broken(ECONNABORTED);
    unsigned char byte = 0;
    const auto count = ::recv(state_->end.descriptor, &byte, 1, MSG_PEEK);
    if (count == 1) co_return byte;
    if (count == 0) co_return std::nullopt;
    if (errno == EINTR) continue;
    if (!must_wait(errno)) throw state_->broken(errno);
    co_await state_->wait_for(Socket::wait_read);
  }
}

asio::awaitable<std::size_t> Stream::read_some(std::span<unsigned char> into) {
  State& state = *state_;
  if (!state.ssl) {
    for (;;) {
      if (!state.is_open()) throw state.broken(ECONNABORTED);
      const auto count = receive_some(state.end, into);
      if (count >= 0) co_return static_cast<std::size_t>(count);
      if (!must_wait(errno)) throw state.broken(errno);
      co_await state.wait_for(Socket::wait_read);
    }
  }
  if (state.truncated) co_return 0;
  if (into.size() >= kLongReadBytes) state.read_long(true);
  std::size_t count = 0;
  const auto read = [&](SSL* ssl) { return SSL_read_ex(ssl, into.data(), into.size(), &count); };
  const auto outcome = co_await state.drive(read);
  if (outcome == State::Outcome::Done) {
    // From the first byte of the answer on, an alert is no verdict on our certificate.
    if (state.awaits_verdict()) state.forget_handshake();
    state.key_updates = 0;
    co_return count;
  }
  if (outcome == State::Outcome::Failed) state.end_failed_read();
  co_return 0;
}

asio::awaitable<void> Stream::write(std::span<const unsigned char> bytes) {
  State& state = *state_;
  if (!state.ssl) {
    while (!bytes.empty()) {
      if (!state.is_open()) throw state.broken(ECONNABORTED);
      const auto count = send_some(state.end, bytes);
      if (count >= 0) {
        bytes = bytes.subspan(static_cast<std::size_t>(count));
      } else if (must_wait(errno)) {
        co_await state.wait_for(Socket::wait_write);
      } else {
        throw state.broken(errno);
      }
    }
    co_return;
  }
  bool with_ticket = state.issue_ticket();
  while (!bytes.empty()) {
    std::size_t count = 0;
    const auto write = [&](SSL* ssl) {
      return SSL_write_ex(ssl, bytes.data(), bytes.size(), &count);
    };
    const auto outcome = co_await state.drive(write);
    if (outcome != State::Outcome::Done) throw state.failed_write();
    if (std::exchange(with_ticket, false)) state.forget_handshake();
    bytes = bytes.subspan(count);
  }
}

bool Stream::truncated() const {
  return state_->truncated;
}

asio::awaitable<void> Stream::end_writing() {
  State& state = *state_;
  try {
    SSL* const ssl = state.ssl.get();
    const bool speaks =
        state.is_open() && ssl != nullptr && !state.spent && SSL_is_init_finished(ssl);
    if (speaks && (SSL_get_shutdown(ssl) & SSL_SENT_SHUTDOWN) == 0) {
      expires_after(kGoodbyeWait);
      // 0 is enough: our close_notify is sent, and the peer's need not be waited for.
      const auto goodbye = [](SSL* connection) {
        const int result = SSL_shutdown(connection);
        return result == 0 ? 1 : result;
      };
      co_await state.drive(goodbye);
    }
  } catch (const std::exception&) {
    // The peer has gone, or does not listen: nothing is lost.
  }
  pki::take_openssl_errors();
  boost::system::error_code ignored;
  if (state.is_open()) state.socket.shutdown(Socket::shutdown_send, ignored);
}

asio::awaitable<void> Stream::close() {
  co_await end_writing();
  abort();
}

void Stream::abort() noexcept {
  state_->close_now();
}

bool Stream::has_pending() const {
  return state_->ssl && SSL_has_pending(state_->ssl.get()) == 1;
}

asio::awaitable<bool> Stream::wait_readable() {
  if (!state_->is_open()) co_return false;
  if (has_pending()) co_return true;
  if (state_->ssl) {
    state_->read_long(false);
    SSL_free_buffers(state_->ssl.get());
  }
  co_return co_await state_->try_wait_for(Socket::wait_read);
}

const std::optional<Protection>& Stream::protection() const {
  return state_->protection;
}
const std::optional<Peer>& Stream::peer() const {
  return state_->peer;
}
const std::optional<LocalUser>& Stream::local_user() const {
  return state_->local_user;
}
const std::shared_ptr<const Generation>& Stream::generation() const {
  return state_->generation;
}
const std::string& Stream::remote() const {
  return state_->remote;
}
asio::any_io_executor Stream::executor() {
  return state_->socket.get_executor();
}

}  // namespace ipm::tls
