#pragma once
// Addresses as people read them.

#include <boost/asio/ip/tcp.hpp>
#include <string>

namespace ipm::net {

// "192.0.2.7:631", "[2001:db8::1]:631"; a mapped address as the IPv4 one that it is.
std::string address_text(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace ipm::net
