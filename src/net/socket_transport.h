#pragma once
// A connected socket as a transport. Writing never raises SIGPIPE.

#include <boost/asio/generic/stream_protocol.hpp>
#include <memory>

#include "net/transport.h"

namespace ipm::net {

using Socket = boost::asio::generic::stream_protocol::socket;

// `remote` is the peer's name for messages; empty: its address, or the local user that it is. What
// the system tells of it is in remote() either way.
std::unique_ptr<Transport> make_transport(Socket connected, std::string remote = {});

}  // namespace ipm::net
