#pragma once
// The body of a request as it arrives on a session's stream. Private to the server.

#include <chrono>

#include "http/body.h"
#include "http/core.h"
#include "http/request.h"
#include "net/yield.h"
#include "os/clock.h"

namespace ipm::http {

// Lives within one request of its session; stream and workspace are borrowed.
class SessionBody final : public RequestBody {
 public:
  SessionBody(net::Stream& stream, Workspace& workspace, Core& core);

  boost::asio::awaitable<std::size_t> read_some(std::span<unsigned char> into) override;
  std::optional<std::uint64_t> content_length() const override;
  std::uint64_t bytes_read() const override { return bytes_read_; }

  // Reads to the end and drops it, at most `bytes_max` and at most `wait`; false when there is more,
  // or it is broken.
  boost::asio::awaitable<bool> drain(std::uint64_t bytes_max, std::chrono::milliseconds wait);

  bool done() const { return decoder_.done(); }
  // The client may hold the body back until it hears from us: nobody knows what comes next.
  bool awaits_continue() const { return awaits_continue_; }
  std::optional<std::uint64_t> remaining() const { return decoder_.remaining(); }
  // Why it did not arrive whole, when that is the client's doing and it can still be told.
  const std::optional<Refusal>& refusal() const { return decoder_.refusal(); }
  // The connection broke or was silent too long: nothing can be sent any more.
  bool lost() const { return lost_; }

 private:
  boost::asio::awaitable<std::size_t> receive(std::span<unsigned char> into);
  boost::asio::awaitable<void> say_continue();
  bool has_arrived() const;
  void check_rate();

  net::Stream& stream_;
  Workspace& workspace_;
  Core& core_;
  Framing framing_;
  BodyDecoder decoder_;
  net::YieldBudget turn_;
  bool awaits_continue_;
  bool lost_ = false;
  std::uint64_t bytes_read_ = 0;
  os::SteadyClock::duration waited_{};  // for the client, in all
};

}  // namespace ipm::http
