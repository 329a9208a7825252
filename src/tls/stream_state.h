#pragma once
// What a stream consists of. Private to stream.cpp and stream_handshake.cpp.

#include <openssl/err.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "tls/handshake.h"
#include "tls/refusal.h"
#include "tls/ssl.h"
#include "tls/stream.h"
#include "tls/wire_bio.h"

namespace ipm::tls {

struct Stream::State {
  explicit State(std::unique_ptr<net::Transport>&& connected);
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State();

  using Direction = net::Transport::Direction;

  // Lets others have their turn. Throws Error{ConnectionTimedOut} after the deadline.
  boost::asio::awaitable<void> give_way();

  // One call of OpenSSL's, made again after each wait that it asks for. `call` takes the SSL and
  // returns 1 on success. The error queue is empty before each call, and after success.
  enum class Outcome { Done, Ended, Failed };
  template <class Call>
  boost::asio::awaitable<Outcome> drive(Call call);

  const std::string& remote() const { return wire->remote().text; }
  // Error{ConnectionFailed}, for what the wire says of it, else for `otherwise`.
  Error broken(std::errc otherwise) const;

  // Makes the SSL, over this wire, with the record that its callbacks write to.
  void begin_handshake(std::shared_ptr<const Generation> with, SSL_CTX* context,
                       trust::ExpectedPeer expected);
  void take_result();  // protection and peer, after a handshake that succeeded
  // A client whose certificate may still be refused: TLS 1.3 tells it with the first bytes.
  bool awaits_verdict() const { return handshake && SSL_is_server(ssl.get()) == 0; }
  // Has OpenSSL send the ticket that is owed, with the next write. True when it will.
  bool issue_ticket();
  void forget_handshake();  // its record is needed no more
  FailedHandshake failed_handshake() const;
  // After our alert: waits for the peer to close, for what it still sends would make the kernel
  // reset the connection, and the alert would be lost with it. Then closes.
  boost::asio::awaitable<void> let_alert_arrive();

  // Makes the read buffer large for long bodies, or of the usual size; it is replaced when empty.
  void read_long(bool wanted);
  [[noreturn]] void refuse_key_updates();
  void end_failed_read();  // truncated: an end; anything else throws
  Error failed_write();

  // The order matters: the SSL is destroyed first, then what its callbacks use.
  std::unique_ptr<net::Transport> wire;
  WireEnd end;
  std::shared_ptr<const Generation> generation;
  std::unique_ptr<Handshake> handshake;  // a client keeps it until the server has answered
  SslPtr ssl;
  bool reads_long = false;   // the read buffer is for many records
  bool spent = false;        // OpenSSL failed for good: not even close_notify may be sent
  bool truncated = false;    // the peer ended without close_notify
  bool owes_ticket = false;  // a server's, for the peer to resume the session by
  unsigned key_updates = 0;  // from the peer, since its last data
  std::optional<Protection> protection;
  std::optional<Peer> peer;
};

template <class Call>
boost::asio::awaitable<Stream::State::Outcome> Stream::State::drive(Call call) {
  for (;;) {
    ERR_clear_error();
    if (!wire->is_open()) throw broken(std::errc::connection_aborted);
    end.budget = kReadBudgetBytes;
    const int result = call(ssl.get());
    if (key_updates > kKeyUpdatesMax) refuse_key_updates();
    if (result > 0) {
      ERR_clear_error();  // Some calls leave entries behind on success too.
      co_return Outcome::Done;
    }
    switch (SSL_get_error(ssl.get(), result)) {
      case SSL_ERROR_WANT_READ:
        if (std::exchange(end.paused, false)) {
          co_await give_way();
        } else {
          co_await wire->wait_for(Direction::Read);
        }
        break;
      case SSL_ERROR_WANT_WRITE:
        co_await wire->wait_for(Direction::Write);
        break;
      case SSL_ERROR_ZERO_RETURN:
        co_return Outcome::Ended;
      default:
        spent = true;
        co_return Outcome::Failed;
    }
  }
}

}  // namespace ipm::tls
