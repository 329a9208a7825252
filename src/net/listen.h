#pragma once
// Sockets that listen, with words for what can go wrong. Private to system_network.cpp.

#include "net/network.h"

namespace ipm::net {

std::unique_ptr<Listener> make_tcp_listener(boost::asio::any_io_executor executor,
                                            std::string_view address);
std::unique_ptr<Listener> make_local_listener(boost::asio::any_io_executor executor,
                                              const std::filesystem::path& path);

}  // namespace ipm::net
