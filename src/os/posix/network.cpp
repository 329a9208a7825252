#include "os/network.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>

namespace ipm::os {
namespace {

constexpr std::size_t kV4Bytes = 4;
constexpr std::size_t kV6Bytes = 16;

template <class Address>
std::string bytes_of(const Address& address) {
  std::string bytes(sizeof address, '\0');
  std::memcpy(bytes.data(), &address, sizeof address);
  return bytes;
}

std::optional<std::string> address_of(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    return bytes_of(v4.sin_addr);
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    if (IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr)) return std::nullopt;
    return bytes_of(v6.sin6_addr);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> parse_address(std::string_view text) {
  // inet_pton() reads up to a NUL.
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string whole(text);
  std::string bytes(kV6Bytes, '\0');
  if (::inet_pton(AF_INET, whole.c_str(), bytes.data()) == 1) return bytes.substr(0, kV4Bytes);
  if (::inet_pton(AF_INET6, whole.c_str(), bytes.data()) == 1) return bytes;
  return std::nullopt;
}

std::string address_text(std::string_view bytes) {
  if (bytes.size() != kV4Bytes && bytes.size() != kV6Bytes) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(bytes.size() == kV4Bytes ? AF_INET : AF_INET6, bytes.data(), text.data(),
              static_cast<socklen_t>(text.size()));
  return text.data();
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name.front() == '\0') return "localhost";
  return name.data();
}

std::optional<std::string> find_full_name(const std::string& host) {
  addrinfo hints{};
  hints.ai_flags = AI_CANONNAME;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* answer = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &answer) != 0) return std::nullopt;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(answer, &::freeaddrinfo);
  if (answer->ai_canonname == nullptr) return std::nullopt;
  return answer->ai_canonname;
}

// There is no newer call that tells them.
std::vector<std::string> find_other_names(const std::string& host) {
  std::vector<std::string> names;
  const hostent* entry = ::gethostbyname(host.c_str());  // NOLINT(concurrency-mt-unsafe)
  if (entry == nullptr) return names;
  for (char** alias = entry->h_aliases; alias != nullptr && *alias != nullptr; ++alias) {
    names.emplace_back(*alias);
  }
  return names;
}

std::vector<std::string> own_addresses() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, &::freeifaddrs);
  std::vector<std::string> addresses;
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    const bool usable = one->ifa_addr != nullptr && (one->ifa_flags & IFF_UP) != 0 &&
                        (one->ifa_flags & IFF_LOOPBACK) == 0;
    if (!usable) continue;
    if (auto address = address_of(*one->ifa_addr)) addresses.push_back(*std::move(address));
  }
  return addresses;
}

}  // namespace ipm::os
