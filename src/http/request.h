#pragma once
// What a handler is given: the head, who sent it, and the body to read from.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "http/message.h"
#include "os/user.h"
#include "tls/peer.h"

namespace ipm::http {

// The body of a request, decoded, in order. An interface, so that handlers are tested without
// sockets.
class RequestBody {
 public:
  RequestBody() = default;
  RequestBody(const RequestBody&) = delete;
  RequestBody& operator=(const RequestBody&) = delete;
  virtual ~RequestBody() = default;

  // At least one byte; 0 at the end of a whole body, and again after it. The first call tells a
  // client that waits for it to go on ("100 Continue"): authorise before. Large spans are filled
  // without a copy between. Throws Error{HttpMalformed, ConnectionTimedOut, ConnectionFailed} when
  // the body does not arrive whole; what was read then must not be used.
  virtual boost::asio::awaitable<std::size_t> read_some(std::span<unsigned char> into) = 0;

  // What the head announced; absent for a chunked body.
  virtual std::optional<std::uint64_t> content_length() const = 0;
  virtual std::uint64_t bytes_read() const = 0;
};

// Lives as long as the handler's coroutine; the views with it.
struct Request {
  const RequestHead& head;
  RequestBody& body;
  std::string_view remote;  // "192.0.2.7:40112", "local user alice"
  bool encrypted = false;
  const tls::Peer* peer = nullptr;            // proven by certificate, under mutual authentication
  const os::LocalUser* local_user = nullptr;  // on the local socket
  boost::asio::any_io_executor executor;      // of the session: the handler runs and stays there
  const tls::Protection* protection = nullptr;  // of an encrypted connection

  Method method() const { return head.method; }
  std::string_view path() const { return head.path(); }
  std::string_view query() const { return head.query(); }
};

}  // namespace ipm::http
