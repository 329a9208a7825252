// How a session begins: what its first byte says, the handshake, and the refusal of plaintext.

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "http/reply.h"
#include "http/session.h"

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;

namespace ipm::http {
namespace {

constexpr unsigned char kTlsHandshake = 0x16;  // RFC 8446, 5.1

// Whether what has arrived of a plaintext head is the beginning of an HTTP request line: "POST /".
bool looks_like_http(std::span<const unsigned char> bytes) {
  const auto is_upper = [](unsigned char byte) { return byte >= 'A' && byte <= 'Z'; };
  const auto blank = std::find_if_not(bytes.begin(), bytes.end(), is_upper);
  return blank != bytes.begin() && blank != bytes.end() && *blank == ' ' &&
         blank - bytes.begin() <= 16;
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
    asio::steady_timer pause(stream_.executor(), shared.limits.penalty_wait);
    co_await pause.async_wait(asio::use_awaitable);
    admission_.unpause();
  }
  if (admission_.local()) co_return true;
  stream_.expires_after(shared.limits.handshake_wait);
  const auto first = co_await stream_.first_byte();
  if (!first) co_return false;
  const bool tls = *first == kTlsHandshake;
  if (shared.encrypts() && tls) co_return co_await handshake();
  if (shared.encrypts()) {
    co_await refuse_plaintext(*first);
    co_return false;
  }
  if (tls) {
    throw Error(
        Message::HandshakeFailed,
        fmt::format("{} begins a TLS handshake, and encryption is off here", stream_.remote()),
        "plain IPP (S16)",
        "turn encryption on, ipm tls setup does all that is needed; or use ipp:// there");
  }
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
    co_await stream_.accept_tls(std::move(generation));
    refused = false;
  } catch (const Error& error) {
    note(error);
  }
  if (refused) {
    counters.handshakes_failed.add();
    admission_.note_refusal();
    stream_.abort();
    co_return false;
  }
  counters.handshakes.add();
  if (stream_.protection() && stream_.protection()->resumed) counters.handshakes_resumed.add();
  co_return true;
}

// S17: told in its own protocol, if that is HTTP, however slowly its head comes.
asio::awaitable<void> Session::refuse_plaintext(unsigned char first) {
  Shared& shared = core_->shared();
  core_->counters().plaintext_refused.add();
  admission_.note_refusal();
  shared.quiet.write(
      who(), Message::PlaintextRefused,
      fmt::format("A plaintext connection from {} was refused: encryption is on. "
                  "That client has to use ipps:// (or https://){}.",
                  stream_.remote(), first < 'A' || first > 'Z' ? "; it did not speak HTTP" : ""),
      SteadyClock::now());
  if (first < 'A' || first > 'Z') co_return;
  workspace_ = core_->take_workspace();
  const HeadRead read = co_await read_head();
  if (read == HeadRead::Ended || !looks_like_http(workspace_->buffer.unread())) co_return;
  const Response response = upgrade_required();
  co_await send_reply(stream_, *core_, response, {Method::Get, 11, false}, workspace_->reply);
  co_await linger();
}

}  // namespace ipm::http
