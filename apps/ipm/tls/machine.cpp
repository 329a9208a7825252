#include "ipm/tls/machine.h"

#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "pki/limits.h"

namespace ipm::app {
namespace {

constexpr std::size_t kLoopbackNames = 3;

std::string host_name() {
  std::array<char, 256> buffer{};
  if (::gethostname(buffer.data(), buffer.size() - 1) != 0) return "localhost";
  return buffer.data();
}

// The resolver's full name for `host`, where it knows one.
std::optional<pki::DnsName> canonical_name(const std::string& host) {
  addrinfo hints{};
  hints.ai_flags = AI_CANONNAME;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* answer = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &answer) != 0) return std::nullopt;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(answer, &::freeaddrinfo);
  if (answer->ai_canonname == nullptr) return std::nullopt;
  auto name = pki::DnsName::find(answer->ai_canonname);
  if (!name || !name->is_fully_qualified() || name->text().starts_with("localhost.")) {
    return std::nullopt;
  }
  return name;
}

// Other names that the hosts file or the resolver gives; there is no newer call that tells them.
void add_aliases(pki::Names& names, const std::string& host) {
  const hostent* entry = ::gethostbyname(host.c_str());  // NOLINT(concurrency-mt-unsafe)
  if (entry == nullptr) return;
  for (char** alias = entry->h_aliases; alias != nullptr && *alias != nullptr; ++alias) {
    const auto name = pki::DnsName::find(*alias);
    if (name && !name->text().starts_with("localhost")) names.add(*name);
  }
}

std::optional<pki::IpAddress> address_of(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    return pki::IpAddress::from_bytes(
        std::string(reinterpret_cast<const char*>(&v4.sin_addr), sizeof v4.sin_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    if (IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr)) return std::nullopt;
    return pki::IpAddress::from_bytes(
        std::string(reinterpret_cast<const char*>(&v6.sin6_addr), sizeof v6.sin6_addr));
  }
  return std::nullopt;
}

std::vector<pki::IpAddress> own_addresses() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, &::freeifaddrs);
  std::vector<pki::IpAddress> addresses;
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    const bool usable = one->ifa_addr != nullptr && (one->ifa_flags & IFF_UP) != 0 &&
                        (one->ifa_flags & IFF_LOOPBACK) == 0;
    if (!usable) continue;
    if (const auto address = address_of(*one->ifa_addr)) addresses.push_back(*address);
  }
  return addresses;
}

}  // namespace

Machine find_machine() {
  const std::string host = host_name();
  const auto short_name = pki::DnsName::find(host);
  if (!short_name) {
    throw Error(Message::NameInvalid,
                fmt::format("this computer's name {} is not one that a certificate may carry",
                            printable(host, 80)),
                "a DNS name", "give the name: ipm cert issue server NAME");
  }
  std::vector<std::string> remarks;
  const auto full_name = [&] {
    if (short_name->text() == "localhost") return *short_name;
    if (const auto canonical = canonical_name(host)) return *canonical;
    if (short_name->is_fully_qualified()) return *short_name;
    const auto local = pki::DnsName::parse(short_name->text() + ".local");
    remarks.push_back(
        fmt::format("this computer has no DNS domain; {} (its name for its neighbours) stands in",
                    local.text()));
    return local;
  }();

  Machine machine{full_name, {}, std::move(remarks)};
  machine.names.add(full_name);
  machine.names.add(*short_name);
  add_aliases(machine.names, host);
  const auto addresses = own_addresses();
  const std::size_t room = pki::kNamesMax - kLoopbackNames - machine.names.dns.size();
  for (std::size_t i = 0; i < addresses.size() && i < room; ++i) machine.names.add(addresses[i]);
  if (addresses.size() > room) {
    machine.remarks.push_back(fmt::format(
        "{} of this computer's addresses did not fit and are left out", addresses.size() - room));
  }
  machine.names.add(pki::Names::parse("localhost 127.0.0.1 ::1"));
  return machine;
}

}  // namespace ipm::app
