#pragma once
// One connection, from its first byte to its end. Private to the server.
//
// Between requests a session holds no buffer and no parser: its stream, and this.

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/admission.h"
#include "http/core.h"
#include "http/session_body.h"
#include "tls/stream.h"

namespace ipm::http {

class Session final : public Resident {
 public:
  Session(std::shared_ptr<Core> core, std::unique_ptr<net::Transport> wire, Admission admission);
  ~Session() override;

  // Serves until either side ends the connection. Never throws.
  boost::asio::awaitable<void> run();

  void check_peer() noexcept override;
  void stop_when_idle() noexcept override;
  void abort() noexcept override { stream_->abort(); }

 private:
  enum class State : std::uint8_t { Opening, Idle, Active };

  boost::asio::awaitable<bool> open();
  boost::asio::awaitable<bool> handshake();
  // Plaintext where encryption is on: RFC 2817's upgrade, or a refusal. Whether it goes on.
  boost::asio::awaitable<bool> meet_plaintext(unsigned char first);
  boost::asio::awaitable<bool> upgrade();
  boost::asio::awaitable<void> refuse_plaintext(bool speaks_http);
  boost::asio::awaitable<bool> serve();
  enum class HeadRead : std::uint8_t { Whole, Ended, Refused };
  boost::asio::awaitable<HeadRead> read_head();
  boost::asio::awaitable<Response> answer(SessionBody& body);
  boost::asio::awaitable<void> read_on(SessionBody& body, Response& response);
  boost::asio::awaitable<void> linger();
  bool keeps(const Response& response, const SessionBody& body) const;
  bool peer_may_stay();
  void note(const Error& error);  // counts it, and logs what is worth a line
  // The address without its port: whom the log counts lines for.
  std::string_view who() const;
  const std::string& remote() const { return stream_->remote().text; }

  std::shared_ptr<Core> core_;
  Admission admission_;
  std::unique_ptr<net::Transport> wire_;  // null once TLS has taken it
  std::unique_ptr<tls::Stream> tls_;
  net::Stream* stream_;  // whichever of the two speaks
  std::unique_ptr<Workspace> workspace_;
  std::uint64_t checked_generation_ = 0;
  std::uint32_t requests_ = 0;
  net::YieldBudget turn_;
  State state_ = State::Opening;
  bool plaintext_ = false;  // as encryption was off when it began
};

}  // namespace ipm::http
