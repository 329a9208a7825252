// Whether a certificate may stand for a host or an address (S10, S11). The matching is ours, not
// OpenSSL's: whole-label wildcards alone, addresses by their bytes, and the common name only where
// the caller allows it.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "pki/rules.h"

namespace ipm::pki {
namespace {

bool stands_for(std::string_view presented, const DnsName& host) {
  if (IpAddress::find(presented) || DnsName::complaint(presented)) return false;
  return DnsName::parse(presented).matches(host);
}

// What a lax client would have accepted, for the words alone: '*' for any run inside a label.
bool is_partial_wildcard(std::string_view presented) {
  return presented.find('*') != std::string_view::npos && DnsName::complaint(presented);
}

std::string presented_names(const Certificate& certificate) {
  const auto name = certificate.common_name();
  std::string text = name ? "subject " + printable(*name, 80) : "no common name";
  const auto& san = certificate.subject_alternative_names();
  if (san.broken) return text + "; a damaged subject alternative name";
  if (!san.value) return text + "; no subject alternative name";
  return text + "; " + printable(alternative_names_text(*san.value), 600);
}

Finding mismatch(const Certificate& certificate, std::string rule, std::string_view remark,
                 std::string_view wanted, std::string_view notation) {
  Finding finding;
  finding.rule = std::move(rule);
  finding.found = presented_names(certificate) + std::string(remark);
  finding.wanted = fmt::format("a certificate that names {}", wanted);
  finding.mend = fmt::format(
      "call the server by one of its names, or issue its certificate anew with --names \"{}\"",
      notation);
  finding.reference = "RFC 9525, 6";
  return finding;
}

}  // namespace

std::optional<Finding> check_host(const Certificate& certificate, const DnsName& host,
                                  bool common_name_allowed) {
  const auto& san = certificate.subject_alternative_names().value;
  if (san) {
    auto matches = [&](const std::string& name) { return stands_for(name, host); };
    if (std::any_of(san->dns.begin(), san->dns.end(), matches)) return std::nullopt;
  }
  // The seeds put the main name into the subject and only the others into the SAN, so that here, in
  // contrast to RFC 9525, names in the SAN do not silence the common name.
  const auto name = certificate.common_name();
  const bool named_in_subject = name && stands_for(*name, host);
  if (named_in_subject && common_name_allowed) return std::nullopt;

  const std::string notation = "DNS:" + host.text();
  if (named_in_subject) {
    return mismatch(
        certificate, "S11",
        " (the name in the subject counts only under a private CA and not with --strict)",
        host.text(), notation);
  }
  const bool partial = (name && is_partial_wildcard(*name)) ||
                       (san && std::any_of(san->dns.begin(), san->dns.end(), is_partial_wildcard));
  if (partial) {
    return mismatch(certificate, "S10", " (partial wildcards never match)", host.text(), notation);
  }
  return mismatch(certificate, "S11", "", host.text(), notation);
}

std::optional<Finding> check_address(const Certificate& certificate, const IpAddress& address) {
  const auto& san = certificate.subject_alternative_names().value;
  const std::string notation = "IP:" + address.text();
  if (!san) return mismatch(certificate, "S11", "", address.text(), notation);
  if (std::find(san->addresses.begin(), san->addresses.end(), address.bytes()) !=
      san->addresses.end()) {
    return std::nullopt;
  }
  const bool as_name = std::any_of(san->dns.begin(), san->dns.end(), [&](const std::string& name) {
    return IpAddress::find(name) == address;
  });
  return mismatch(certificate, "S11",
                  as_name ? " (an address counts only as IP:, never written as a DNS name)" : "",
                  address.text(), notation);
}

}  // namespace ipm::pki
