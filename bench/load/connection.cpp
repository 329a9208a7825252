#include "load/connection.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>

#include "base/error.h"
#include "pki/certificate.h"
#include "pki/key.h"
#include "tls/lean_library.h"

namespace ipm::bench {
namespace {

constexpr std::size_t kReadBytes = 64U << 10U;

// Nobody's chain is judged: this is load.
int take_server(X509_STORE_CTX* store, void* known) noexcept {
  return static_cast<KnownServer*>(known)->put_known(X509_STORE_CTX_get0_untrusted(store)) ? 1 : 0;
}

tls::SslContextPtr make_context(const Options& options, KnownServer& server) {
  auto context = pki::own<tls::SslContextPtr>(
      SSL_CTX_new_ex(tls::lean_library(), nullptr, TLS_client_method()), "SSL_CTX_new_ex");
  SSL_CTX* const raw = context.get();
  const int version = options.tls12 ? TLS1_2_VERSION : TLS1_3_VERSION;
  pki::must(SSL_CTX_set_min_proto_version(raw, version), "SSL_CTX_set_min_proto_version");
  pki::must(SSL_CTX_set_max_proto_version(raw, version), "SSL_CTX_set_max_proto_version");
  // One key share, which every server here takes.
  pki::must(static_cast<int>(
                SSL_CTX_ctrl(raw, SSL_CTRL_SET_GROUPS_LIST, 0, const_cast<char*>("X25519:P-256"))),
            "SSL_CTX_set1_groups_list");
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(raw, take_server, &server);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(raw, 1);
  if (!options.certificate.empty()) {
    const auto certificate =
        pki::Certificate::parse(read_file(options.certificate), options.certificate);
    const auto key = pki::PrivateKey::parse(read_file(options.key), options.key);
    pki::must(SSL_CTX_use_certificate(raw, certificate.handle()), options.certificate);
    pki::must(SSL_CTX_use_PrivateKey(raw, key.handle()), options.key);
  }
  return context;
}

}  // namespace

bool KnownServer::put_known(STACK_OF(X509) * presented) {
  X509* const leaf = sk_X509_value(presented, 0);
  const std::lock_guard lock(mutex_);
  if (!certificate_ || X509_cmp(leaf, certificate_.get()) != 0) {
    try {
      certificate_ = pki::decode_whole<pki::CertificatePtr>(d2i_X509, pki::encode(i2d_X509, leaf));
    } catch (const Error&) {
      certificate_ = nullptr;
    }
    if (!certificate_) return false;
  }
  X509_up_ref(certificate_.get());
  sk_X509_set(presented, 0, certificate_.get());
  X509_free(leaf);
  return true;
}

Setup make_setup(Options options) {
  Setup setup;
  setup.target = parse_target(options.target);
  setup.script = make_script(options, setup.target);
  setup.server = std::make_unique<KnownServer>();
  if (!options.plain) setup.context = make_context(options, *setup.server);
  setup.options = std::move(options);
  return setup;
}

Connection::Connection(const Setup& setup, int epoll, unsigned number)
    : setup_(setup), epoll_(epoll), number_(number) {}

void Connection::close() {
  ssl_.reset();
  socket_.close();
  stage_ = Stage::Finished;
}

void Connection::begin() {
  sent_ = 0;
  in_turns_ = false;
  reply_.begin();
  failure_.clear();
  if (is_open()) {
    stage_ = Stage::Sending;
  } else {
    dial();
  }
}

void Connection::dial() {
  socket_ = FileHandle(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket_) throw std::runtime_error(fmt::format("socket: {}", errno_text(errno)));
  const int on = 1;
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // From several addresses of this machine: one alone runs out of ports.
  ::setsockopt(socket_.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr = htonl((127U << 24U) + 1 + number_ % kSourcesMax);
  if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0) {
    throw std::runtime_error(fmt::format("bind: {}", errno_text(errno)));
  }
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u32 = number_;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket_.get(), &event) != 0) {
    throw std::runtime_error(fmt::format("epoll_ctl: {}", errno_text(errno)));
  }
  const auto* const address = reinterpret_cast<const sockaddr*>(&setup_.target.address);
  const int result = ::connect(socket_.get(), address, sizeof setup_.target.address);
  if (result != 0 && errno != EINPROGRESS) {
    throw std::runtime_error(fmt::format("connect: {}", errno_text(errno)));
  }
  stage_ = Stage::Dialling;
}

Connection::State Connection::advance() {
  for (;;) {
    State state = State::Waits;
    const Stage before = stage_;
    switch (stage_) {
      case Stage::Dialling:
        stage_ = setup_.context ? Stage::Shaking : Stage::Sending;
        continue;
      case Stage::Shaking:
        state = shake_hands();
        break;
      case Stage::Sending:
        state = send_request();
        break;
      case Stage::Reading:
        state = read_reply();
        break;
      case Stage::Leaving:
        state = leave();
        break;
      case Stage::Finished:
        return State::Waits;  // an event of a connection that rests
    }
    if (state != State::Waits || stage_ == before) return state;
    // What was just sent is not answered yet: the kernel says when. (It has said so already where
    // sending took several turns.)
    if (stage_ == Stage::Reading && !in_turns_) return State::Waits;
  }
}

Connection::State Connection::shake_hands() {
  if (!ssl_) {
    ssl_ = pki::own<tls::SslPtr>(SSL_new(setup_.context.get()), "SSL_new");
    SSL_set_fd(ssl_.get(), socket_.get());
    SSL_set_connect_state(ssl_.get());
  }
  ERR_clear_error();
  switch (judge(SSL_do_handshake(ssl_.get()))) {
    case Moved::Some:
      break;
    case Moved::Waits:
      return State::Waits;
    case Moved::Ended:
    case Moved::Broken:
      return fail("handshake");
  }
  if (setup_.options.work != Work::Handshake) {
    stage_ = Stage::Sending;
  } else if (setup_.options.idle > 0) {
    stage_ = Stage::Finished;
    return State::Done;
  } else {
    // Only the server's end says that it took our certificate (TLS 1.3).
    say_goodbye();
    ::shutdown(socket_.get(), SHUT_WR);
    stage_ = Stage::Leaving;
  }
  return State::Waits;
}

Connection::State Connection::send_request() {
  const Script& script = setup_.script;
  const std::uint64_t total = script.request.size() + script.block_bytes;
  while (sent_ < total) {
    std::string_view piece;
    if (sent_ < script.request.size()) {
      piece = std::string_view(script.request).substr(sent_);
    } else {
      const std::uint64_t at = (sent_ - script.request.size()) % script.block.size();
      piece = std::string_view(script.block)
                  .substr(at, std::min(total - sent_, script.block.size() - at));
    }
    std::size_t count = 0;
    switch (send(piece, count)) {
      case Moved::Some:
        sent_ += count;
        break;
      case Moved::Waits:
        in_turns_ = true;
        return State::Waits;
      case Moved::Ended:
      case Moved::Broken:
        return fail("sending");
    }
  }
  stage_ = Stage::Reading;
  return State::Waits;
}

Connection::State Connection::read_reply() {
  static thread_local std::array<char, kReadBytes> buffer;
  for (;;) {
    ERR_clear_error();
    std::size_t count = 0;
    Moved moved = Moved::Some;
    if (ssl_) {
      moved = judge(SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &count));
    } else {
      const auto got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
      count = got > 0 ? static_cast<std::size_t>(got) : 0;
      if (got == 0) moved = Moved::Ended;
      if (got < 0) moved = errno == EAGAIN ? Moved::Waits : Moved::Broken;
    }
    if (moved == Moved::Waits) return State::Waits;
    if (moved != Moved::Some) return fail("reading");
    if (reply_.feed({buffer.data(), count})) break;
  }
  const std::string complaint = reply_.complaint();
  stage_ = Stage::Finished;
  if (!complaint.empty()) return fail(complaint);
  if (!setup_.options.keep_alive || reply_.closes()) {
    if (ssl_) say_goodbye();
    close();
  }
  return State::Done;
}

// Until the server has gone too.
Connection::State Connection::leave() {
  for (;;) {
    char byte = 0;
    std::size_t count = 0;
    ERR_clear_error();
    switch (judge(SSL_read_ex(ssl_.get(), &byte, 1, &count))) {
      case Moved::Some:
        continue;
      case Moved::Waits:
        return State::Waits;
      case Moved::Ended:
        close();
        return State::Done;
      case Moved::Broken:
        return fail("the end of the handshake");
    }
  }
}

void Connection::say_goodbye() {
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

Connection::Moved Connection::send(std::string_view bytes, std::size_t& count) {
  if (ssl_) {
    ERR_clear_error();
    return judge(SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count));
  }
  const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent < 0) return errno == EAGAIN ? Moved::Waits : Moved::Broken;
  count = static_cast<std::size_t>(sent);
  return Moved::Some;
}

Connection::Moved Connection::judge(int result) {
  if (result > 0) return Moved::Some;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return Moved::Waits;
    case SSL_ERROR_ZERO_RETURN:
      return Moved::Ended;
    default:
      // Many servers end without close_notify.
      return ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING ? Moved::Ended
                                                                                    : Moved::Broken;
  }
}

Connection::State Connection::fail(std::string_view what) {
  const int number = errno;
  const bool library = ERR_peek_error() != 0;
  failure_ = fmt::format("{}: {}", what, library ? pki::take_openssl_errors() : errno_text(number));
  close();
  return State::Failed;
}

}  // namespace ipm::bench
