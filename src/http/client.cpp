#include "http/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "http/client_state.h"
#include "http/head.h"

namespace asio = boost::asio;

namespace ipm::http {
namespace {

constexpr std::size_t kPlainBytesMax = 64U * 1024U;      // head and body in one write, without ado
constexpr std::size_t kDroppedBytesMax = 1024U * 1024U;  // of an answer that nobody read

}  // namespace

Connection::State::State(std::unique_ptr<net::Transport> connected, Destination to,
                         ClientLimits granted)
    : destination(std::move(to)),
      limits(granted),
      wire(std::move(connected)),
      buffer(limits.head_bytes) {}

Error Connection::State::broken(std::string happened) const {
  return Error(Message::ConnectionFailed,
               fmt::format("{} {}", printable(destination.text()), happened), "a whole answer",
               "look at that server's log; try again");
}

std::string Connection::State::request_head(const Outgoing& outgoing) const {
  Headers headers;
  // The zone of a link-local address is nobody's business but ours (RFC 6874, 1).
  Destination addressed = destination;
  addressed.host.resize(std::min(addressed.host.find('%'), addressed.host.size()));
  headers.add("Host", destination.local_socket.empty() ? addressed.text() : "localhost");
  for (std::size_t i = 0; i < outgoing.headers.size(); ++i) {
    const Headers::Field field = outgoing.headers[i];
    headers.add(field.name, field.value);
  }
  if (outgoing.producer && !outgoing.producer_bytes) {
    headers.add("Transfer-Encoding", "chunked");
  } else {
    const std::uint64_t produced = outgoing.producer ? *outgoing.producer_bytes : 0;
    const std::uint64_t size = outgoing.body.size() + produced;
    if (size > 0 || outgoing.method == "POST") headers.add("Content-Length", std::to_string(size));
  }
  if (outgoing.expect_continue) headers.add("Expect", "100-continue");
  std::string text;
  write_request_head(outgoing.method, outgoing.target, headers, text);
  return text;
}

// One head, interim or final. False when the server closed without a byte of it.
asio::awaitable<bool> Connection::State::read_head(Method method, ResponseHead& into) {
  buffer.move_to_front();
  HeadScanner scanner(limits.head_bytes, limits.fields, HeadScanner::Folds::Allowed);
  for (;;) {
    const auto unread = buffer.unread();
    const auto found = unread.empty() ? HeadScanner::Found::Incomplete : scanner.scan(unread);
    if (found == HeadScanner::Found::Refused) throw scanner.refusal()->error;
    if (found == HeadScanner::Found::Whole) break;
    const auto received = co_await stream().read_some(buffer.space());
    if (received == 0 && unread.empty()) co_return false;
    if (received == 0) throw broken("closed the connection within its answer");
    buffer.add(received);
  }
  const auto head = buffer.unread().subspan(scanner.begin(), scanner.end() - scanner.begin());
  const auto refusal = parse_head(head, method, into);
  if (refusal) throw refusal->error;
  buffer.consume(scanner.end());
  co_return true;
}

asio::awaitable<void> Connection::State::read_answer(Method method, Hearing& hearing) {
  for (std::size_t count = 0;; ++count) {
    const bool came = co_await read_head(method, hearing.head);
    if (!came) throw broken("closed the connection without an answer");
    if (hearing.head.status >= 200) break;
    if (count == kInterimResponsesMax) throw broken("sends interim responses without end");
    hearing.go_on = hearing.go_on || hearing.head.status == 100;
    hearing.tell();
  }
  body = BodyDecoder(hearing.head.framing, BodyDecoder::Forms::Any);
  keep_alive = hearing.head.keep_alive;
  hearing.answered = true;
  hearing.tell();
}

asio::awaitable<std::size_t> Connection::State::read_body(std::span<unsigned char> into) {
  while (!into.empty() && !body.done()) {
    std::size_t got = 0;
    if (!body.broken() && !buffer.unread().empty()) {
      got = take_body(buffer, body, into);
    } else if (!body.broken()) {
      got = co_await receive_body(stream(), buffer, body, into);
      if (reading.is_spent(got)) co_await net::yield_now(stream().executor());
    }
    if (body.refusal()) {
      spent = true;
      throw broken(fmt::format("sent {}", body.refusal()->error.happened()));
    }
    if (got > 0) co_return got;
  }
  co_return 0;
}

// What is left of the answer before: a little is dropped, for more the connection is not worth it.
asio::awaitable<void> Connection::State::finish_answer() {
  std::array<unsigned char, 4096> dropped;
  std::size_t total = 0;
  kept.clear();
  kept_read = 0;
  while (!body.done()) {
    stream().expires_after(limits.response_wait);
    total += co_await read_body(dropped);
    if (total > kDroppedBytesMax) throw broken("has more to say than anybody reads");
  }
}

asio::awaitable<ResponseHead> Connection::State::exchange_plainly(const Outgoing& outgoing,
                                                                  std::string text) {
  text += outgoing.body;
  std::optional<Error> failure;
  Hearing hearing(stream().executor());
  stream().expires_after(limits.write_wait);
  try {
    co_await stream().write({reinterpret_cast<const unsigned char*>(text.data()), text.size()});
  } catch (const Error& error) {
    failure.emplace(error);
  }
  // If the write failed, the server may still have sent its reason: read it.
  stream().expires_after(limits.response_wait);
  try {
    co_await read_answer(method_of(outgoing.method), hearing);
  } catch (const Error& error) {
    if (!failure || error.reaction() == Reaction::Denied) throw;
  }
  if (!hearing.answered) throw *failure;
  if (failure) keep_alive = false;
  co_return std::move(hearing.head);
}

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}

Connection::~Connection() = default;

asio::awaitable<std::unique_ptr<Connection>> Connection::open(asio::any_io_executor executor,
                                                              Destination destination,
                                                              ClientLimits limits,
                                                              const net::Network& network) {
  auto wire = co_await network.dial(std::move(executor), destination.endpoint(), limits.dial);
  const auto tls = destination.tls;
  auto state = std::make_unique<State>(std::move(wire), std::move(destination), limits);
  if (tls) {
    state->tls = std::make_unique<tls::Stream>(std::move(state->wire));
    state->tls->expires_after(limits.handshake_wait);
    co_await state->tls->connect_tls(tls->generation, tls->expected);
  }
  co_return std::unique_ptr<Connection>(new Connection(std::move(state)));
}

asio::awaitable<ResponseHead> Connection::exchange(const Outgoing& outgoing) {
  State& state = *state_;
  if (state.spent || !state.keep_alive) {
    throw Error(Message::ConnectionFailed,
                fmt::format("the connection to {} is used up", printable(state.destination.text())),
                "a new connection for this request");
  }
  std::string text = state.request_head(outgoing);
  state.spent = true;  // until all has gone well
  if (!state.body.done()) co_await state.finish_answer();
  ++state.exchanges;
  state.uploading = true;
  const bool plain = !outgoing.producer && !outgoing.expect_continue &&
                     text.size() + outgoing.body.size() <= kPlainBytesMax;
  ResponseHead head;
  if (plain) {
    head = co_await state.exchange_plainly(outgoing, std::move(text));
    state.uploading = false;
  } else {
    head = co_await state.exchange_both_ways(outgoing, std::move(text));
  }
  state.spent = false;
  co_return head;
}

asio::awaitable<std::size_t> Connection::read_some(std::span<unsigned char> into) {
  State& state = *state_;
  if (state.kept_read < state.kept.size()) {
    const auto size = std::min(into.size(), state.kept.size() - state.kept_read);
    std::copy_n(state.kept.begin() + static_cast<std::ptrdiff_t>(state.kept_read), size,
                into.begin());
    state.kept_read += size;
    co_return size;
  }
  state.stream().expires_after(state.limits.response_wait);
  co_return co_await state.read_body(into);
}

asio::awaitable<std::string> Connection::read_all(std::size_t bytes_max) {
  std::string all;
  std::array<unsigned char, 4096> piece;
  for (;;) {
    const auto size = co_await read_some(piece);
    if (size == 0) co_return all;
    if (all.size() + size > bytes_max) {
      throw Error(Message::HttpTooLarge,
                  fmt::format("the answer of {} is larger than {} bytes",
                              printable(state_->destination.text()), bytes_max),
                  "a shorter answer");
    }
    all.append(reinterpret_cast<const char*>(piece.data()), size);
  }
}

void Connection::wait_at_most(std::chrono::milliseconds write_wait,
                              std::chrono::milliseconds response_wait) {
  state_->limits.write_wait = write_wait;
  state_->limits.response_wait = response_wait;
}

bool Connection::reusable() const {
  return !state_->spent && !state_->uploading && state_->keep_alive && state_->body.done();
}

std::size_t Connection::exchanges() const {
  return state_->exchanges;
}

const std::optional<tls::Peer>& Connection::peer() const {
  static const std::optional<tls::Peer> kNobody;
  return state_->tls ? state_->tls->peer() : kNobody;
}

const std::optional<tls::Protection>& Connection::protection() const {
  static const std::optional<tls::Protection> kNone;
  return state_->tls ? state_->tls->protection() : kNone;
}

std::optional<pki::Finding> Connection::objection(const tls::Generation& now) const {
  const auto& peer = this->peer();
  const auto& tls = state_->destination.tls;
  if (!peer || !tls) return std::nullopt;
  return now.objection_to_server(*peer, tls->expected, *tls->generation);
}

asio::awaitable<void> Connection::close() {
  co_await state_->stream().close();
}

void Connection::abort() noexcept {
  state_->stream().abort();
}

}  // namespace ipm::http
