#include "pki/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"
#include "os/network.h"
#include "pki/limits.h"

namespace ipm::pki {
namespace {

constexpr std::size_t kNameBytesMax = 253;  // RFC 1035, 2.3.4: 255 octets on the wire
constexpr std::size_t kLabelBytesMax = 63;
constexpr std::string_view kBlanksAndCommas = ", \t\r\n";

struct Complaint {
  std::string why;
  std::string mend;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_ldh(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}
bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

// What people write where a host name belongs: told by name. Absent where it is none of these.
std::optional<Complaint> mistaken(std::string_view text) {
  if (const auto address = IpAddress::find(text)) {
    return Complaint{"it is an address", fmt::format("write IP:{}", address->text())};
  }
  if (text.find("://") != std::string_view::npos) {
    return Complaint{"it is a URI", "write the host alone, without scheme, port and path"};
  }
  if (text.find('@') != std::string_view::npos) {
    return Complaint{"it is a mail address or carries a user", "write the host alone"};
  }
  if (text.find('/') != std::string_view::npos) {
    return Complaint{"it holds a slash: a network or a path is not a name",
                     "write each host or address by itself"};
  }
  if (text.starts_with('[')) {
    return Complaint{"it is an address in brackets", "write IP:ADDRESS without the brackets"};
  }
  if (text.find('%') != std::string_view::npos) {
    return Complaint{"an address with a zone (%) means something on this machine only",
                     "write the address without its zone, if it is not a link-local one"};
  }
  if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    if (all_digits(text.substr(colon + 1))) {
      return Complaint{"it carries a port",
                       fmt::format("write {}", printable(text.substr(0, colon)))};
    }
    return Complaint{"a colon is not allowed in a host name",
                     "write DNS:NAME or IP:ADDRESS; no other types can be issued"};
  }
  if (text.find_first_not_of("0123456789.") == std::string_view::npos) {
    return Complaint{
        "it is neither a name nor an address: an IPv4 address has four numbers of 0 to 255 without "
        "leading zeros",
        "write the address in full, as 10.0.0.1"};
  }
  return std::nullopt;
}

std::optional<Complaint> judge_characters(std::string_view label) {
  for (const char c : label) {
    if (is_ldh(c)) continue;
    if (c == '_') {
      return Complaint{"an underscore is not allowed in a host name",
                       "use a hyphen, in the computer's name too"};
    }
    if (static_cast<unsigned char>(c) >= 0x80) {
      return Complaint{"it holds letters beyond ASCII", "write its A-label form (xn--…)"};
    }
    return Complaint{fmt::format("the character \"{}\" is not allowed in a host name",
                                 printable(std::string_view(&c, 1))),
                     "use letters, digits and hyphens"};
  }
  return std::nullopt;
}

std::optional<Complaint> judge_label(std::string_view label) {
  if (label.empty()) return Complaint{"it has an empty label", "write one dot between two labels"};
  if (auto complaint = judge_characters(label)) return complaint;
  if (label.size() > kLabelBytesMax) {
    return Complaint{fmt::format("a label has {} characters", label.size()),
                     fmt::format("keep each label within {}", kLabelBytesMax)};
  }
  if (label.front() == '-' || label.back() == '-') {
    return Complaint{"a label begins or ends with a hyphen", "drop that hyphen"};
  }
  return std::nullopt;
}

// S10. Takes the whole left-most wildcard off `labels`.
std::optional<Complaint> judge_wildcard(std::vector<std::string_view>& labels) {
  if (labels.front() == "*") {
    labels.erase(labels.begin());
    if (labels.size() < 2) {
      return Complaint{"a wildcard needs a domain of two labels (S10)",
                       "write *.example.com with your own domain"};
    }
  }
  for (const std::string_view label : labels) {
    if (label.find('*') == std::string_view::npos) continue;
    return Complaint{"a wildcard stands only for the whole left-most label (S10)",
                     "write *.example.com, or each computer's full name"};
  }
  return std::nullopt;
}

std::optional<Complaint> judge(std::string_view text) {
  if (text.empty()) return Complaint{"it is empty", ""};
  if (auto complaint = mistaken(text)) return complaint;
  if (text.size() > kNameBytesMax) {
    return Complaint{fmt::format("it has {} characters", text.size()),
                     fmt::format("keep it within {}", kNameBytesMax)};
  }
  auto labels = split(text, '.');
  if (auto complaint = judge_wildcard(labels)) return complaint;
  for (const std::string_view label : labels) {
    if (auto complaint = judge_label(label)) return complaint;
  }
  if (all_digits(labels.back())) {
    return Complaint{"its last label is all digits, as in an address",
                     "write the full DNS name, or IP:ADDRESS"};
  }
  return std::nullopt;
}

// The final dot of a rooted name ("example.com."); a lone dot stays, and is refused.
std::string_view without_final_dot(std::string_view text) {
  if (text.size() > 1 && text.ends_with('.')) text.remove_suffix(1);
  return text;
}

bool starts_with_nocase(std::string_view text, std::string_view prefix) {
  return equal_ascii_nocase(text.substr(0, prefix.size()), prefix);
}

}  // namespace

DnsName DnsName::parse(std::string_view text) {
  const std::string_view name = without_final_dot(text);
  if (const auto complaint = judge(name)) {
    throw Error(Message::NameInvalid,
                fmt::format("\"{}\" is not a DNS name: {}", printable(text), complaint->why),
                "labels of letters, digits and hyphens (ipmsrv.example.com), or a whole left-most "
                "wildcard (*.example.com)",
                complaint->mend);
  }
  return DnsName(to_lower_ascii(name));
}

std::optional<DnsName> DnsName::find(std::string_view text) {
  if (judge(text)) return std::nullopt;
  return DnsName(to_lower_ascii(text));
}

std::optional<std::string> DnsName::complaint(std::string_view text) {
  auto complaint = judge(text);
  if (!complaint) return std::nullopt;
  return std::move(complaint->why);
}

bool DnsName::is_fully_qualified() const {
  return text_.find('.') != std::string::npos;
}

bool DnsName::matches(const DnsName& host) const {
  if (host.is_wildcard()) return false;
  if (!is_wildcard()) return text_ == host.text_;
  const auto dot = host.text_.find('.');
  if (dot == std::string::npos) return false;
  return std::string_view(host.text_).substr(dot) == std::string_view(text_).substr(1);
}

std::optional<IpAddress> IpAddress::find(std::string_view text) {
  const auto bytes = os::parse_address(text);
  if (!bytes) return std::nullopt;
  return IpAddress(*bytes);
}

IpAddress IpAddress::parse(std::string_view text) {
  if (auto address = find(text)) return *std::move(address);
  std::string mend = "write it as 10.0.0.1 or fc00::1";
  if (text.find('%') != std::string_view::npos) mend = "write the address without its zone (%…)";
  if (text.starts_with('[')) mend = "write the address without the brackets";
  if (text.find('/') != std::string_view::npos) mend = "write one address, not a network";
  if (const auto name = DnsName::find(text)) mend = fmt::format("write DNS:{}", name->text());
  throw Error(
      Message::NameInvalid, fmt::format("\"{}\" is not an IP address", printable(text)),
      "an IPv4 address of four decimal numbers, or an IPv6 address (RFC 4291) without a zone",
      mend);
}

std::optional<IpAddress> IpAddress::from_bytes(std::string_view bytes) {
  if (bytes.size() != 4 && bytes.size() != 16) return std::nullopt;
  return IpAddress(bytes);
}

std::string IpAddress::text() const {
  return os::address_text(bytes_);
}

Names Names::parse(std::string_view text) {
  Names names;
  // "IP Address:" first: it begins like "IP", and holds a blank.
  static constexpr std::array<std::string_view, 3> kAddressTypes = {
      "IP Address:", "IP:", "IPAddress:"};
  static constexpr std::string_view kDnsType = "DNS:";
  for (;;) {
    const auto start = text.find_first_not_of(kBlanksAndCommas);
    if (start == std::string_view::npos) return names;
    text.remove_prefix(start);
    if (names.dns.size() + names.addresses.size() >= kNamesMax) {
      throw Error(Message::NameInvalid, fmt::format("there are more than {} names", kNamesMax),
                  fmt::format("at most {} names in one certificate", kNamesMax),
                  "issue one more certificate, or use a wildcard");
    }
    const auto* const type = std::find_if(kAddressTypes.begin(), kAddressTypes.end(),
                                          [&](auto t) { return starts_with_nocase(text, t); });
    const bool is_address = type != kAddressTypes.end();
    const bool is_dns = !is_address && starts_with_nocase(text, kDnsType);
    if (is_address) text.remove_prefix(type->size());
    if (is_dns) text.remove_prefix(kDnsType.size());
    const std::string_view value = text.substr(0, text.find_first_of(kBlanksAndCommas));
    text.remove_prefix(value.size());
    if (is_address) {
      names.add(IpAddress::parse(value));
    } else if (const auto bare = is_dns ? std::nullopt : IpAddress::find(value)) {
      names.add(*bare);
    } else {
      names.add(DnsName::parse(value));
    }
  }
}

std::string Names::text() const {
  std::string out;
  auto append = [&](std::string_view type, std::string_view value) {
    out += fmt::format("{}{}:{}", out.empty() ? "" : ", ", type, value);
  };
  for (const DnsName& name : dns) append("DNS", name.text());
  for (const IpAddress& address : addresses) append("IP", address.text());
  return out;
}

void Names::add(const DnsName& name) {
  if (!contains(name)) dns.push_back(name);
}

void Names::add(const IpAddress& address) {
  if (!contains(address)) addresses.push_back(address);
}

void Names::add(const Names& others) {
  for (const DnsName& name : others.dns) add(name);
  for (const IpAddress& address : others.addresses) add(address);
}

bool Names::stands_for(const DnsName& host) const {
  return std::any_of(dns.begin(), dns.end(),
                     [&](const DnsName& name) { return name.matches(host); });
}

bool Names::contains(const DnsName& name) const {
  return std::find(dns.begin(), dns.end(), name) != dns.end();
}

bool Names::contains(const IpAddress& address) const {
  return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

}  // namespace ipm::pki
