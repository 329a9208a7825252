#include "ipm/cert/presented.h"

#include <charconv>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "pki/names.h"
#include "tls/probe.h"

namespace ipm::app {

std::optional<Host> find_host(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, failure] = std::from_chars(text.data() + colon + 1, end, port);
  if (failure != std::errc{} || stopped != end || port == 0) return std::nullopt;
  std::string name = text.substr(0, colon);
  if (name.starts_with('[') && name.ends_with(']')) {
    name = name.substr(1, name.size() - 2);
    const auto address = pki::IpAddress::find(name);
    if (!address || !address->is_v6()) return std::nullopt;
    return Host{name, port};
  }
  if (name.find(':') != std::string::npos) return std::nullopt;
  if (!pki::IpAddress::find(name) && pki::DnsName::complaint(name)) return std::nullopt;
  return Host{name, port};
}

Presented presented_by(const std::string& file_or_host) {
  std::error_code ignored;
  const auto host = find_host(file_or_host);
  if (host && !std::filesystem::exists(file_or_host, ignored)) {
    auto probe = tls::fetch_chain(host->name, host->port);
    return {file_or_host, std::move(probe.chain), host, std::move(probe.protocol),
            probe.asks_for_client_certificate};
  }
  const auto bytes = read_file(file_or_host, kBundleFileBytesMax);
  return {file_or_host, pki::Certificate::parse_all(bytes, file_or_host), std::nullopt, {}, false};
}

}  // namespace ipm::app
