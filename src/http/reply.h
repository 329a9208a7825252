#pragma once
// Puts a Response on a stream: head and a small body in one write, large ones in pieces, each under
// its own deadline. Private to the server.

#include <boost/asio/awaitable.hpp>

#include "http/core.h"
#include "http/response.h"
#include "net/stream.h"

namespace ipm::http {

struct ReplyContext {
  Method method = Method::Get;
  int version = 11;
  bool keep_alive = true;
};

// True when the connection may be used on. `text` is scratch memory.
boost::asio::awaitable<bool> send_reply(net::Stream& stream, Core& core, const Response& response,
                                        ReplyContext context, std::string& text);

}  // namespace ipm::http
