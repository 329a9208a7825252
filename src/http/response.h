#pragma once
// What a handler answers: a status, fields, and a body that is at hand or produced piece by piece.

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "base/error.h"
#include "http/headers.h"
#include "http/message.h"

namespace ipm::http {

// The next piece of a body, at least one byte; empty at the end. A piece must stay as it is until
// the next call. Throwing breaks the connection, so that the receiver sees an incomplete message.
using BodyProducer = std::function<boost::asio::awaitable<std::span<const unsigned char>>()>;

// Content-Length, Transfer-Encoding, Connection and Date are the server's to set.
struct Response {
  int status = 200;
  Headers headers = {};
  std::string body = {};                             // unless `producer` is set
  BodyProducer producer = {};                        // empty: `body` it is
  std::optional<std::uint64_t> producer_bytes = {};  // absent: chunked
  bool close = false;                                // end the connection after it
  std::optional<Error> error = {};                   // what `body` says in words, as data
};

// "text/plain; charset=utf-8"
Response text_response(int status, std::string text);
// Status by the catalogue's reaction; the text says what happened, what was expected, how to mend
// it.
Response error_response(const Error& error);
// The same as data, for a client that takes them: RFC 9457 (base/error_wire.h). Nothing changes
// where the response is no error.
void speak_as_data(Response& response);
Response refusal_response(const Refusal& refusal);  // closes the connection

}  // namespace ipm::http
