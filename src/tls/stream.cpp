#include "tls/stream.h"

#include <fmt/format.h>

#include <utility>

#include "net/yield.h"
#include "tls/limits.h"
#include "tls/stream_state.h"

namespace asio = boost::asio;

namespace ipm::tls {
Stream::State::State(std::unique_ptr<net::Transport>&& connected)
    : wire(std::move(connected)), end{.wire = *wire} {}

Stream::State::~State() {
  // OpenSSL would call a session spoilt whose connection ends without our close_notify.
  if (protection && !spent) SSL_set_shutdown(ssl.get(), SSL_SENT_SHUTDOWN);
}

Error Stream::State::broken(std::errc otherwise) const {
  return wire->broken(end.error ? end.error : std::make_error_code(otherwise));
}

FailedHandshake Stream::State::failed_handshake() const {
  return {remote(), *handshake, *generation, take_library_failure(), end.error, end.ended};
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
  wire->abort();
  throw Error(Message::HandshakeFailed,
              fmt::format("{} changes its keys again and again without sending data", remote()),
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
    const FailedHandshake failed{remote(), *handshake, *generation, failure, end.error, end.ended};
    if (auto refused = explain_refused_client(failed)) throw std::move(*refused);
  }
  if (failure.reason == 0) throw broken(std::errc::connection_reset);
  throw Error(Message::ConnectionFailed, fmt::format("{}: {}", remote(), failure.text),
              "TLS records by RFC 8446 or RFC 5246");
}

// A server that refused us has said so before it closed: what it said may still be waiting here.
Error Stream::State::failed_write() {
  Error error = broken(std::errc::broken_pipe);
  pki::take_openssl_errors();
  if (!awaits_verdict() || !wire->is_open()) return error;
  unsigned char byte = 0;
  SSL_peek(ssl.get(), &byte, 1);
  if (auto refused = explain_refused_client(failed_handshake())) return std::move(*refused);
  return error;
}

asio::awaitable<void> Stream::State::give_way() {
  if (wire->has_expired()) {
    wire->abort();
    throw wire->timed_out();
  }
  co_await net::yield_now(wire->executor());
}

Stream::Stream(std::unique_ptr<net::Transport>&& wire)
    : state_(std::make_unique<State>(std::move(wire))) {}

Stream::~Stream() = default;

void Stream::expires_after(std::chrono::milliseconds wait) {
  state_->wire->expires_after(wait);
}

asio::awaitable<std::size_t> Stream::read_some(std::span<unsigned char> into) {
  State& state = *state_;
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
        state.wire->is_open() && ssl != nullptr && !state.spent && SSL_is_init_finished(ssl);
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
  co_await state.wire->end_writing();
}

asio::awaitable<void> Stream::close() {
  co_await end_writing();
  abort();
}

void Stream::abort() noexcept {
  state_->wire->abort();
}

bool Stream::has_pending() const {
  return state_->ssl && SSL_has_pending(state_->ssl.get()) == 1;
}

asio::awaitable<bool> Stream::wait_readable() {
  if (!state_->wire->is_open()) co_return false;
  if (has_pending()) co_return true;
  if (state_->ssl) {
    state_->read_long(false);
    SSL_free_buffers(state_->ssl.get());
  }
  co_return co_await state_->wire->wait_readable();
}

const std::optional<Protection>& Stream::protection() const {
  return state_->protection;
}
const std::optional<Peer>& Stream::peer() const {
  return state_->peer;
}
const std::shared_ptr<const Generation>& Stream::generation() const {
  return state_->generation;
}
const net::Remote& Stream::remote() const {
  return state_->wire->remote();
}
asio::any_io_executor Stream::executor() {
  return state_->wire->executor();
}

}  // namespace ipm::tls
