#pragma once
// Where somebody can be reached: a name or an address with a port, or a local socket.

#include <cstdint>
#include <filesystem>
#include <string>

namespace ipm::net {

struct Endpoint {
  std::string host = {};  // a name or an address, without brackets
  std::uint16_t port = 0;
  std::filesystem::path local_socket = {};  // not empty: that instead of host and port

  std::string text() const;  // "ipmsrv.example.com:631", "[::1]:631", "/run/ipm/ipmd.sock"
};

}  // namespace ipm::net
