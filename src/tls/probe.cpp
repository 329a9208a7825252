#include "tls/probe.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "pki/names.h"
#include "tls/limits.h"
#include "tls/socket_bio.h"
#include "tls/ssl.h"

namespace ipm::tls {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;
using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

struct Goal {
  std::string name;  // "ipmsrv.example.com:631", for messages
  SteadyTime deadline;
};

[[noreturn]] void time_out(const Goal& goal, std::string_view doing) {
  throw Error(Message::ConnectionTimedOut, fmt::format("{}: {} took too long", goal.name, doing),
              "an answer in time");
}

[[noreturn]] void fail(const Goal& goal, std::string_view why) {
  throw Error(Message::ConnectionFailed, fmt::format("{}: {}", goal.name, why),
              "a server that listens there");
}

// False when the deadline passed first.
bool wait_for(int descriptor, short events, SteadyTime deadline) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd one{descriptor, events, 0};
    const int ready =
        ::poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return true;  // The next call tells what is wrong.
  }
}

AddressList resolve(const std::string& host, std::uint16_t port, const Goal& goal) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failure = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (failure != 0) fail(goal, ::gai_strerror(failure));
  return {found, &::freeaddrinfo};
}

// Nothing where this address does not answer; `why` then says so.
FileHandle try_connect(const addrinfo& address, const Goal& goal, std::string& why) {
  FileHandle socket{::socket(address.ai_family, SOCK_STREAM, 0)};
  if (!socket || ::fcntl(socket.get(), F_SETFL, O_NONBLOCK) != 0 ||
      ::fcntl(socket.get(), F_SETFD, FD_CLOEXEC) != 0) {
    why = errno_text(errno);
    return {};
  }
  prevent_sigpipe(socket.get());
  int failure = ::connect(socket.get(), address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
  if (failure == EINPROGRESS || failure == EINTR) {
    if (!wait_for(socket.get(), POLLOUT, goal.deadline)) time_out(goal, "connecting");
    socklen_t size = sizeof failure;
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &failure, &size);
  }
  if (failure == 0) return socket;
  why = errno_text(failure);
  return {};
}

FileHandle connect_to(const std::string& host, std::uint16_t port, const Goal& goal) {
  const auto addresses = resolve(host, port, goal);
  std::string why = "no address";
  for (const addrinfo* one = addresses.get(); one != nullptr; one = one->ai_next) {
    if (auto socket = try_connect(*one, goal, why)) return socket;
  }
  fail(goal, why);
}

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
bool handshake(SSL* ssl, const SocketEnd& end, const Goal& goal, std::string& why) {
  for (;;) {
    const int result = SSL_connect(ssl);
    if (result == 1) return true;
    const int error = SSL_get_error(ssl, result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
      const short events = error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
      if (!wait_for(end.descriptor, events, goal.deadline)) time_out(goal, "the TLS handshake");
      continue;
    }
    why = end.error != 0 ? errno_text(end.error)
          : end.ended    ? "the server closed the connection"
                         : pki::take_openssl_errors();
    return false;
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

}  // namespace

Probe fetch_chain(const std::string& host, std::uint16_t port, std::chrono::milliseconds wait) {
  const pki::ErrorQueueGuard guard;
  const Goal goal{fmt::format("{}:{}", printable(host, 260), port),
                  std::chrono::steady_clock::now() + wait};
  const FileHandle socket = connect_to(host, port, goal);
  SocketEnd end{static_cast<int>(socket.get())};
  end.budget = SIZE_MAX;  // under one deadline, and alone on its thread
  const auto context = make_context();
  Probe probe;
  const auto ssl = pki::own<SslPtr>(SSL_new(context.get()), "SSL_new");
  SSL_set_app_data(ssl.get(), &probe.asks_for_client_certificate);
  BIO* const bio = make_socket_bio(end).release();
  SSL_set_bio(ssl.get(), bio, bio);  // Owns it now.
  if (!pki::IpAddress::find(host)) {
    pki::must(static_cast<int>(SSL_set_tlsext_host_name(ssl.get(), host.c_str())),
              "SSL_set_tlsext_host_name");
  }
  std::string why;
  const bool finished = handshake(ssl.get(), end, goal, why);
  probe.chain = presented(ssl.get());
  // A server that wants a client's certificate may break off: by then it has shown its own.
  if (!finished && probe.chain.empty()) {
    throw Error(Message::HandshakeFailed, fmt::format("{}: {}", goal.name, why),
                "a server that speaks TLS and presents a certificate",
                "check the port; plain IPP has no certificate to show");
  }
  if (probe.chain.empty()) fail(goal, "the server presented no certificate");
  probe.protocol = SSL_get_version(ssl.get());
  probe.cipher = SSL_get_cipher_name(ssl.get());
  return probe;
}

}  // namespace ipm::tls
