#include "pki/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"
#include "pki/limits.h"
#include "pki/random.h"

namespace ipm::pki {
namespace {

bool is_client_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_' || c == '@' || c == ' ';
}

std::optional<std::string> host_complaint(std::string_view name) {
  if (IpAddress::find(name)) return "is an address, and the subject is a name (S10)";
  if (auto complaint = DnsName::complaint(name)) return complaint;
  if (equal_ascii_nocase(name, "localhost")) return std::nullopt;
  const auto dots = std::count(name.begin(), name.end(), '.');
  if (name.starts_with("*.") && dots < 2)
    return "is a wildcard over a whole top-level domain (S10)";
  if (dots == 0) return "lacks its domain: the subject is the full DNS name (S10)";
  return std::nullopt;
}

std::optional<std::string> client_complaint(std::string_view name) {
  if (IpAddress::find(name)) return "is an address, and the subject is a name (S10)";
  if (name.find('*') != std::string_view::npos) return host_complaint(name);
  if (!std::all_of(name.begin(), name.end(), is_client_letter)) {
    return "holds characters other than letters, digits, blanks and .-_@";
  }
  if (name.front() == ' ' || name.back() == ' ') return "begins or ends with a blank";
  const auto at = name.find('@');
  if (at == std::string_view::npos) return std::nullopt;
  if (at == 0 || name.substr(0, at).find(' ') != std::string_view::npos ||
      DnsName::complaint(name.substr(at + 1))) {
    return "is not a mailbox such as alice@example.com";
  }
  return std::nullopt;
}

// The client's mailbox for the SAN (RFC 5280, 4.2.1.6: rfc822Name).
std::optional<std::string> mailbox_of(const LeafOrder& order) {
  if (order.role != Role::Client) return std::nullopt;
  if (order.common_name.find('@') == std::string::npos) return std::nullopt;
  return order.common_name;
}

void require_common_name(Role role, const std::string& name, bool address_only = false) {
  const auto complaint = common_name_complaint(role, name, address_only);
  if (!complaint) return;
  const std::string_view expected =
      role == Role::Authority ? "the authority's name in one to 64 printable characters"
      : role == Role::Client
          ? "a computer's full DNS name, or a user's name such as alice or alice@example.com"
          : "the computer's full DNS name (ipmsrv.example.com) or a whole-label wildcard "
            "(*.example.com)";
  throw Error(Message::NameInvalid,
              fmt::format("the name \"{}\" {}", printable(name, 100), *complaint),
              std::string(expected),
              role != Role::Authority && role != Role::Client && IpAddress::find(name)
                  ? "give the computer's name; where it has none, --address certifies the address"
                  : "");
}

void require_days(std::chrono::days validity) {
  if (validity >= std::chrono::days{1} && validity <= kValidityMax) return;
  throw Error(Message::UsageWrong, fmt::format("{} days of validity", validity.count()),
              fmt::format("1 to {} days", kValidityMax.count()), "change --days");
}

void require_permitted(const Certificate& issuer, const Names& names,
                       const std::optional<std::string>& mailbox) {
  const Names permitted = permitted_names(issuer, names);
  const bool mailbox_permitted = !mailbox || is_mailbox_permitted(issuer, *mailbox);
  if (permitted == names && mailbox_permitted) return;
  std::string outside;
  auto note = [&](std::string_view kind, std::string_view name) {
    outside += fmt::format("{}{}:{}", outside.empty() ? "" : ", ", kind, name);
  };
  for (const auto& name : names.dns) {
    if (std::find(permitted.dns.begin(), permitted.dns.end(), name) == permitted.dns.end()) {
      note("DNS", name.text());
    }
  }
  for (const auto& address : names.addresses) {
    if (!permitted.contains(address)) note("IP", address.text());
  }
  if (!mailbox_permitted) note("email", *mailbox);
  throw Error(
      Message::NameInvalid,
      fmt::format("{} lies outside of what the authority may certify", outside),
      "names and addresses within: " + name_constraints_text(issuer),
      "leave those names out (--names), or make another authority with other limits (--only)");
}

void require_issuer(const Certificate& issuer, const PrivateKey& key) {
  const auto& constraints = issuer.basic_constraints().value;
  const bool may_sign =
      constraints && constraints->ca && (issuer.key_usage().value.value_or(0) & kKeyCertSign) != 0;
  if (!may_sign) {
    throw Error(Message::AuthorityDamaged,
                fmt::format("{} is not a CA certificate", printable(issuer.display_name(), 80)),
                "basic constraints CA:TRUE and key usage keyCertSign");
  }
  if (!(key.public_key() == issuer.public_key())) {
    throw Error(Message::AuthorityDamaged, "the CA's key does not belong to the CA's certificate",
                "the key that was made with it");
  }
}

void require_rules(const Certificate& certificate, Role role, TimePoint now) {
  CheckOptions options;
  options.now = now;
  const Findings findings = check(certificate, role, options);
  if (all_passed(findings)) return;
  throw Error(Message::CertificateBreaksRule,
              fmt::format("the certificate for {} would break a rule: {}",
                          printable(certificate.display_name(), 80), to_line(findings)),
              fmt::format("a certificate that keeps every rule of a {}", role_name(role)));
}

std::uint16_t leaf_key_usage(const PublicKey& key, Role role) {
  // Only an RSA key can encipher a key; RFC 8813 and RFC 8410 forbid the bit for the others (S7).
  const bool enciphers = role != Role::Client && key.is_rsa();
  return static_cast<std::uint16_t>(enciphers ? kDigitalSignature | kKeyEncipherment
                                              : kDigitalSignature);
}

std::span<const std::string_view> leaf_usages(Role role) {
  static constexpr std::array kBoth = {kServerAuth, kClientAuth};
  const std::span both(kBoth);
  switch (role) {
    case Role::Server:
      return both.first(1);
    case Role::Client:
      return both.last(1);
    case Role::MutualServer:
    case Role::Authority:
      return both;
  }
  return both;
}

// An issuer of another make may lack the extension; then its key tells.
std::string issuer_identifier(const Certificate& issuer) {
  const auto& identifier = issuer.subject_key_identifier().value;
  return identifier ? *identifier : key_identifier(issuer.public_key());
}

}  // namespace

Serial new_serial() {
  Serial serial(16);
  do {
    fill_random(serial);
    serial.front() &= 0x7FU;
  } while (
      std::all_of(serial.begin(), serial.end(), [](unsigned char octet) { return octet == 0; }));
  return serial;
}

std::string to_text(const Serial& serial) {
  return serial_text(serial);
}

std::optional<std::string> common_name_complaint(Role role, std::string_view name,
                                                 bool address_only) {
  if (name.empty()) return "is empty";
  if (name.size() > kCommonNameBytesMax) {
    return fmt::format("is longer than the {} octets that a subject holds", kCommonNameBytesMax);
  }
  switch (role) {
    case Role::Server:
    case Role::MutualServer:
      if (address_only && IpAddress::find(name)) return std::nullopt;
      return host_complaint(name);
    case Role::Client:
      return client_complaint(name);
    case Role::Authority:
      break;
  }
  if (!is_utf8(name) || std::any_of(name.begin(), name.end(),
                                    [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; })) {
    return "holds control characters or is not UTF-8";
  }
  return std::nullopt;
}

Names all_names(const LeafOrder& order) {
  Names names;
  const bool is_name =
      !DnsName::complaint(order.common_name) && !IpAddress::find(order.common_name);
  // A client called "alice" is a user, not a host of that name.
  const bool is_host =
      order.role != Role::Client || order.common_name.find('.') != std::string::npos;
  if (is_name && is_host) names.add(DnsName::parse(order.common_name));
  const auto address = IpAddress::find(order.common_name);
  if (address && order.address_only) names.add(*address);
  names.add(order.names);
  return names;
}

Validity validity_of(const LeafOrder& order, const Certificate& issuer) {
  require_days(order.validity);
  if (order.now < issuer.not_before() || order.now > issuer.not_after()) {
    throw Error(
        Message::CertificateExpired,
        fmt::format("the authority {} is valid from {} to {}, and it is {}",
                    printable(issuer.display_name(), 80), to_certificate_time(issuer.not_before()),
                    to_certificate_time(issuer.not_after()), to_certificate_time(order.now)),
        "an authority that is valid now",
        order.now < issuer.not_before()
            ? "check this computer's clock"
            : "make a new authority, and issue its certificates anew: ipm ca create NAME "
              "--force");
  }
  Validity validity;
  validity.not_before = std::max<TimePoint>(order.now - kBackdating, issuer.not_before());
  const TimePoint wanted = order.now + order.validity;
  validity.not_after = std::min(wanted, issuer.not_after());
  validity.shortened = validity.not_after < wanted;
  return validity;
}

Certificate make_authority(const PrivateKey& key, const AuthorityOrder& order,
                           const Serial& serial) {
  require_common_name(Role::Authority, order.common_name);
  require_days(order.validity);
  CertificateBuilder builder(key.public_key(), serial);
  builder.set_validity(order.now - kBackdating, order.now + order.validity);
  builder.set_subject(order.common_name);
  builder.set_self_issued();
  builder.add_basic_constraints({true, 0});
  builder.add_key_usage(kKeyCertSign | kCrlSign);
  builder.add_subject_key_identifier();
  builder.add_authority_key_identifier(key_identifier(key.public_key()));
  if (!order.constraints.empty()) builder.add_name_constraints(order.constraints);
  Certificate authority = builder.sign(key);
  require_rules(authority, Role::Authority, order.now);
  return authority;
}

Certificate issue(const PublicKey& subject_key, const LeafOrder& order, const Certificate& issuer,
                  const PrivateKey& issuer_key, const Serial& serial) {
  if (order.role == Role::Authority) {
    throw Error(Message::UsageWrong, "an authority below an authority was asked for",
                "the role server, mutual server or client");
  }
  require_common_name(order.role, order.common_name, order.address_only);
  require_issuer(issuer, issuer_key);
  const Names names = all_names(order);
  if (order.address_only && IpAddress::find(order.common_name) && !names.dns.empty()) {
    throw Error(
        Message::NameInvalid,
        fmt::format("{} stands beside an address as the computer's only name (S10)", names.text()),
        "addresses only, or the full DNS name as the subject",
        "give the DNS name as NAME, and the address with --names");
  }
  require_permitted(issuer, names, mailbox_of(order));
  const Validity validity = validity_of(order, issuer);

  CertificateBuilder builder(subject_key, serial);
  builder.set_validity(validity.not_before, validity.not_after);
  builder.set_subject(order.common_name);
  builder.set_issuer(issuer);
  builder.add_basic_constraints({});
  builder.add_key_usage(leaf_key_usage(subject_key, order.role));
  builder.add_extended_key_usage(leaf_usages(order.role));
  builder.add_alternative_names(names, mailbox_of(order));
  builder.add_subject_key_identifier();
  builder.add_authority_key_identifier(issuer_identifier(issuer));

  // The rehearsal: a key that exists for this moment alone signs what the rules then judge.
  const PrivateKey thrown_away = PrivateKey::generate(KeyKind::P256);
  require_rules(builder.sign(thrown_away), order.role, order.now);
  return builder.sign(issuer_key);
}

namespace {

// The one mailbox of the request's SAN.
std::optional<std::string> sole_mailbox(const Request& request) {
  const auto& asked = request.subject_alternative_names().value;
  if (!asked || asked->emails.size() != 1) return std::nullopt;
  return asked->emails.front();
}

}  // namespace

LeafOrder order_from_request(const Request& request, Role role, TimePoint now, bool address_only) {
  LeafOrder order;
  order.role = role;
  order.now = now;
  order.names = request.names();
  order.address_only = address_only;
  const auto mailbox = sole_mailbox(request);
  if (const auto name = request.common_name()) {
    order.common_name = *name;
  } else if (!order.names.dns.empty()) {
    order.common_name = order.names.dns.front().text();
  } else if (role == Role::Client && mailbox) {
    order.common_name = *mailbox;
  } else if (!order.names.addresses.empty()) {
    order.common_name = order.names.addresses.front().text();
  } else {
    throw Error(
        Message::NameInvalid, "the request names nothing that a certificate of ours carries",
        role == Role::Client ? "a common name, a DNS name or one mailbox (email:alice@example.com)"
                             : "the computer's full DNS name as common name or in the SAN",
        "make a new request: ipm cert request NAME --out STEM");
  }
  require_common_name(role, order.common_name, address_only);
  return order;
}

std::string left_out_text(const Request& request, const LeafOrder& order) {
  std::string text;
  const auto add = [&](std::string_view item) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", item);
  };
  auto asked = request.subject_alternative_names().value.value_or(RawNames{});
  asked.dns.clear();
  asked.addresses.clear();
  if (const auto taken = mailbox_of(order)) std::erase(asked.emails, *taken);
  if (!(asked == RawNames{})) add(alternative_names_text(asked));
  for (const std::string& item : request.other_subject_parts()) add(printable(item, 80));
  return text;
}

}  // namespace ipm::pki
