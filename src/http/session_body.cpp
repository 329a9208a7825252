#include "http/session_body.h"

#include <fmt/format.h>

#include <array>

namespace asio = boost::asio;

namespace ipm::http {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

SessionBody::SessionBody(net::Stream& stream, Workspace& workspace, Core& core)
    : stream_(stream),
      workspace_(workspace),
      core_(core),
      framing_(workspace.head.framing),
      decoder_(framing_),
      awaits_continue_(workspace.head.expects_continue) {}

std::optional<std::uint64_t> SessionBody::content_length() const {
  if (framing_.kind == Framing::Kind::Chunked) return std::nullopt;
  return framing_.length;
}

asio::awaitable<std::size_t> SessionBody::read_some(std::span<unsigned char> into) {
  while (!into.empty() && !decoder_.done()) {
    if (decoder_.refusal()) throw decoder_.refusal()->error;
    std::size_t got = 0;
    if (awaits_continue_) co_await say_continue();
    if (!workspace_.buffer.unread().empty()) {
      got = take_body(workspace_.buffer, decoder_, into);
    } else {
      got = co_await receive(into);
    }
    if (decoder_.refusal()) throw decoder_.refusal()->error;
    if (got == 0) continue;
    bytes_read_ += got;
    core_.counters().body_bytes_in.add(got);
    co_return got;
  }
  co_return 0;
}

bool SessionBody::has_arrived() const {
  const auto remaining = decoder_.remaining();
  return remaining && workspace_.buffer.unread().size() >= *remaining;
}

// A client may send the beginning of its body at once and wait for us with the rest of it, as
// libcups does with a document: only a whole body makes the word needless (RFC 9110, 10.1.1).
asio::awaitable<void> SessionBody::say_continue() {
  awaits_continue_ = false;
  if (has_arrived()) co_return;
  lost_ = true;  // until it is written
  stream_.expires_after(core_.shared().limits.write_wait);
  co_await stream_.write(
      {reinterpret_cast<const unsigned char*>(kContinue.data()), kContinue.size()});
  lost_ = false;
}

asio::awaitable<std::size_t> SessionBody::receive(std::span<unsigned char> into) {
  const auto start = os::SteadyClock::now();
  lost_ = true;  // until the stream has kept its word
  stream_.expires_after(core_.shared().limits.body_wait);
  const auto got = co_await receive_body(stream_, workspace_.buffer, decoder_, into);
  if (turn_.is_spent(got)) co_await net::yield_now(stream_.executor());
  waited_ += os::SteadyClock::now() - start;
  check_rate();
  lost_ = false;
  co_return got;
}

// A peer that trickles single bytes meets every deadline; a minimum average rate catches it.
void SessionBody::check_rate() {
  const Limits& limits = core_.shared().limits;
  if (limits.body_bytes_per_second == 0 || waited_ <= limits.body_wait) return;
  const double seconds = std::chrono::duration<double>(waited_).count();
  if (static_cast<double>(bytes_read_) >=
      seconds * static_cast<double>(limits.body_bytes_per_second)) {
    return;
  }
  throw Error(Message::ConnectionTimedOut,
              fmt::format("{} sends its document too slowly", stream_.remote().text),
              fmt::format("at least {} bytes a second", limits.body_bytes_per_second));
}

asio::awaitable<bool> SessionBody::drain(std::uint64_t bytes_max, std::chrono::milliseconds wait) {
  std::array<unsigned char, 1024> dropped;
  std::uint64_t total = 0;
  const auto end = os::SteadyClock::now() + wait;
  while (!decoder_.done() && !decoder_.refusal() && total <= bytes_max &&
         os::SteadyClock::now() < end) {
    if (workspace_.buffer.unread().empty()) co_await receive({});
    const auto before = workspace_.buffer.unread().size();
    take_body(workspace_.buffer, decoder_, dropped);
    total += before - workspace_.buffer.unread().size();
  }
  co_return decoder_.done();
}

}  // namespace ipm::http
