#include "net/endpoint.h"

#include <fmt/format.h>

namespace ipm::net {

std::string Endpoint::text() const {
  if (!local_socket.empty()) return local_socket.string();
  const bool v6 = host.find(':') != std::string::npos;
  return v6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

}  // namespace ipm::net
