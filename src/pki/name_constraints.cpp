#include "pki/name_constraints.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "pki/openssl.h"

namespace ipm::pki {
namespace {

using NameConstraintsPtr = Ptr<NAME_CONSTRAINTS, NAME_CONSTRAINTS_free>;
using SubtreePtr = Ptr<GENERAL_SUBTREE, GENERAL_SUBTREE_free>;

constexpr std::size_t kConstraintsMax = 100;

// The first `prefix` bits set: "\xff\x00\x00\x00" for 8 of 32.
std::string mask_of(int prefix, std::size_t octets) {
  std::string mask(octets, '\0');
  for (int bit = 0; bit < prefix; ++bit) {
    auto& octet = mask[static_cast<std::size_t>(bit) / 8];
    octet = static_cast<char>(static_cast<unsigned char>(octet) | (0x80U >> (bit % 8U)));
  }
  return mask;
}

std::string masked(std::string_view address, std::string_view mask) {
  std::string result(address);
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = static_cast<char>(static_cast<unsigned char>(address[i]) &
                                  static_cast<unsigned char>(mask[i]));
  }
  return result;
}

[[noreturn]] void refuse(std::string_view item, std::string_view why, std::string mend = {}) {
  throw Error(Message::NameInvalid, fmt::format("the limit {} {}", printable(item, 80), why),
              "a domain (example.com) or a network (10.0.0.0/8, fc00::/7)", std::move(mend));
}

NameConstraints::Network parse_network(std::string_view item, const IpAddress& address,
                                       std::string_view prefix_text) {
  const int bits = address.is_v6() ? 128 : 32;
  int prefix = -1;
  const auto [end, failure] =
      std::from_chars(prefix_text.data(), prefix_text.data() + prefix_text.size(), prefix);
  if (failure != std::errc{} || end != prefix_text.data() + prefix_text.size() || prefix < 0 ||
      prefix > bits) {
    refuse(item, fmt::format("has no prefix length between 0 and {}", bits));
  }
  const std::string network =
      masked(address.bytes(), mask_of(prefix, static_cast<std::size_t>(bits) / 8));
  if (network != address.bytes()) {
    refuse(item, "has bits set behind its prefix",
           fmt::format("write {}/{}", IpAddress::from_bytes(network)->text(), prefix));
  }
  return {address, prefix};
}

void add_item(NameConstraints& constraints, std::string_view item) {
  const auto slash = item.find('/');
  const std::string_view before = item.substr(0, slash);
  if (const auto address = IpAddress::find(before)) {
    const std::string whole = address->is_v6() ? "128" : "32";
    constraints.networks.push_back(parse_network(
        item, *address, slash == std::string_view::npos ? whole : item.substr(slash + 1)));
    return;
  }
  if (slash != std::string_view::npos) refuse(item, "is not a network");
  if (item.starts_with(".") || item.starts_with("*.")) {
    const auto dot = item.find('.');
    refuse(
        item, "is written with a wildcard or a dot in front",
        fmt::format("write {}: it stands for the domain and all below it", item.substr(dot + 1)));
  }
  constraints.dns.push_back(DnsName::parse(item));
}

SubtreePtr subtree(int kind, std::string_view bytes) {
  auto made = own<SubtreePtr>(GENERAL_SUBTREE_new(), "GENERAL_SUBTREE_new");
  auto value = own<Ptr<ASN1_STRING, ASN1_STRING_free>>(
      ASN1_STRING_type_new(kind == GEN_IPADD ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING),
      "ASN1_STRING_type_new");
  must(ASN1_STRING_set(value.get(), bytes.data(), static_cast<int>(bytes.size())),
       "ASN1_STRING_set");
  GENERAL_NAME_set0_value(made->base, kind, value.release());
  return made;
}

void push(STACK_OF(GENERAL_SUBTREE) * &list, SubtreePtr item) {
  if (list == nullptr) list = sk_GENERAL_SUBTREE_new_null();
  if (list == nullptr || sk_GENERAL_SUBTREE_push(list, item.get()) == 0) {
    throw_openssl(Message::CryptoFailed, "sk_GENERAL_SUBTREE_push", "the call to succeed");
  }
  [[maybe_unused]] auto* owned_by_the_list = item.release();
}

std::string network_bytes(const NameConstraints::Network& network) {
  return network.address.bytes() + mask_of(network.prefix, network.address.bytes().size());
}

// --- reading an issuer's constraints
// --------------------------------------------------------------

NameConstraintsPtr find_constraints(const Certificate& issuer) {
  int critical = 0;
  NameConstraintsPtr found(static_cast<NAME_CONSTRAINTS*>(
      X509_get_ext_d2i(issuer.handle(), NID_name_constraints, &critical, nullptr)));
  take_openssl_errors();
  if (!found && critical != -1) {
    throw Error(
        Message::CertificateUnusable,
        fmt::format("the name constraints of {} are damaged", printable(issuer.display_name(), 80)),
        "a CA certificate whose constraints can be read");
  }
  return found;
}

// "example.com" stands for itself and all below it, ".example.com" (an old custom) for all below
// it,
// "" for everything.
bool is_below(std::string_view name, std::string_view base) {
  if (base.empty()) return true;
  const std::string lower = to_lower_ascii(base);
  if (lower.front() == '.') return name.size() > lower.size() && name.ends_with(lower);
  return name == lower || name.ends_with("." + lower);
}

// Whether every host that the name may stand for lies below `base`.
bool lies_within(const DnsName& name, std::string_view base) {
  const std::string_view text = name.text();
  if (!name.is_wildcard()) return is_below(text, base);
  const std::string_view domain = text.substr(2);
  return is_below(domain, base) ||
         (base.starts_with(".") && domain == to_lower_ascii(base.substr(1)));
}

// Whether any host that the name may stand for lies below `base`.
bool touches(const DnsName& name, std::string_view base) {
  if (lies_within(name, base)) return true;
  if (!name.is_wildcard()) return false;
  const std::string lower = to_lower_ascii(base.starts_with(".") ? base.substr(1) : base);
  return lower.ends_with("." + name.text().substr(2));
}

bool lies_within(const IpAddress& address, std::string_view network) {
  const std::size_t octets = address.bytes().size();
  if (network.size() != 2 * octets) return false;
  const auto mask = network.substr(octets);
  return masked(address.bytes(), mask) == masked(network.substr(0, octets), mask);
}

// Calls `visit` with each subtree of the kind.
template <class Visit>
void each(const STACK_OF(GENERAL_SUBTREE) * list, int kind, Visit visit) {
  for (int i = 0; list != nullptr && i < sk_GENERAL_SUBTREE_num(list); ++i) {
    int found = -1;
    const void* value = GENERAL_NAME_get0_value(sk_GENERAL_SUBTREE_value(list, i)->base, &found);
    if (found == kind) visit(content(static_cast<const ASN1_STRING*>(value)));
  }
}

bool is_permitted(const NAME_CONSTRAINTS& constraints, const DnsName& name) {
  bool limited = false;
  bool inside = false;
  bool excluded = false;
  each(constraints.permittedSubtrees, GEN_DNS, [&](std::string_view base) {
    limited = true;
    inside = inside || lies_within(name, base);
  });
  each(constraints.excludedSubtrees, GEN_DNS,
       [&](std::string_view base) { excluded = excluded || touches(name, base); });
  return !excluded && (inside || !limited);
}

// RFC 5280 knows one kind of address: a permitted IPv4 network alone forbids every IPv6 address.
bool is_permitted(const NAME_CONSTRAINTS& constraints, const IpAddress& address) {
  bool limited = false;
  bool inside = false;
  bool excluded = false;
  each(constraints.permittedSubtrees, GEN_IPADD, [&](std::string_view network) {
    limited = true;
    inside = inside || lies_within(address, network);
  });
  each(constraints.excludedSubtrees, GEN_IPADD,
       [&](std::string_view network) { excluded = excluded || lies_within(address, network); });
  return !excluded && (inside || !limited);
}

}  // namespace

NameConstraints NameConstraints::parse(std::string_view text) {
  NameConstraints constraints;
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), ',', ' ');
  for (const std::string_view item : split(spaced, ' ')) {
    if (trim(item).empty()) continue;
    if (constraints.dns.size() + constraints.networks.size() >= kConstraintsMax) {
      refuse(item, fmt::format("is one more than the {} that a CA may have", kConstraintsMax));
    }
    add_item(constraints, trim(item));
  }
  return constraints;
}

std::string NameConstraints::text() const {
  std::string text;
  for (const auto& name : dns) text += (text.empty() ? "" : ", ") + name.text();
  for (const auto& network : networks) {
    text +=
        fmt::format("{}{}/{}", text.empty() ? "" : ", ", network.address.text(), network.prefix);
  }
  return text;
}

std::string name_constraints_der(const NameConstraints& constraints) {
  auto made = own<NameConstraintsPtr>(NAME_CONSTRAINTS_new(), "NAME_CONSTRAINTS_new");
  for (const auto& name : constraints.dns) {
    push(made->permittedSubtrees, subtree(GEN_DNS, name.text()));
  }
  // Of mailboxes "example.com" means those at that host, ".example.com" those at hosts below it.
  for (const auto& name : constraints.dns) {
    push(made->permittedSubtrees, subtree(GEN_EMAIL, name.text()));
    push(made->permittedSubtrees, subtree(GEN_EMAIL, "." + name.text()));
  }
  bool v4 = false;
  bool v6 = false;
  for (const auto& network : constraints.networks) {
    push(made->permittedSubtrees, subtree(GEN_IPADD, network_bytes(network)));
    (network.address.is_v6() ? v6 : v4) = true;
  }
  if (!v4) push(made->excludedSubtrees, subtree(GEN_IPADD, std::string(8, '\0')));
  if (!v6) push(made->excludedSubtrees, subtree(GEN_IPADD, std::string(32, '\0')));

  unsigned char* der = nullptr;
  const int length = ASN1_item_i2d(reinterpret_cast<ASN1_VALUE*>(made.get()), &der,
                                   ASN1_ITEM_rptr(NAME_CONSTRAINTS));
  must(length, "ASN1_item_i2d");
  std::string bytes(as_text(der, static_cast<std::size_t>(length)));
  OPENSSL_free(der);
  return bytes;
}

Names permitted_names(const Certificate& issuer, const Names& names) {
  const auto constraints = find_constraints(issuer);
  if (!constraints) return names;
  Names permitted;
  for (const auto& name : names.dns) {
    if (is_permitted(*constraints, name)) permitted.dns.push_back(name);
  }
  for (const auto& address : names.addresses) {
    if (is_permitted(*constraints, address)) permitted.addresses.push_back(address);
  }
  return permitted;
}

bool is_mailbox_permitted(const Certificate& issuer, const std::string& mailbox) {
  const auto constraints = find_constraints(issuer);
  const auto at = mailbox.rfind('@');
  if (!constraints || at == std::string::npos) return true;
  const auto host = DnsName::find(mailbox.substr(at + 1));
  if (!host) return false;
  const auto within = [&](std::string_view base) {
    if (base.find('@') != std::string_view::npos) return base == mailbox;
    return base.starts_with('.') ? is_below(host->text(), base)
                                 : equal_ascii_nocase(host->text(), base);
  };
  bool limited = false;
  bool inside = false;
  bool excluded = false;
  each(constraints->permittedSubtrees, GEN_EMAIL, [&](std::string_view base) {
    limited = true;
    inside = inside || within(base);
  });
  each(constraints->excludedSubtrees, GEN_EMAIL,
       [&](std::string_view base) { excluded = excluded || within(base); });
  if (excluded) return false;
  return limited ? inside : is_permitted(*constraints, *host);
}

std::string name_constraints_text(const Certificate& issuer) {
  const auto constraints = find_constraints(issuer);
  if (!constraints) return {};
  std::string text;
  auto add = [&](std::string_view item) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", item);
  };
  each(constraints->permittedSubtrees, GEN_DNS,
       [&](std::string_view base) { add(printable(base, 260)); });
  each(constraints->permittedSubtrees, GEN_IPADD, [&](std::string_view network) {
    const auto half = network.size() / 2;
    const auto address = IpAddress::from_bytes(network.substr(0, half));
    if (!address) return;
    int prefix = 0;
    for (const char octet : network.substr(half)) {
      prefix += __builtin_popcount(static_cast<unsigned char>(octet));
    }
    add(fmt::format("{}/{}", address->text(), prefix));
  });
  return text;
}

}  // namespace ipm::pki
