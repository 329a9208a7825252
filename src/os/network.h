#pragma once
// This machine in the network: its names and addresses. Addresses are their bytes in network order,
// 4 of IPv4 or 16 of IPv6.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ipm::os {

// Four decimal numbers without leading zeroes, or IPv6 by RFC 4291, section 2.2; nothing else.
std::optional<std::string> parse_address(std::string_view text);
// `bytes`: 4 or 16, else the text is empty. IPv6 as RFC 5952 writes it.
std::string address_text(std::string_view bytes);

std::string host_name();  // "localhost" where it has none
// The resolver's full name for `host`, and its other names. They may wait for the network.
std::optional<std::string> find_full_name(const std::string& host);
std::vector<std::string> find_other_names(const std::string& host);

// Of all interfaces that are up, without loopback and link-local ones.
std::vector<std::string> own_addresses();

}  // namespace ipm::os
