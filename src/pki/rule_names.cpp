// The rules about names: what the subject says (S10) and the subject alternative name (S11).
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "pki/rule_judgements.h"

namespace ipm::pki::judge {
namespace {

// What the subject's common name is.
enum class Subject : std::uint8_t {
  FullName,
  Wildcard,
  Localhost,      // The one single label that every computer answers to (RFC 6761, 6.3).
  OnlyElsewhere,  // No common name, but a DNS name in the SAN: as public CAs issue it now.
  Text,           // Neither name nor address: good enough for a user.
  SingleLabel,
  Address,
  AddressAlone,  // Stated on purpose: the SAN repeats it and has no name.
  BrokenWildcard,
  BroadWildcard,  // "*.com": no client accepts it.
  Unprintable,
  Several,
  Missing,
};

bool has_asterisk(std::string_view text) {
  return text.find('*') != std::string_view::npos;
}

// For what certificates present: no exception, whatever it is.
bool is_dns_name(std::string_view text) {
  return !IpAddress::find(text) && !DnsName::complaint(text);
}

Subject judge_wildcard(std::string_view text) {
  if (!is_dns_name(text)) return Subject::BrokenWildcard;
  return std::count(text.begin(), text.end(), '.') < 2 ? Subject::BroadWildcard : Subject::Wildcard;
}

Subject judge_subject(const Certificate& certificate) {
  const auto names = certificate.common_names();
  if (names.size() > 1) return Subject::Several;
  if (names.empty()) {
    const auto& san = certificate.subject_alternative_names().value;
    const bool named = san && std::any_of(san->dns.begin(), san->dns.end(), is_dns_name);
    return named ? Subject::OnlyElsewhere : Subject::Missing;
  }
  const std::string& name = names.front();
  if (name.empty() || !is_utf8(name) || std::any_of(name.begin(), name.end(), [](char c) {
        return (c >= 0 && c < ' ') || c == '\x7f';
      })) {
    return Subject::Unprintable;
  }
  if (has_asterisk(name)) return judge_wildcard(name);
  if (const auto address = IpAddress::find(name)) {
    const auto& san = certificate.subject_alternative_names().value;
    const bool alone = san && san->dns.empty() &&
                       std::ranges::find(san->addresses, address->bytes()) != san->addresses.end();
    return alone ? Subject::AddressAlone : Subject::Address;
  }
  if (DnsName::complaint(name)) return Subject::Text;
  if (equal_ascii_nocase(name, "localhost")) return Subject::Localhost;
  return name.find('.') == std::string::npos ? Subject::SingleLabel : Subject::FullName;
}

std::string_view explanation(Subject subject, Role role) {
  const bool client = role == Role::Client;
  switch (subject) {
    case Subject::FullName:
      return "";
    case Subject::Wildcard:
      return ", a wildcard for the whole domain";
    case Subject::Localhost:
      return ", the computer's own name for itself";
    case Subject::OnlyElsewhere:
      return "no common name; the SAN names the computer";
    case Subject::Text:
      return client ? ", a user's name" : ", which is not a DNS name";
    case Subject::SingleLabel:
      return client ? ", a user's name" : ", which lacks its domain";
    case Subject::Address:
      return ", which is an address, not a name";
    case Subject::AddressAlone:
      return ", an address where S10 wants a name: the exception of a computer without one";
    case Subject::BrokenWildcard:
      return ", a partial or misplaced wildcard";
    case Subject::BroadWildcard:
      return ", a wildcard over a whole top-level domain";
    case Subject::Unprintable:
      return ", which is empty or holds control characters";
    case Subject::Several:
      return "several common names";
    case Subject::Missing:
      return "no common name";
  }
  return "";
}

}  // namespace

bool subject_is_host(const Examined& examined) {
  switch (judge_subject(examined.certificate)) {
    case Subject::FullName:
    case Subject::Wildcard:
    case Subject::Localhost:
    case Subject::OnlyElsewhere:
    case Subject::AddressAlone:
      return true;
    default:
      return false;
  }
}

bool subject_is_client(const Examined& examined) {
  switch (judge_subject(examined.certificate)) {
    case Subject::FullName:
    case Subject::Wildcard:
    case Subject::Localhost:
    case Subject::OnlyElsewhere:
    case Subject::Text:
    case Subject::SingleLabel:
    case Subject::Address:
    case Subject::AddressAlone:
      return true;
    default:
      return false;
  }
}

std::string subject_found(const Examined& examined) {
  const Subject subject = judge_subject(examined.certificate);
  const std::string_view words = explanation(subject, examined.role);
  const auto name = examined.certificate.common_name();
  if (!name) return std::string(words);
  return fmt::format("subject {}{}", printable(*name, 80), words);
}

// The subject's own asterisks are judged with the subject.
bool wildcards_are_whole(const Examined& examined) {
  const auto& san = examined.certificate.subject_alternative_names().value;
  if (!san) return true;
  return std::all_of(san->dns.begin(), san->dns.end(), [](const std::string& name) {
    return !has_asterisk(name) || is_dns_name(name);
  });
}

std::string wildcards_found(const Examined& examined) {
  const auto& san = examined.certificate.subject_alternative_names().value;
  std::string whole;
  std::string broken;
  if (san) {
    for (const std::string& name : san->dns) {
      if (!has_asterisk(name)) continue;
      std::string& list = is_dns_name(name) ? whole : broken;
      list += fmt::format("{}DNS:{}", list.empty() ? "" : ", ", printable(name, 80));
    }
  }
  if (!broken.empty()) return "partial or misplaced wildcard " + broken;
  return whole.empty() ? "no wildcard among the alternative names"
                       : "whole-label wildcard " + whole;
}

namespace {

bool is_sound_address(const std::string& octets) {
  return octets.size() == 4 || octets.size() == 16;
}

bool is_sound_dns(const std::string& name) {
  return has_asterisk(name) || is_dns_name(name);
}

std::string complaint_about(const std::string& name) {
  if (IpAddress::find(name)) return "an address written as a DNS name";
  return DnsName::complaint(name).value_or("");
}

bool is_empty(const RawNames& names) {
  return names == RawNames{};
}

std::string address_text(const std::string& octets) {
  const auto address = IpAddress::from_bytes(octets);
  return address ? address->text() : fmt::format("({} octets)", octets.size());
}

}  // namespace

bool alternative_names_are_sound(const Examined& examined) {
  const auto& san = examined.certificate.subject_alternative_names();
  if (san.broken) return false;
  if (!san.value) return true;
  const RawNames& names = *san.value;
  return !is_empty(names) && std::all_of(names.dns.begin(), names.dns.end(), is_sound_dns) &&
         std::all_of(names.addresses.begin(), names.addresses.end(), is_sound_address);
}

std::string alternative_names_found(const Examined& examined) {
  const auto& san = examined.certificate.subject_alternative_names();
  if (san.broken) return "a damaged subject alternative name";
  const bool server = examined.role != Role::Client;
  constexpr std::string_view kOnlySubject =
      "the main name stands only in the subject: enough between ipm and ipmd under a private CA, "
      "not for other TLS clients";
  if (!san.value) {
    return server ? fmt::format("no subject alternative name; {}", kOnlySubject)
                  : "no subject alternative name";
  }
  const RawNames& names = *san.value;
  if (is_empty(names)) return "an empty subject alternative name";
  std::string broken;
  for (const std::string& name : names.dns) {
    if (is_sound_dns(name)) continue;
    broken += fmt::format("{}DNS:{} ({})", broken.empty() ? "" : ", ", printable(name, 80),
                          complaint_about(name));
  }
  for (const std::string& octets : names.addresses) {
    if (is_sound_address(octets)) continue;
    broken += fmt::format("{}an address of {} octets", broken.empty() ? "" : ", ", octets.size());
  }
  if (!broken.empty()) return broken;
  const std::string text = alternative_names_text(names);
  const auto main_name = examined.certificate.common_name();
  const bool repeated =
      !main_name || IpAddress::find(*main_name) ||
      std::any_of(names.dns.begin(), names.dns.end(),
                  [&](const std::string& name) { return equal_ascii_nocase(name, *main_name); });
  return server && !repeated ? fmt::format("{}; {}", text, kOnlySubject) : text;
}

}  // namespace ipm::pki::judge

namespace ipm::pki {

std::string alternative_names_text(const RawNames& names) {
  std::string text;
  auto add = [&](std::string_view kind, std::string_view name) {
    text += fmt::format("{}{}:{}", text.empty() ? "" : ", ", kind, name);
  };
  for (const auto& name : names.dns) add("DNS", printable(name, 260));
  for (const auto& octets : names.addresses) add("IP", judge::address_text(octets));
  for (const auto& name : names.emails) add("email", printable(name, 260));
  for (const auto& name : names.uris) add("URI", printable(name, 260));
  const std::size_t others = names.others + names.directory_names.size();
  if (others > 0) {
    text += fmt::format("{}{} of other kinds", text.empty() ? "" : ", ", others);
  }
  return text;
}

}  // namespace ipm::pki
