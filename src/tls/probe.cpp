#include "tls/probe.h"

#include <fmt/format.h>

#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "net/network.h"
#include "net/run.h"
#include "os/error.h"
#include "pki/names.h"
#include "tls/limits.h"
#include "tls/ssl.h"
#include "tls/wire_bio.h"

namespace asio = boost::asio;

namespace ipm::tls {
namespace {

// OpenSSL asks for our certificate: we note it and have none.
int note_request(SSL* ssl, X509**, EVP_PKEY**) noexcept {
  *static_cast<bool*>(SSL_get_app_data(ssl)) = true;
  return 0;
}

// Whatever is wrong with the certificate, somebody wants to read about it.
int accept_any(int, X509_STORE_CTX*) noexcept {
  return 1;
}

SslContextPtr make_context() {
  auto context = pki::own<SslContextPtr>(SSL_CTX_new(TLS_client_method()), "SSL_CTX_new");
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, accept_any);
  SSL_CTX_set_security_level(context.get(), 0);  // Weak keys, too, are to be seen and named.
  SSL_CTX_set_max_cert_list(context.get(), static_cast<long>(kPeerChainBytesMax));
  SSL_CTX_set_client_cert_cb(context.get(), note_request);
  return context;
}

// True when the handshake was finished; false when it failed, for a reason in `why`.
asio::awaitable<bool> handshake(SSL* ssl, const WireEnd& end, std::string& why) {
  using Direction = net::Transport::Direction;
  for (;;) {
    const int result = SSL_connect(ssl);
    if (result == 1) co_return true;
    const int error = SSL_get_error(ssl, result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
      co_await end.wire.wait_for(error == SSL_ERROR_WANT_READ ? Direction::Read : Direction::Write);
      continue;
    }
    why = end.error   ? os::text_of(end.error)
          : end.ended ? "the server closed the connection"
                      : pki::take_openssl_errors();
    co_return false;
  }
}

std::vector<pki::Certificate> presented(SSL* ssl) {
  std::vector<pki::Certificate> chain;
  const STACK_OF(X509)* certificates = SSL_get_peer_cert_chain(ssl);
  for (int i = 0; certificates != nullptr && i < sk_X509_num(certificates); ++i) {
    chain.push_back(pki::Certificate::from_handle(sk_X509_value(certificates, i)));
  }
  return chain;
}

asio::awaitable<Probe> look(asio::any_io_executor executor, net::Endpoint server,
                            std::chrono::milliseconds wait) {
  const auto until = os::SteadyClock::now() + wait;
  net::DialLimits limits;
  limits.wait = wait;
  const auto wire = co_await net::system_network().dial(std::move(executor), server, limits);
  wire->expires_after(std::chrono::ceil<std::chrono::milliseconds>(until - os::SteadyClock::now()));
  WireEnd end{.wire = *wire};
  end.budget = SIZE_MAX;  // under one deadline, and alone on its thread
  const auto context = make_context();
  Probe probe;
  const auto ssl = pki::own<SslPtr>(SSL_new(context.get()), "SSL_new");
  SSL_set_app_data(ssl.get(), &probe.asks_for_client_certificate);
  BIO* const bio = make_wire_bio(end).release();
  SSL_set_bio(ssl.get(), bio, bio);  // Owns it now.
  if (!pki::IpAddress::find(server.host)) {
    pki::must(static_cast<int>(SSL_set_tlsext_host_name(ssl.get(), server.host.c_str())),
              "SSL_set_tlsext_host_name");
  }
  std::string why;
  const bool finished = co_await handshake(ssl.get(), end, why);
  probe.chain = presented(ssl.get());
  const std::string name = printable(server.text(), 260);
  // A server that wants a client's certificate may break off: by then it has shown its own.
  if (!finished && probe.chain.empty()) {
    throw Error(Message::HandshakeFailed, fmt::format("{}: {}", name, why),
                "a server that speaks TLS and presents a certificate",
                "check the port; plain IPP has no certificate to show");
  }
  if (probe.chain.empty()) {
    throw Error(Message::ConnectionFailed,
                fmt::format("{}: the server presented no certificate", name),
                "a server that listens there");
  }
  probe.protocol = SSL_get_version(ssl.get());
  probe.cipher = SSL_get_cipher_name(ssl.get());
  wire->abort();
  co_return probe;
}

}  // namespace

Probe fetch_chain(const std::string& host, std::uint16_t port, std::chrono::milliseconds wait) {
  const pki::ErrorQueueGuard guard;
  return net::run_to_end([&](asio::any_io_executor executor) {
    return look(std::move(executor), net::Endpoint{host, port, {}}, wait);
  });
}

}  // namespace ipm::tls
