#include "trust/general_names.h"

#include <array>

#include "base/text.h"
#include "pki/names.h"

namespace ipm::trust {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// OtherName ::= SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY }
bool is_other_name(std::string_view content) {
  der::Reader reader(content);
  const auto type = reader.next(der::kObjectIdentifier);
  const auto value = reader.next(der::context_constructed(0));
  if (!type || type->content.empty() || !value || !reader.at_end()) return false;
  der::Reader inner(value->content);
  return inner.next() && inner.at_end();
}

// The forms that nobody here compares: elements of DER, at least.
bool is_elements(std::string_view content) {
  der::Reader reader(content);
  while (!reader.at_end()) {
    if (!reader.next()) return false;
  }
  return !content.empty();
}

std::optional<std::string> uri_complaint(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_letter(text[0])) {
    return "a URI without a scheme";
  }
  for (const char c : text.substr(0, colon)) {
    if (!is_letter(c) && !is_digit(c) && c != '+' && c != '-' && c != '.') {
      return "a URI without a scheme";
    }
  }
  if (colon + 1 == text.size()) return "a URI with nothing behind its scheme";
  for (const char c : text) {
    if (c <= ' ' || c > '~') return "a URI with a blank, a control or a non-ASCII character";
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_kind_word(NameKind kind) {
  static constexpr std::array<std::string_view, 9> kWords{"otherName",
                                                          "rfc822Name",
                                                          "dNSName",
                                                          "x400Address",
                                                          "directoryName",
                                                          "ediPartyName",
                                                          "uniformResourceIdentifier",
                                                          "iPAddress",
                                                          "registeredID"};
  return kWords[static_cast<std::size_t>(kind)];
}

std::optional<GeneralName> parse_general_name(const der::Element& element) {
  const unsigned number = element.tag & 0x1fU;
  if ((element.tag & 0xc0U) != 0x80U || number > 8) return std::nullopt;
  GeneralName name{static_cast<NameKind>(number), element.content, std::nullopt};
  const bool constructed = (element.tag & 0x20U) != 0;
  const bool wants_constructed = name.kind == NameKind::Other || name.kind == NameKind::X400 ||
                                 name.kind == NameKind::Directory ||
                                 name.kind == NameKind::EdiParty;
  if (constructed != wants_constructed) return std::nullopt;
  if (name.kind == NameKind::Other && !is_other_name(name.value)) return std::nullopt;
  if ((name.kind == NameKind::X400 || name.kind == NameKind::EdiParty) &&
      !is_elements(name.value)) {
    return std::nullopt;
  }
  if (name.kind == NameKind::Directory) {
    name.directory = DistinguishedName::parse(element.content);
    if (!name.directory) return std::nullopt;
  }
  return name;
}

std::optional<std::vector<GeneralName>> parse_general_names(std::string_view content) {
  std::vector<GeneralName> names;
  der::Reader reader(content);
  while (!reader.at_end()) {
    const auto element = reader.next();
    if (!element) return std::nullopt;
    auto name = parse_general_name(*element);
    if (!name) return std::nullopt;
    names.push_back(std::move(*name));
  }
  return names;
}

std::optional<std::string> name_complaint(const GeneralName& name) {
  switch (name.kind) {
    case NameKind::Dns:
      return dns_complaint(name.value, true);
    case NameKind::Email:
      return email_complaint(name.value);
    case NameKind::Uri:
      return uri_complaint(name.value);
    case NameKind::Address:
      if (name.value.size() == 4 || name.value.size() == 16) return std::nullopt;
      return "an address of " + std::to_string(name.value.size()) + " bytes";
    default:
      return std::nullopt;
  }
}

std::optional<std::string> dns_complaint(std::string_view text, bool wildcard_allowed) {
  if (!wildcard_allowed && text.starts_with('*')) return "a wildcard where none may be";
  const auto complaint = pki::DnsName::complaint(text);
  if (!complaint) return std::nullopt;
  return "\"" + printable(text) + "\": " + *complaint;
}

std::optional<std::string> email_complaint(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0) return "a mailbox without a name and an @";
  for (const char c : text.substr(0, at)) {
    if (c <= ' ' || c > '~' ||
        std::string_view("\"(),:;<>[\\]").find(c) != std::string_view::npos) {
      return "a mailbox with a character that it may not have";
    }
  }
  if (const auto complaint = dns_complaint(text.substr(at + 1), false)) {
    return "a mailbox whose host is " + *complaint;
  }
  return std::nullopt;
}

std::string_view uri_host(std::string_view uri) {
  const std::size_t colon = uri.find(':');
  if (colon == std::string_view::npos || uri.substr(colon + 1, 2) != "//") return {};
  std::string_view authority = uri.substr(colon + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos) authority.remove_prefix(at + 1);
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

bool is_within(std::string_view name, std::string_view domain) {
  if (name.size() < domain.size()) return false;
  const std::string_view tail = name.substr(name.size() - domain.size());
  if (!equal_ascii_nocase(tail, domain)) return false;
  return name.size() == domain.size() || name[name.size() - domain.size() - 1] == '.';
}

}  // namespace ipm::trust
