#include "net/address_text.h"

#include <fmt/format.h>

namespace ipm::net {
namespace asio = boost::asio;

std::string address_text(const asio::ip::tcp::endpoint& endpoint) {
  const auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    const auto v4 = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    return fmt::format("{}:{}", v4.to_string(), endpoint.port());
  }
  return address.is_v6() ? fmt::format("[{}]:{}", address.to_string(), endpoint.port())
                         : fmt::format("{}:{}", address.to_string(), endpoint.port());
}

}  // namespace ipm::net
