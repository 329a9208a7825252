#pragma once
// One client connection to an HTTP server: by name and port or through a local socket, plain or
// TLS, used for one request after the other. The server's answer is heard even while the body still
// goes.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "http/limits.h"
#include "http/message.h"
#include "http/response.h"
#include "net/network.h"
#include "tls/stream.h"

namespace ipm::http {

// TLS with the dial identity and the anchors of `generation`; `expected` is checked by our rules.
struct ClientTls {
  std::shared_ptr<const tls::Generation> generation;
  trust::ExpectedPeer expected;
};

struct Destination {
  std::string host = {};  // a name or an address, without brackets
  std::uint16_t port = 631;
  std::optional<ClientTls> tls = {};        // absent: plaintext
  std::filesystem::path local_socket = {};  // not empty: that instead of host and port, plaintext

  net::Endpoint endpoint() const { return {host, port, local_socket}; }
  std::string text() const { return endpoint().text(); }  // for messages
};

// Host, Content-Length, Transfer-Encoding and Expect are the connection's to set.
struct Outgoing {
  std::string method = "POST";
  std::string target = "/";
  Headers headers = {};
  std::string body = {};       // unless `producer` is set; sent first when both are
  BodyProducer producer = {};  // the rest of the body, piece by piece
  std::optional<std::uint64_t> producer_bytes = {};  // absent: chunked
  bool expect_continue = false;                      // ask before sending the body
};

class Connection {
 public:
  // Throws Error{ConnectionFailed} with the reason of the last address tried and the mend,
  // Error{ConnectionTimedOut}, and what Stream::connect_tls throws.
  static boost::asio::awaitable<std::unique_ptr<Connection>> open(
      boost::asio::any_io_executor executor, Destination destination, ClientLimits limits = {},
      const net::Network& network = net::system_network());

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // Sends the request and returns the head of the answer, be it any status; its body is then read
  // with read_some. Throws Error{ConnectionFailed, ConnectionTimedOut, HttpMalformed, PeerRefused}.
  // `outgoing` lives until it returns. What is unread of the answer before is read and dropped.
  boost::asio::awaitable<ResponseHead> exchange(const Outgoing& outgoing);

  // The answer's body: at least one byte, 0 at its end.
  boost::asio::awaitable<std::size_t> read_some(std::span<unsigned char> into);
  // All of it. Throws Error{HttpTooLarge} beyond `bytes_max`.
  boost::asio::awaitable<std::string> read_all(std::size_t bytes_max);

  // From now on: how long a piece of the request may wait for the server, and we for a piece of its
  // answer. A server that lives may be waited for very long: kNoWaitLimit.
  void wait_at_most(std::chrono::milliseconds write_wait, std::chrono::milliseconds response_wait);

  // Whether another exchange may follow. A server may close an idle connection at any time: the
  // first failure of a reused connection says little.
  bool reusable() const;
  std::size_t exchanges() const;
  const std::optional<tls::Peer>& peer() const;              // the server, as proven
  const std::optional<tls::Protection>& protection() const;  // nothing in plaintext
  // Why the server would not be admitted under `now`, with the anchors and lists of today; for
  // asking before a further exchange. Nothing: it would be, or nothing was proven here.
  std::optional<pki::Finding> objection(const tls::Generation& now) const;

  boost::asio::awaitable<void> close();
  void abort() noexcept;

 private:
  struct State;
  explicit Connection(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ipm::http
