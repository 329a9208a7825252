// How a session begins: what its first byte says, the handshake, the upgrade to TLS, and the refusal
// of plaintext.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/use_awaitable.hpp>
#include <string_view>
#include <utility>

#include "base/error_wire.h"
#include "http/reply.h"
#include "http/session.h"
#include "os/timer.h"

namespace asio = boost::asio;
using ipm::os::SteadyClock;

namespace ipm::http {
namespace {

constexpr unsigned char kTlsHandshake = 0x16;  // RFC 8446, 5.1
// The versions that a client may name; which one it is the handshake decides.
constexpr std::array<std::string_view, 5> kTlsTokens = {"TLS/1.0", "TLS/1.1", "TLS/1.2", "TLS/1.3",
                                                        "TLS"};
constexpr std::string_view kSwitching =
    "HTTP/1.1 101 Switching Protocols\r\n"
    "Upgrade: TLS/1.2, HTTP/1.1\r\n"
    "Connection: Upgrade\r\n\r\n";

// Whether what has arrived of a plaintext head is the beginning of an HTTP request line: "POST /".
bool looks_like_http(std::span<const unsigned char> bytes) {
  const auto is_upper = [](unsigned char byte) { return byte >= 'A' && byte <= 'Z'; };
  const auto blank = std::find_if_not(bytes.begin(), bytes.end(), is_upper);
  return blank != bytes.begin() && blank != bytes.end() && *blank == ' ' &&
         blank - bytes.begin() <= 16;
}

// RFC 2817, 3.1 and 3.2: OPTIONS without a body, that names TLS in Upgrade. Of another method the
// request itself would already have gone in plaintext.
bool asks_for_tls(const RequestHead& head) {
  if (head.method != Method::Options || head.framing.kind != Framing::Kind::None) return false;
  if (head.version < 11 || !head.headers.has_token("Connection", "upgrade")) return false;
  return std::ranges::any_of(
      kTlsTokens, [&](std::string_view token) { return head.headers.has_token("Upgrade", token); });
}

Response upgrade_required() {
  const Error error(
      Message::PlaintextRefused,
      "this server takes encrypted connections only, and this one is not encrypted (S17)",
      "TLS: ipps://HOST:PORT/… or https://HOST:PORT/…, with a client certificate where mutual "
      "authentication is on",
      "update the client and use ipps; ask the administrator for a certificate: ipm cert issue "
      "client NAME");
  Response response = error_response(error);
  response.status = 426;
  response.headers.add("Upgrade", "TLS/1.2, HTTP/1.1");  // RFC 9110, 15.5.22
  response.headers.add("Connection", "Upgrade");
  response.close = true;
  return response;
}

}  // namespace

asio::awaitable<bool> Session::open() {
  Shared& shared = core_->shared();
  if (admission_.paused()) {
    os::Timer pause(stream_->executor(), shared.limits.penalty_wait);
    co_await pause.async_wait(asio::use_awaitable);
    admission_.unpause();
  }
  if (admission_.local()) co_return true;
  stream_->expires_after(shared.limits.handshake_wait);
  const auto first = co_await wire_->first_byte();
  if (!first) co_return false;
  const bool tls = *first == kTlsHandshake;
  const bool encrypts = shared.encrypts();  // asked once: it may be turned on at any moment
  if (encrypts && tls) co_return co_await handshake();
  if (encrypts) co_return co_await meet_plaintext(*first);
  if (tls) {
    throw Error(Message::HandshakeFailed,
                fmt::format("{} begins a TLS handshake, and encryption is off here", remote()),
                "plain IPP (S16)",
                "turn encryption on, ipm tls setup does all that is needed; or use ipp:// there");
  }
  plaintext_ = true;
  co_return true;
}

asio::awaitable<bool> Session::handshake() {
  Shared& shared = core_->shared();
  Counters& counters = core_->counters();
  auto generation = shared.generation();
  // Encryption is on and nothing is there to encrypt with: nothing is served, least of all plainly.
  if (generation == nullptr || generation->listen_context() == nullptr) co_return false;
  checked_generation_ = generation->number();
  bool refused = true;
  try {
    tls_ = std::make_unique<tls::Stream>(std::move(wire_));
    stream_ = tls_.get();
    co_await tls_->accept_tls(std::move(generation));
    refused = false;
  } catch (const Error& error) {
    note(error);
  }
  if (refused) {
    counters.handshakes_failed.add();
    admission_.note_refusal();
    stream_->abort();
    co_return false;
  }
  counters.handshakes.add();
  if (tls_->protection()->resumed) counters.handshakes_resumed.add();
  co_return true;
}

asio::awaitable<bool> Session::meet_plaintext(unsigned char first) {
  const bool letter = first >= 'A' && first <= 'Z';
  if (!letter) {
    co_await refuse_plaintext(false);
    co_return false;
  }
  workspace_ = core_->take_workspace();
  const HeadRead read = co_await read_head();
  const auto unread = workspace_->buffer.unread();
  // Nothing may come in plaintext behind the request for TLS: it would be read as if TLS had
  // protected it.
  if (read == HeadRead::Whole && asks_for_tls(workspace_->head) && unread.empty()) {
    co_return co_await upgrade();
  }
  co_await refuse_plaintext(read == HeadRead::Whole ||
                            (read == HeadRead::Refused && looks_like_http(unread)));
  co_return false;
}

// RFC 2817, 3.2 and 3.3: 101, the handshake, and only then, inside TLS, the answer. Nothing has been
// served in plaintext (S17), and a certificate is demanded as on any connection.
asio::awaitable<bool> Session::upgrade() {
  const ReplyContext context{Method::Options, workspace_->head.version, true};
  stream_->expires_after(core_->shared().limits.write_wait);
  co_await stream_->write(
      {reinterpret_cast<const unsigned char*>(kSwitching.data()), kSwitching.size()});
  stream_->expires_after(core_->shared().limits.handshake_wait);
  const auto begin = co_await wire_->first_byte();
  if (begin != kTlsHandshake) {
    if (begin) co_await refuse_plaintext(false);
    co_return false;
  }
  const bool proven = co_await handshake();
  if (!proven) co_return false;
  Response done;
  done.headers.add("Allow", "GET, HEAD, POST, OPTIONS");
  const bool keep = co_await send_reply(*stream_, *core_, done, context, workspace_->reply);
  core_->give_back(std::move(workspace_));
  co_return keep;
}

// S17: told in its own protocol, if that is HTTP, however slowly its head came.
asio::awaitable<void> Session::refuse_plaintext(bool speaks_http) {
  Shared& shared = core_->shared();
  core_->counters().plaintext_refused.add();
  admission_.note_refusal();
  shared.lines.write(who(), Message::PlaintextRefused,
                     fmt::format("A plaintext connection from {} was refused: encryption is on. "
                                 "That client has to use ipps:// (or https://){}.",
                                 remote(), speaks_http ? "" : "; it did not speak HTTP"),
                     SteadyClock::now());
  if (!speaks_http) co_return;
  Response response = upgrade_required();
  if (workspace_->head.headers.has_token("Accept", kProblemType)) speak_as_data(response);
  co_await send_reply(*stream_, *core_, response, {Method::Get, 11, false}, workspace_->reply);
  co_await linger();
}

}  // namespace ipm::http
