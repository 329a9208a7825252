#include "trust/leaf_names.h"

#include <libpsl.h>

#include <algorithm>

#include "base/text.h"

namespace ipm::trust {
namespace {

// The public suffix list that libpsl carries in itself. What it does not know counts as a suffix
// when it is one label. The list's private part ("github.io") belongs to whoever runs it, and its
// owner has certificates for all of it (CA/B BR 3.2.2.6); strictly, they are for everybody below.
bool is_public_suffix(const std::string& domain, NameReading reading) {
  const int parts = reading == NameReading::Strict ? PSL_TYPE_ANY : PSL_TYPE_ICANN;
  return psl_is_public_suffix2(psl_builtin(), domain.c_str(), parts) != 0;
}

// "example.co.uk" of "a.b.example.co.uk"; empty where there is none.
std::string registered_domain(const std::string& domain) {
  const char* part = psl_registrable_domain(psl_builtin(), domain.c_str());
  return part == nullptr ? std::string() : std::string(part);
}

void describe(const GeneralName& name, std::string& text) {
  constexpr std::size_t kTextMax = 400;
  if (text.size() > kTextMax) return;
  if (!text.empty()) text += ", ";
  if (name.kind == NameKind::Dns) {
    text += "DNS:" + printable(name.value);
  } else {
    const auto address = pki::IpAddress::from_bytes(name.value);
    text += "IP:" + (address ? address->text() : std::string("?"));
  }
}

// What the leaf names instead, for the message.
std::string names_text(const CertificateFacts& leaf) {
  std::string text;
  for (const GeneralName& name : leaf.alternative_names) {
    if (name.kind == NameKind::Dns || name.kind == NameKind::Address) describe(name, text);
  }
  if (text.empty()) text = "no alternative name of that kind";
  for (const std::string& name : leaf.subject.common_names()) {
    text += ", and the common name " + printable(name);
  }
  return text;
}

NameVerdict judge_host(const CertificateFacts& leaf, const pki::DnsName& host,
                       NameReading reading) {
  NameVerdict verdict;
  std::optional<std::string> too_wide;
  const auto stands_for = [&](std::string_view presented) {
    const auto name = pki::DnsName::find(presented);
    if (!name || !name->matches(host)) return false;
    if (!name->is_wildcard() || !is_public_suffix(name->text().substr(2), reading)) return true;
    too_wide = name->text();
    return false;
  };
  const bool named = std::ranges::any_of(leaf.alternative_names, [&](const GeneralName& name) {
    return name.kind == NameKind::Dns && stands_for(name.value);
  });
  if (named) return verdict;
  const auto& common_names = leaf.subject.common_names();
  if (reading == NameReading::Usual && common_names.size() == 1 &&
      stands_for(common_names.front())) {
    verdict.relies_on_common_name = true;
  } else if (too_wide) {
    verdict.problems.push_back({Rule::Wildcard, *too_wide + ", a whole public suffix"});
  } else {
    verdict.problems.push_back({Rule::HostName, names_text(leaf) + "; not " + host.text()});
  }
  return verdict;
}

}  // namespace

std::optional<NamingCommonName> naming_common_name(const CertificateFacts& leaf) {
  const auto& names = leaf.subject.common_names();
  if (names.size() != 1) return std::nullopt;
  if (const auto address = pki::IpAddress::find(names.front())) {
    return NamingCommonName{NameKind::Address, address->bytes()};
  }
  if (const auto name = pki::DnsName::find(names.front())) {
    return NamingCommonName{NameKind::Dns, name->text()};
  }
  return std::nullopt;
}

NameVerdict judge_expected(const CertificateFacts& leaf, const ExpectedPeer& expected,
                           NameReading reading) {
  if (const auto* host = std::get_if<pki::DnsName>(&expected)) {
    return judge_host(leaf, *host, reading);
  }
  NameVerdict verdict;
  if (const auto* address = std::get_if<pki::IpAddress>(&expected)) {
    const bool named = std::ranges::any_of(leaf.alternative_names, [&](const GeneralName& name) {
      return name.kind == NameKind::Address && name.value == address->bytes();
    });
    if (!named) {
      verdict.problems.push_back({Rule::HostName, names_text(leaf) + "; not " + address->text()});
    }
  }
  return verdict;
}

std::optional<std::string> common_name_complaint(const CertificateFacts& leaf) {
  const auto& common_names = leaf.subject.common_names();
  if (common_names.size() != 1) return std::nullopt;
  const std::string& text = common_names.front();
  const auto complaint = [&text](std::string_view why) {
    return "the common name " + printable(text) + ", " + std::string(why);
  };
  // Spellings of addresses other than the one that RFC 3986 and RFC 5952 have.
  if (text.find(':') != std::string::npos) {
    const auto address = pki::IpAddress::find(text);
    if (address && address->text() != text) return complaint("an unusual spelling of an address");
  }
  const bool number_like = text.starts_with("0x") || text.starts_with("0X") ||
                           text.find_first_not_of("0123456789.") == std::string::npos;
  if (number_like && !pki::IpAddress::find(text)) {
    return complaint("which programs may read as an address");
  }
  const bool dotted = text.find('.') != std::string::npos && text.find(' ') == std::string::npos;
  const bool ascii = std::ranges::all_of(text, [](char c) { return c >= 0; });
  const auto name = pki::DnsName::find(text);
  bool names_hosts = false;
  bool neighbour = false;
  bool related = false;  // a name is the common name itself, above it or below it
  for (const GeneralName& other : leaf.alternative_names) {
    if (other.kind != NameKind::Dns) continue;
    names_hosts = true;
    if (other.value == text) return std::nullopt;
    if (equal_ascii_nocase(other.value, text)) return complaint("which its names spell otherwise");
    if (!name) continue;
    const auto host = pki::DnsName::find(other.value);
    if (!host) continue;
    const std::string base = host->is_wildcard() ? host->text().substr(2) : host->text();
    related = related || is_within(base, name->text()) || is_within(name->text(), base);
    const std::string domain = registered_domain(base);
    neighbour = neighbour || (!domain.empty() && domain == registered_domain(name->text()));
  }
  if (!names_hosts) return std::nullopt;
  if (dotted && !ascii) return complaint("an internationalised name that is not in A-labels");
  if (name && (text.starts_with("xn--") || text.find(".xn--") != std::string::npos)) {
    return complaint("which is not among its names");
  }
  if (neighbour && !related) return complaint("a neighbour of its names that is not among them");
  return std::nullopt;
}

}  // namespace ipm::trust
