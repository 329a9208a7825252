#pragma once
// How the machine's own network dials. Private to system_network.cpp.

#include <boost/asio/ip/tcp.hpp>
#include <vector>

#include "net/endpoint.h"
#include "net/limits.h"
#include "net/socket_transport.h"
#include "os/clock.h"

namespace ipm::net {

// As RFC 8305, 4: the families by turns, beginning with the first one's, each in its own order.
std::vector<boost::asio::ip::tcp::endpoint> by_turns(
    const std::vector<boost::asio::ip::tcp::endpoint>& endpoints);

// The first of these that answers. Each gets kNextAddressPause ahead of the next one, or less where
// it fails sooner; all of them end at `until`. `to` is their name for messages.
boost::asio::awaitable<Socket> connect_first(boost::asio::any_io_executor executor, Endpoint to,
                                             DialLimits limits,
                                             std::vector<Socket::endpoint_type> endpoints,
                                             os::SteadyClock::time_point until);

boost::asio::awaitable<Socket> dial_socket(boost::asio::any_io_executor executor, Endpoint to,
                                           DialLimits limits);

}  // namespace ipm::net
