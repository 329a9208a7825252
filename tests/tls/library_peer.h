#pragma once
// A peer that speaks TLS by OpenSSL's own means and judges nobody: it may offer what ours never
// would. Blocking, for a thread of its own; each wait ends after ten seconds.

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/time.h>

#include <csignal>
#include <future>
#include <stdexcept>
#include <thread>

#include "support.h"
#include "tls/ssl.h"

namespace ipm::tls::test {

using SessionPtr = pki::Ptr<SSL_SESSION, SSL_SESSION_free>;

struct LibraryPeer {
  // Takes over the socket. `stem` empty: without a certificate.
  LibraryPeer(asio::ip::tcp::socket socket, bool is_server, const std::string& stem)
      : descriptor(release(std::move(socket))),
        context(SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method())) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL's own socket BIO raises it
    const struct timeval wait{10, 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    SSL_CTX_set_security_level(context.get(), 0);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
    if (!stem.empty()) {
      const auto files = identity(stem);
      check(SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()));
      check(SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM));
    }
    server = is_server;
  }
  LibraryPeer(const LibraryPeer&) = delete;
  LibraryPeer& operator=(const LibraryPeer&) = delete;
  ~LibraryPeer() {
    ERR_clear_error();
    ssl.reset();
    close();
  }

  static void check(int result) {
    if (result != 1) throw std::runtime_error("OpenSSL: " + pki::take_openssl_errors());
  }

  // The options of `context` are set before.
  bool handshake() {
    ERR_clear_error();
    ssl.reset(SSL_new(context.get()));
    if (session) check(SSL_set_session(ssl.get(), session));
    SSL_set_fd(ssl.get(), descriptor);
    const int result = server ? SSL_accept(ssl.get()) : SSL_connect(ssl.get());
    if (result != 1) note_failure();
    return result == 1;
  }
  bool write(const std::string& text) {
    ERR_clear_error();
    const int result = SSL_write(ssl.get(), text.data(), static_cast<int>(text.size()));
    if (result <= 0) note_failure();
    return result > 0;
  }
  // What one record holds; empty at the end or on failure.
  std::string read() {
    ERR_clear_error();
    std::string text(20'000, '\0');
    const int count = SSL_read(ssl.get(), text.data(), static_cast<int>(text.size()));
    if (count <= 0) note_failure();
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
  }
  void close() {
    if (descriptor >= 0) ::close(descriptor);
    descriptor = -1;
  }
  // The alert that the other side sent, 0 if none.
  int alert() const {
    const int number = reason - SSL_AD_REASON_OFFSET;
    return number > 0 && number < 256 ? number : 0;
  }

  void note_failure() {
    reason = ERR_GET_REASON(ERR_peek_last_error());
    failure = pki::take_openssl_errors();
  }
  static int release(asio::ip::tcp::socket socket) {
    socket.non_blocking(false);
    socket.native_non_blocking(false);
    return socket.release();
  }

  int descriptor;
  SslContextPtr context;
  SslPtr ssl;
  SSL_SESSION* session = nullptr;  // borrowed: to be resumed
  bool server = false;
  int reason = 0;
  std::string failure;
};

// Runs `peer` on a thread of its own while `walk` runs on `io`. Returns what the walk failed with.
template <class Work, class PeerWork>
std::optional<Error> run_against(asio::io_context& io, Work work, PeerWork peer) {
  auto other = std::async(std::launch::async, std::move(peer));
  Walk walk;
  start(io, std::move(work), walk);
  run_to_end(io, walk);
  other.get();
  return error_of(walk.failure);
}

// One of our streams against a peer that does as OpenSSL does.
struct AgainstLibrary : testing::Test {
  asio::io_context io{1};
  Ends ends = connect_ends(io);
  Stream stream{net::make_transport(std::move(ends.here), "192.0.2.7:40112")};
  std::shared_ptr<const Generation> generation = build(server_sources());

  awaitable<void> accept() {
    stream.expires_after(std::chrono::seconds(10));
    co_await stream.accept_tls(generation);
  }
  awaitable<void> accept_and_answer() {
    co_await accept();
    const auto text = co_await read_exactly(stream, 4);
    co_await stream.write(bytes_of(text));
    co_await stream.close();
  }
};

struct Offer {
  int version_min = TLS1_2_VERSION;
  int version_max = TLS1_3_VERSION;
  const char* suites12 = nullptr;
  const char* groups = nullptr;
};

inline void offer(LibraryPeer& peer, const Offer& offered) {
  SSL_CTX* const context = peer.context.get();
  LibraryPeer::check(SSL_CTX_set_min_proto_version(context, offered.version_min));
  LibraryPeer::check(SSL_CTX_set_max_proto_version(context, offered.version_max));
  if (offered.suites12) LibraryPeer::check(SSL_CTX_set_cipher_list(context, offered.suites12));
  if (offered.groups) {
    std::string groups = offered.groups;
    LibraryPeer::check(
        static_cast<int>(SSL_CTX_ctrl(context, SSL_CTRL_SET_GROUPS_LIST, 0, groups.data())));
  }
}

}  // namespace ipm::tls::test
