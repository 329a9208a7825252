#include "http/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/error_wire.h"
#include "base/text.h"
#include "http/head.h"
#include "http/reply.h"

namespace asio = boost::asio;
using ipm::os::SteadyClock;

namespace ipm::http {
namespace {

// By name only: who takes anything is a person's browser, which gets the words.
bool takes_problems(const RequestHead& head) {
  return head.headers.has_token("Accept", kProblemType);
}

std::chrono::milliseconds until(SteadyClock::time_point when) {
  return std::chrono::ceil<std::chrono::milliseconds>(when - SteadyClock::now());
}

}  // namespace

Session::Session(std::shared_ptr<Core> core, std::unique_ptr<net::Transport> wire,
                 Admission admission)
    : core_(std::move(core)),
      admission_(std::move(admission)),
      wire_(std::move(wire)),
      stream_(wire_.get()) {
  core_->enlist(*this);
}

Session::~Session() {
  core_->give_back(std::move(workspace_));
}

std::string_view Session::who() const {
  const std::string_view whole = remote();
  return admission_.local() ? whole : whole.substr(0, whole.rfind(':'));
}

void Session::note(const Error& error) {
  if (error.message() == Message::ConnectionTimedOut) core_->counters().timeouts.add();
  // Peers come and go; that alone is worth no line.
  if (error.message() == Message::ConnectionFailed) return;
  const bool named = error.happened().find(remote()) != std::string::npos;
  const Error full(error.message(),
                   named ? error.happened() : fmt::format("{}: {}", remote(), error.happened()),
                   error.expected(), error.mend());
  core_->shared().lines.write(who(), full, SteadyClock::now());
}

asio::awaitable<void> Session::run() {
  const Limits& limits = core_->shared().limits;
  try {
    bool goes_on = co_await open();
    while (goes_on) {
      if (workspace_ == nullptr) {
        state_ = State::Idle;
        stream_->expires_after(core_->shared().stopping ? std::chrono::milliseconds(0)
                                                        : limits.idle_wait);
        const bool readable = co_await stream_->wait_readable();
        if (!readable) break;
        workspace_ = core_->take_workspace();
      }
      state_ = State::Active;
      goes_on = co_await serve();
      if (turn_.is_spent(0)) co_await net::yield_now(stream_->executor());
      if (workspace_->buffer.unread().empty()) core_->give_back(std::move(workspace_));
    }
    co_await stream_->close();
  } catch (const Error& error) {
    note(error);
    stream_->abort();
  } catch (const std::exception& failure) {
    note(Error(Message::Unexpected, fmt::format("a connection ended: {}", failure.what()),
               "a connection that ends by itself"));
    stream_->abort();
  }
}

// Leaves the parsed head in the workspace, and what follows it unread; after Refused why, and all
// that has come of it.
asio::awaitable<Session::HeadRead> Session::read_head() {
  const Limits& limits = core_->shared().limits;
  ReadBuffer& buffer = workspace_->buffer;
  auto& refusal = workspace_->refusal;
  buffer.move_to_front();
  refusal.reset();
  workspace_->head.headers.clear();  // whoever asks before the new ones are there finds none
  HeadScanner scanner(limits.head_bytes, limits.fields);
  const auto end = SteadyClock::now() + limits.head_wait;
  for (;;) {
    const auto found =
        buffer.unread().empty() ? HeadScanner::Found::Incomplete : scanner.scan(buffer.unread());
    if (found == HeadScanner::Found::Refused) {
      refusal = scanner.refusal();
      co_return HeadRead::Refused;
    }
    if (found == HeadScanner::Found::Whole) break;
    stream_->expires_after(std::max(until(end), std::chrono::milliseconds(0)));
    if (!buffer.unread().empty() && !stream_->has_pending()) {
      const bool readable = co_await stream_->wait_readable();
      if (!readable) {
        refusal = Refusal{
            408, Error(Message::ConnectionTimedOut,
                       fmt::format("the request head of {} did not come to its end", remote()),
                       "all of it in time")};
        co_return HeadRead::Refused;
      }
    }
    const auto received = co_await stream_->read_some(buffer.space());
    if (received == 0 && buffer.unread().empty()) co_return HeadRead::Ended;
    if (received == 0) {
      refusal = Refusal{400, Error(Message::HttpMalformed, "a request head that ends early",
                                   "an empty line at its end (RFC 9112, 2.1)")};
      co_return HeadRead::Refused;
    }
    buffer.add(received);
  }
  refusal = parse_head(buffer.unread().subspan(scanner.begin(), scanner.end() - scanner.begin()),
                       workspace_->head);
  if (refusal) co_return HeadRead::Refused;
  buffer.consume(scanner.end());
  co_return HeadRead::Whole;
}

asio::awaitable<bool> Session::serve() {
  Workspace& work = *workspace_;
  const Limits& limits = core_->shared().limits;
  const HeadRead read = co_await read_head();
  if (read == HeadRead::Ended) co_return false;
  if (read == HeadRead::Refused) {
    note(work.refusal->error);
    const Response response = refusal_response(*work.refusal);
    co_await send_reply(*stream_, *core_, response, {Method::Get, 11, false}, work.reply);
    co_await linger();
    co_return false;
  }
  if (!peer_may_stay()) co_return false;
  ++requests_;
  core_->counters().requests.add();

  SessionBody body(*stream_, work, *core_);
  Response response = co_await answer(body);
  if (!body.lost()) co_await read_on(body, response);
  if (body.lost()) co_return false;
  if (response.error && takes_problems(work.head)) speak_as_data(response);
  const ReplyContext context{work.head.method, work.head.version, keeps(response, body)};
  bool keep = co_await send_reply(*stream_, *core_, response, context, work.reply);
  if (keep && !body.done()) keep = co_await body.drain(limits.drain_bytes, limits.body_wait);
  const bool unread = !body.done() || !work.buffer.unread().empty();
  if (!keep && unread) co_await linger();
  co_return keep;
}

// A reply that is no HTTP error waits for the end of the body that it did not need: a client that
// still writes would take it for the success of what it sends (libcups does). Who has more to send
// than is read on for gets the same words under a status that says so.
asio::awaitable<void> Session::read_on(SessionBody& body, Response& response) {
  if (response.status >= 400 || body.done() || body.refusal() || body.awaits_continue()) co_return;
  const ReadOn& most = core_->shared().read_on;
  bool whole = false;
  try {
    whole = co_await body.drain(most.bytes, most.wait);
  } catch (const Error& error) {
    note(error);
    co_return;
  }
  if (whole) co_return;
  if (body.refusal()) {
    note(body.refusal()->error);
    response = refusal_response(*body.refusal());
  } else {
    response.status = 413;
    response.close = true;
  }
}

bool Session::keeps(const Response& response, const SessionBody& body) const {
  const Limits& limits = core_->shared().limits;
  if (!workspace_->head.keep_alive || response.close || core_->shared().stopping) return false;
  if (requests_ >= limits.requests_per_connection) return false;
  if (body.done()) return true;
  if (body.refusal() || body.awaits_continue()) return false;
  const auto remaining = body.remaining();
  return remaining && *remaining <= limits.drain_bytes;
}

asio::awaitable<Response> Session::answer(SessionBody& body) {
  Shared& shared = core_->shared();
  Request request{
      .head = workspace_->head,
      .body = body,
      .remote = remote(),
      .encrypted = tls_ != nullptr,
      .peer = tls_ != nullptr && tls_->peer() ? &*tls_->peer() : nullptr,
      .local_user = stream_->remote().local_user ? &*stream_->remote().local_user : nullptr,
      .executor = stream_->executor(),
      .protection = tls_ != nullptr ? &*tls_->protection() : nullptr};
  std::optional<Error> failure;
  try {
    co_return co_await shared.handler(request);
  } catch (const Error& error) {
    failure.emplace(error);
  } catch (const std::exception& error) {
    failure.emplace(Message::Unexpected, fmt::format("a request failed: {}", error.what()),
                    "an answer");
    if (shared.log != nullptr) shared.log->write(*failure);
    // What went wrong inside is the log's business alone.
    failure.emplace(Message::Unexpected, "the server could not answer this request", "an answer");
  }
  if (body.lost()) {
    note(*failure);
    co_return Response{};  // nobody will see it
  }
  // The body's own fault has the better status.
  if (body.refusal()) {
    note(body.refusal()->error);
    co_return refusal_response(*body.refusal());
  }
  Response response = error_response(*failure);
  if (response.status < 400) response.status = 500;
  co_return response;
}

// Reads on for a while after a reply that ends the connection: closing over unread bytes would make
// the kernel reset it, and the client would not see why it was refused.
asio::awaitable<void> Session::linger() {
  const Limits& limits = core_->shared().limits;
  const auto end = SteadyClock::now() + 5 * limits.linger_wait;
  ReadBuffer& buffer = workspace_->buffer;
  try {
    co_await stream_->end_writing();
    while (SteadyClock::now() < end && !core_->shared().stopping) {
      buffer.clear();
      stream_->expires_after(limits.linger_wait);
      const auto received = co_await stream_->read_some(buffer.space());
      if (received == 0) break;
      if (turn_.is_spent(received)) co_await net::yield_now(stream_->executor());
    }
  } catch (const Error&) {
    // It has gone, or says nothing more.
  }
  buffer.clear();
}

// B6, new anchors and a new policy: what would not be admitted now does not stay.
bool Session::peer_may_stay() {
  if (!core_->shared().encrypts()) return true;
  if (plaintext_) {
    core_->shared().lines.write(
        who(), Message::PlaintextRefused,
        fmt::format(
            "The connection of {} was closed: it is in plaintext, and encryption is on now.",
            remote()),
        SteadyClock::now());
    return false;
  }
  if (tls_ == nullptr || !tls_->protection()) return true;  // local, or just beginning
  const auto current = core_->shared().generation();
  const auto& peer = tls_->peer();
  if (!peer) {
    if (!current->policy().mutual) return true;
    core_->shared().lines.write(
        who(), Message::PeerCertificateMissing,
        fmt::format("The connection of {} was closed: it was made without a client certificate, "
                    "and mutual authentication is on now.",
                    remote()),
        SteadyClock::now());
    return false;
  }
  const bool expired = peer->certificate.not_after() < current->now();
  if (current->number() == checked_generation_ && !expired) return true;
  if (const auto objection = current->objection(*peer, *tls_->generation())) {
    core_->shared().lines.write(
        who(), Message::PeerRefused,
        fmt::format("The connection of {} ({}, serial {}) was closed: {}", printable(peer->name),
                    remote(), peer->certificate.serial(), pki::to_line({*objection})),
        SteadyClock::now());
    return false;
  }
  checked_generation_ = current->number();
  return true;
}

void Session::check_peer() noexcept {
  try {
    if (peer_may_stay()) return;
  } catch (const std::exception&) {
    // Who cannot be judged does not stay.
  }
  stream_->abort();
}

void Session::stop_when_idle() noexcept {
  if (state_ == State::Opening) stream_->abort();
  // The wait ends now, and the stream says goodbye.
  if (state_ == State::Idle) stream_->expires_after(std::chrono::milliseconds(0));
}

}  // namespace ipm::http
