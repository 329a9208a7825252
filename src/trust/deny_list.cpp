#include "trust/deny_list.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace ipm::trust {

pki::Sha256 parse_fingerprint(std::string_view text, std::string_view origin) {
  const auto bytes = parse_hex(trim(text));
  pki::Sha256 digest{};
  if (!bytes || bytes->size() != digest.size()) {
    throw Error(Message::ConfigurationWrong,
                fmt::format("{}: \"{}\" is no SHA-256 fingerprint", origin, printable(text, 100)),
                "64 hexadecimal digits, with colons or without",
                "ipm cert show FILE prints a certificate's fingerprint");
  }
  std::copy(bytes->begin(), bytes->end(), digest.begin());
  return digest;
}

std::vector<pki::Sha256> parse_deny_list(std::string_view text, std::string_view origin) {
  std::vector<pki::Sha256> denied;
  std::size_t number = 0;
  for (const auto whole : split(text, '\n')) {
    ++number;
    const auto line = trim(whole.substr(0, whole.find('#')));
    if (line.empty()) continue;
    if (denied.size() == kDeniedMax) {
      throw Error(Message::ConfigurationWrong,
                  fmt::format("{}, line {}: more than {} fingerprints", origin, number, kDeniedMax),
                  "fewer");
    }
    denied.push_back(parse_fingerprint(line, fmt::format("{}, line {}", origin, number)));
  }
  return denied;
}

}  // namespace ipm::trust
