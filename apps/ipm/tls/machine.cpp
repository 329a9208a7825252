#include "ipm/tls/machine.h"

#include <fmt/format.h>

#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "os/network.h"
#include "pki/limits.h"

namespace ipm::app {
namespace {

constexpr std::size_t kLoopbackNames = 3;

// The resolver's full name for `host`, where it knows one.
std::optional<pki::DnsName> canonical_name(const std::string& host) {
  const auto full = os::find_full_name(host);
  auto name = full ? pki::DnsName::find(*full) : std::nullopt;
  if (!name || !name->is_fully_qualified() || name->text().starts_with("localhost.")) {
    return std::nullopt;
  }
  return name;
}

// Other names that the hosts file or the resolver gives.
void add_aliases(pki::Names& names, const std::string& host) {
  for (const auto& other : os::find_other_names(host)) {
    const auto name = pki::DnsName::find(other);
    if (name && !name->text().starts_with("localhost")) names.add(*name);
  }
}

std::vector<pki::IpAddress> own_addresses() {
  std::vector<pki::IpAddress> addresses;
  for (const auto& bytes : os::own_addresses()) {
    if (const auto address = pki::IpAddress::from_bytes(bytes)) addresses.push_back(*address);
  }
  return addresses;
}

}  // namespace

Machine find_machine() {
  const std::string host = os::host_name();
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
