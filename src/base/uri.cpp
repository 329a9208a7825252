#include "base/uri.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace ipm {
namespace {

// Why a text is not a URI of ours; empty members mean that it is one.
struct Refusal {
  std::string happened;
  std::string expected;
};

bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_unreserved(char c) {
  return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}
bool is_one_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

constexpr std::string_view kSubDelimiters = "!$&'()*+,;=";

bool is_path_character(char c) {
  return is_unreserved(c) || is_one_of(c, kSubDelimiters) || is_one_of(c, ":@/");
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  return (c >= 'a' ? c - 'a' : c - 'A') + 10;
}

std::optional<Refusal> read_scheme(std::string_view& text, Uri& uri) {
  const auto colon = text.find(':');
  const std::string_view scheme = text.substr(0, colon);
  auto allowed = [](char c) { return is_alpha(c) || is_digit(c) || is_one_of(c, "+-."); };
  if (colon == std::string_view::npos || scheme.empty() || scheme.size() > 63 ||
      !is_alpha(scheme.front()) || !std::all_of(scheme.begin(), scheme.end(), allowed)) {
    return Refusal{"the address has no scheme", "an address such as ipp://HOST/ipp/print"};
  }
  uri.scheme = to_lower_ascii(scheme);
  text.remove_prefix(colon + 1);
  return std::nullopt;
}

// RFC 3986, 3.2.2: groups of hexadecimal digits, at most one "::", an IPv4 address as the last 32
// bits.
bool is_ipv4(std::string_view text) {
  const auto parts = split(text, '.');
  if (parts.size() != 4) return false;
  return std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
    if (part.empty() || part.size() > 3 || !std::all_of(part.begin(), part.end(), is_digit))
      return false;
    if (part.size() > 1 && part.front() == '0') return false;
    int value = 0;
    for (const char c : part) value = value * 10 + (c - '0');
    return value <= 255;
  });
}

bool count_groups(std::string_view text, bool may_end_in_ipv4, std::size_t& groups) {
  if (text.empty()) return true;
  const auto parts = split(text, ':');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string_view part = parts[i];
    if (may_end_in_ipv4 && i + 1 == parts.size() && part.find('.') != std::string_view::npos) {
      groups += 2;
      return is_ipv4(part);
    }
    if (part.empty() || part.size() > 4 || !std::all_of(part.begin(), part.end(), is_hex))
      return false;
    ++groups;
  }
  return true;
}

bool is_ipv6(std::string_view text) {
  const auto gap = text.find("::");
  std::size_t groups = 0;
  if (gap == std::string_view::npos) return count_groups(text, true, groups) && groups == 8;
  return count_groups(text.substr(0, gap), false, groups) &&
         count_groups(text.substr(gap + 2), true, groups) && groups <= 7;
}

// LDH labels, with "_" as hosts on local networks carry it; a final dot is dropped by the caller.
bool is_host_name(std::string_view host) {
  const auto labels = split(host, '.');
  return std::all_of(labels.begin(), labels.end(), [](std::string_view label) {
    auto allowed = [](char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '_'; };
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), allowed);
  });
}

// A name whose last label is a number would be read as an address by some and as a name by others.
bool looks_like_address(std::string_view host) {
  const std::string_view last = split(host, '.').back();
  return !last.empty() && std::all_of(last.begin(), last.end(), is_digit);
}

// fe80::/10 (RFC 4291, 2.5.6).
bool is_link_local(std::string_view address) {
  return address.size() > 4 && address[3] != ':' && address[4] == ':' &&
         address.starts_with("fe") &&
         (address[2] == '8' || address[2] == '9' || address[2] == 'a' || address[2] == 'b');
}

std::optional<Refusal> read_host(std::string_view host, Uri& uri) {
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  if (host.empty())
    return Refusal{"the address names no host", "an address such as ipp://HOST/ipp/print"};
  if (host.size() > kUriHostBytesMax) {
    return Refusal{"the host's name is too long",
                   fmt::format("at most {} bytes", kUriHostBytesMax)};
  }
  if (looks_like_address(host) ? !is_ipv4(host) : !is_host_name(host)) {
    return Refusal{fmt::format("\"{}\" is no host name or address", printable(host)),
                   "a DNS name, an IPv4 address, or an IPv6 address in brackets"};
  }
  uri.host = to_lower_ascii(host);
  return std::nullopt;
}

std::optional<Refusal> read_port(std::string_view text, Uri& uri) {
  std::uint32_t port = 0;
  for (const char c : text) {
    if (!is_digit(c) || port > 6553) port = 100000;
    if (port < 100000) port = port * 10 + static_cast<std::uint32_t>(c - '0');
  }
  if (text.empty() || port == 0 || port > 65535) {
    return Refusal{fmt::format("\"{}\" is no port", printable(text)), "a number from 1 to 65535"};
  }
  uri.port = static_cast<std::uint16_t>(port);
  return std::nullopt;
}

std::optional<Refusal> read_authority(std::string_view authority, Uri& uri) {
  if (authority.find('@') != std::string_view::npos) {
    return Refusal{"the address holds a user name or password",
                   "an address without them; who you are is proven by certificate"};
  }
  uri.port = default_port(uri.scheme);
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    const std::string_view address =
        authority.substr(1, close == std::string_view::npos ? 0 : close - 1);
    const auto percent = address.find('%');
    if (!is_ipv6(address.substr(0, percent))) {
      return Refusal{"the address in brackets is not an IPv6 address",
                     "an address such as [fc00::1]"};
    }
    uri.host = to_lower_ascii(address.substr(0, percent));
    if (percent != std::string_view::npos) {
      // RFC 6874: the sign is escaped itself. Only link-local addresses are ambiguous without one.
      const std::string_view zone = address.substr(percent);
      const std::string_view name = zone.substr(std::min<std::size_t>(3, zone.size()));
      const bool plain = std::all_of(name.begin(), name.end(), is_unreserved);
      if (!zone.starts_with("%25") || name.empty() || name.size() > kUriZoneBytesMax || !plain ||
          !is_link_local(uri.host)) {
        return Refusal{"the address carries a zone identifier where there is none",
                       "one of a link-local address only: [fe80::1%25eth0]"};
      }
      uri.host += fmt::format("%{}", name);
    }
    authority.remove_prefix(close + 1);
    if (authority.empty()) return std::nullopt;
    if (authority.front() != ':')
      return Refusal{"text follows the bracket", "[ADDRESS] or [ADDRESS]:PORT"};
    return read_port(authority.substr(1), uri);
  }
  const auto colon = authority.find(':');
  if (auto refusal = read_host(authority.substr(0, colon), uri)) return refusal;
  if (colon == std::string_view::npos) return std::nullopt;
  return read_port(authority.substr(colon + 1), uri);
}

std::optional<Refusal> read_path(std::string_view text, Uri& uri) {
  const std::string_view path = text;
  for (std::size_t i = 0; i < path.size(); ++i) {
    char c = path[i];
    if (c == '%') {
      if (i + 2 >= path.size() || !is_hex(path[i + 1]) || !is_hex(path[i + 2])) {
        return Refusal{"the path has a broken %-escape", "% and two hexadecimal digits"};
      }
      c = static_cast<char>(hex_value(path[i + 1]) * 16 + hex_value(path[i + 2]));
      i += 2;
      const auto code = static_cast<unsigned char>(c);
      if (c == '/' || code < 0x20 || code == 0x7F) {
        return Refusal{"the path hides a slash or a control character in a %-escape",
                       "a path whose parts hold neither"};
      }
    } else if (!is_path_character(c)) {
      return Refusal{"the path holds a character that must be escaped",
                     "%20 for a blank, and the like"};
    }
    uri.path += c;
  }
  if (!is_utf8(uri.path)) return Refusal{"the path is not UTF-8", "a path in UTF-8, %-escaped"};
  for (const std::string_view segment : uri.segments()) {
    if (segment == "." || segment == "..") {
      return Refusal{"the path has a \".\" or \"..\" segment", "a path without them"};
    }
  }
  return std::nullopt;
}

std::optional<Refusal> read_query(std::string_view query, Uri& uri) {
  for (std::size_t i = 0; i < query.size(); ++i) {
    const bool escape =
        query[i] == '%' && i + 2 < query.size() && is_hex(query[i + 1]) && is_hex(query[i + 2]);
    if (!escape && !is_path_character(query[i]) && query[i] != '?') {
      return Refusal{"the query holds a character that must be escaped",
                     "%20 for a blank, and the like"};
    }
  }
  uri.query = query;
  return std::nullopt;
}

std::optional<Refusal> read(std::string_view text, Uri& uri) {
  if (text.size() > kUriBytesMax) {
    return Refusal{"the address is too long", fmt::format("at most {} bytes", kUriBytesMax)};
  }
  if (text.find('#') != std::string_view::npos) {
    return Refusal{"the address has a fragment (#)", "an address without one"};
  }
  if (auto refusal = read_scheme(text, uri)) return refusal;
  const bool file = uri.scheme == "file";
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    const auto end = std::min(text.find_first_of("/?"), text.size());
    const std::string_view authority = text.substr(0, end);
    text.remove_prefix(end);
    if (file) {
      if (!authority.empty() && !equal_ascii_nocase(authority, "localhost")) {
        return Refusal{"the file is on another host", "file:///PATH"};
      }
    } else if (auto refusal = read_authority(authority, uri)) {
      return refusal;
    }
  } else if (!file) {
    return Refusal{"the address lacks //", fmt::format("{}://HOST/…", uri.scheme)};
  }
  if (file && (!text.starts_with('/') || text.find('?') != std::string_view::npos)) {
    return Refusal{"the file's path is not absolute", "file:///PATH"};
  }
  const auto question = text.find('?');
  if (auto refusal = read_path(text.substr(0, question), uri)) return refusal;
  if (question == std::string_view::npos) return std::nullopt;
  return read_query(text.substr(question + 1), uri);
}

// What stands before an "@" may be a password, which no message repeats.
std::string shown(std::string_view text) {
  const auto at = text.rfind('@');
  return at == std::string_view::npos ? printable(text) : "…" + printable(text.substr(at));
}

void append_escaped(std::string& out, char c) {
  const auto code = static_cast<unsigned char>(c);
  fmt::format_to(std::back_inserter(out), "%{:02X}", code);
}

}  // namespace

std::vector<std::string_view> Uri::segments() const {
  std::string_view rest = path;
  if (rest.starts_with('/')) rest.remove_prefix(1);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.empty()) return {};
  return split(rest, '/');
}

std::string Uri::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (const auto zone = out.find('%'); zone != std::string::npos) out.insert(zone + 1, "25");
  if (port != default_port(scheme)) out += fmt::format(":{}", port);
  return out;
}

Uri parse_uri(std::string_view text) {
  Uri uri;
  if (auto refusal = read(text, uri)) {
    throw Error(Message::UriInvalid, fmt::format("\"{}\": {}", shown(text), refusal->happened),
                std::move(refusal->expected));
  }
  return uri;
}

std::optional<Uri> find_uri(std::string_view text) {
  Uri uri;
  if (read(text, uri)) return std::nullopt;
  return uri;
}

// Brackets that close, and a port that is a number, or empty (RFC 3986, 3.2.2 and 3.2.3).
static bool is_whole_authority(std::string_view authority) {
  authority.remove_prefix(authority.find_last_of('@') + 1);
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == std::string_view::npos) return false;
    authority.remove_prefix(close + 1);
    if (!authority.empty() && authority.front() != ':') return false;
  }
  const auto colon = authority.find(':');
  if (colon == std::string_view::npos || colon + 1 == authority.size()) return true;
  Uri ignored;
  return !read_port(authority.substr(colon + 1), ignored);
}

std::optional<Uri> find_uri_path(std::string_view text) {
  Uri uri;
  if (text.size() > kUriBytesMax || read_scheme(text, uri) || !text.starts_with("//")) {
    return std::nullopt;
  }
  text.remove_prefix(2);
  const auto end = std::min(text.find_first_of("/?#"), text.size());
  if (!is_whole_authority(text.substr(0, end))) return std::nullopt;
  text.remove_prefix(end);
  text = text.substr(0, text.find('#'));
  const auto question = text.find('?');
  if (read_path(text.substr(0, question), uri)) return std::nullopt;
  if (question != std::string_view::npos) uri.query = text.substr(question + 1);
  return uri;
}

std::string to_string(const Uri& uri) {
  std::string out = uri.scheme + "://" + uri.authority();
  for (const char c : uri.path) {
    if (is_path_character(c))
      out += c;
    else
      append_escaped(out, c);
  }
  if (!uri.query.empty()) out += "?" + uri.query;
  return out;
}

std::uint16_t default_port(std::string_view scheme) {
  static constexpr std::array<std::pair<std::string_view, std::uint16_t>, 6> kPorts = {
      {{"ipp", 631}, {"ipps", 631}, {"http", 80}, {"https", 443}, {"socket", 9100}, {"lpd", 515}}};
  for (const auto& [name, port] : kPorts) {
    if (name == scheme) return port;
  }
  return 0;
}

std::string encode_segment(std::string_view segment) {
  std::string out;
  for (const char c : segment) {
    if (is_unreserved(c))
      out += c;
    else
      append_escaped(out, c);
  }
  return out;
}

}  // namespace ipm
