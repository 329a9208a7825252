// The two handshakes of a stream.
#include <fmt/format.h>
#include <openssl/ec.h>

#include <algorithm>
#include <array>
#include <utility>

#include "tls/limits.h"
#include "tls/stream_state.h"

namespace asio = boost::asio;

namespace ipm::tls {
namespace {

std::string group_of(SSL* ssl) {
  const int number = static_cast<int>(SSL_get_negotiated_group(ssl));
  if (number <= 0) return {};
  const char* name = EC_curve_nid2nist(number);
  if (name == nullptr && (number & TLSEXT_nid_unknown) == 0) name = OBJ_nid2sn(number);
  if (name == nullptr) name = SSL_group_to_name(ssl, number);
  return name == nullptr ? std::string() : std::string(name);
}

// RFC 8446, 4.6.3. OpenSSL tells of every message; it has no limit of its own for this one.
void count_key_updates(int sent, int, int content, const void* bytes, std::size_t size, SSL*,
                       void* count) noexcept {
  if (sent != 0 || content != SSL3_RT_HANDSHAKE || size == 0) return;
  if (*static_cast<const unsigned char*>(bytes) == SSL3_MT_KEY_UPDATE) {
    ++*static_cast<unsigned*>(count);
  }
}

}  // namespace

void Stream::State::begin_handshake(std::shared_ptr<const Generation> with, SSL_CTX* context,
                                    trust::ExpectedPeer expected) {
  if (context == nullptr) {
    throw Error(Message::HandshakeFailed, fmt::format("{}: there is no certificate here", remote()),
                "a generation with an identity for listening");
  }
  generation = std::move(with);
  handshake = std::make_unique<Handshake>();
  handshake->expected = std::move(expected);
  ssl = pki::own<SslPtr>(SSL_new(context), "SSL_new");
  BIO* const bio = make_wire_bio(end).release();
  SSL_set_bio(ssl.get(), bio, bio);
  attach(ssl.get(), handshake.get());
  SSL_set_msg_callback(ssl.get(), count_key_updates);
  SSL_set_msg_callback_arg(ssl.get(), &key_updates);
}

void Stream::State::take_result() {
  protection = Protection{SSL_get_version(ssl.get()), SSL_get_cipher_name(ssl.get()),
                          group_of(ssl.get()), SSL_session_reused(ssl.get()) == 1};
  pki::take_openssl_errors();
  if (const auto& certificate = handshake->ruling.certificate) {
    peer = Peer{certificate->display_name(), *certificate, handshake->ruling.sent_along,
                handshake->ruling.issuer_key};
  } else if ((SSL_get_verify_mode(ssl.get()) & SSL_VERIFY_PEER) != 0) {
    wire->abort();  // Cannot be; and if it were, nobody would come in by it.
    throw Error(Message::PeerCertificateMissing, fmt::format("{} proved nothing", remote()),
                "a certificate");
  }
}

asio::awaitable<void> Stream::State::let_alert_arrive() {
  wire->end_sending();
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(wire->deadline() - os::SteadyClock::now());
  wire->expires_after(std::min(left, kRefusalWait));
  std::array<unsigned char, 16U * 1024U> dropped;
  for (std::size_t bytes = 0; bytes < kRefusalDrainBytes;) {
    std::error_code failure;
    const std::size_t count = wire->receive(dropped, failure);
    bytes += count;
    if (!failure && count > 0) continue;
    if (failure != std::errc::operation_would_block) break;
    const bool ready = co_await wire->wait(Direction::Read);
    if (!ready) break;
  }
  wire->abort();
}

asio::awaitable<void> Stream::accept_tls(std::shared_ptr<const Generation> generation) {
  State& state = *state_;
  SSL_CTX* const context = generation->listen_context();
  state.begin_handshake(std::move(generation), context, {});
  SSL_set_accept_state(state.ssl.get());
  const auto outcome = co_await state.drive(SSL_do_handshake);
  if (outcome != State::Outcome::Done) {
    const auto failed = state.failed_handshake();
    const Error error = explain_failed_accept(failed);
    if (!failed.ended && !failed.error) co_await state.let_alert_arrive();
    state.wire->abort();
    throw error;
  }
  state.take_result();
  // The ticket's session is kept with what the handshake found out.
  state.owes_ticket = SSL_version(state.ssl.get()) == TLS1_3_VERSION;
  if (!state.owes_ticket) state.forget_handshake();
}

asio::awaitable<void> Stream::connect_tls(std::shared_ptr<const Generation> generation,
                                          trust::ExpectedPeer expected) {
  State& state = *state_;
  SSL_CTX* const context = generation->dial_context();
  state.begin_handshake(std::move(generation), context, std::move(expected));
  if (const auto* name = std::get_if<pki::DnsName>(&state.handshake->expected)) {
    SSL_set_tlsext_host_name(state.ssl.get(), name->text().c_str());
  }
  SSL_set_connect_state(state.ssl.get());
  const auto outcome = co_await state.drive(SSL_do_handshake);
  if (outcome != State::Outcome::Done) {
    const Error error = explain_failed_connect(state.failed_handshake());
    state.wire->abort();
    throw error;
  }
  state.take_result();
}

}  // namespace ipm::tls
