#include "trust/name_constraints.h"

#include <algorithm>

#include "base/text.h"

namespace ipm::trust {
namespace {

// The host of a mailbox; the whole where there is no @.
std::string_view mail_host(std::string_view mailbox) {
  const std::size_t at = mailbox.rfind('@');
  return at == std::string_view::npos ? mailbox : mailbox.substr(at + 1);
}

// ".example.com" means what stands below it, "example.com" that host itself: for mailboxes and
// URIs.
bool host_matches(std::string_view host, std::string_view constraint) {
  if (constraint.starts_with('.')) {
    return host.size() > constraint.size() && is_within(host, constraint.substr(1));
  }
  return equal_ascii_nocase(host, constraint);
}

bool address_within(std::string_view address, std::string_view network) {
  const std::size_t size = address.size();
  if (network.size() != 2 * size) return false;
  for (std::size_t i = 0; i < size; ++i) {
    if (((address[i] ^ network[i]) & network[size + i]) != 0) return false;
  }
  return true;
}

// An IPv4 address written as an IPv6 one (RFC 4291, 2.5.5.2) reaches the same host.
bool address_excluded(std::string_view address, std::string_view network) {
  static constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  if (address_within(address, network)) return true;
  return address.starts_with(kMapped) && address_within(address.substr(kMapped.size()), network);
}

bool email_matches(std::string_view mailbox, std::string_view constraint, bool for_permission) {
  const std::size_t at = constraint.rfind('@');
  if (at == std::string_view::npos) return host_matches(mail_host(mailbox), constraint);
  // The local part is compared to the letter (RFC 5280, 7.5), the host without case. Most hosts do
  // not tell "Root" from "root", so that an exclusion means both.
  const std::size_t mailbox_at = mailbox.rfind('@');
  if (mailbox_at == std::string_view::npos) return false;
  const std::string_view local = mailbox.substr(0, mailbox_at);
  const std::string_view wanted = constraint.substr(0, at);
  return (for_permission ? local == wanted : equal_ascii_nocase(local, wanted)) &&
         equal_ascii_nocase(mail_host(mailbox), constraint.substr(at + 1));
}

// Whether every name that `dns` stands for is within `constraint`.
bool dns_permitted(std::string_view dns, std::string_view constraint) {
  if (constraint.empty()) return true;
  const bool wildcard = dns.starts_with("*.");
  if (wildcard) dns.remove_prefix(2);
  if (!constraint.starts_with('.')) return is_within(dns, constraint);
  constraint.remove_prefix(1);  // an old custom: what stands below it only
  return is_within(dns, constraint) && (wildcard || dns.size() > constraint.size());
}

// Whether any name that `dns` stands for is within `constraint`.
bool dns_excluded(std::string_view dns, std::string_view constraint) {
  if (constraint.starts_with('.')) constraint.remove_prefix(1);
  if (constraint.empty()) return true;
  if (!dns.starts_with("*.")) return is_within(dns, constraint);
  dns.remove_prefix(2);
  if (is_within(dns, constraint)) return true;
  // One label stands for the asterisk: "*.example.com" is "bar.example.com" too.
  const std::size_t dot = constraint.find('.');
  return dot != std::string_view::npos && equal_ascii_nocase(constraint.substr(dot + 1), dns);
}

// An empty constraint means every DNS name. For mailboxes and URIs no standard says what it means:
// it excludes all of them and permits none.
bool matches(const GeneralName& name, const GeneralName& constraint, bool for_permission) {
  switch (name.kind) {
    case NameKind::Dns:
      return for_permission ? dns_permitted(name.value, constraint.value)
                            : dns_excluded(name.value, constraint.value);
    case NameKind::Email:
      if (constraint.value.empty()) return !for_permission;
      return email_matches(name.value, constraint.value, for_permission);
    case NameKind::Uri:
      if (constraint.value.empty()) return !for_permission;
      return host_matches(uri_host(name.value), constraint.value);
    case NameKind::Address:
      return for_permission ? address_within(name.value, constraint.value)
                            : address_excluded(name.value, constraint.value);
    case NameKind::Directory:
      return name.directory->begins_with(*constraint.directory);
    default:
      return !for_permission;  // A form that nobody here can compare is refused.
  }
}

std::string shown(const GeneralName& name) {
  std::string text(name_kind_word(name.kind));
  if (name.kind == NameKind::Address) {
    return text + " " +
           to_hex(std::span(reinterpret_cast<const unsigned char*>(name.value.data()),
                            name.value.size()));
  }
  if (name.kind == NameKind::Directory) {
    return name.directory->common_names().empty()
               ? text
               : text + " of " + printable(name.directory->common_names().front());
  }
  return text + " " + printable(name.value);
}

bool is_contiguous_mask(std::string_view mask) {
  bool ended = false;
  for (const char c : mask) {
    for (unsigned bit = 0x80; bit != 0; bit >>= 1U) {
      const bool set = (static_cast<std::uint8_t>(c) & bit) != 0;
      if (set && ended) return false;
      ended = ended || !set;
    }
  }
  return true;
}

std::optional<std::string> host_constraint_complaint(std::string_view host) {
  if (host.empty()) return std::nullopt;
  return dns_complaint(host.starts_with('.') ? host.substr(1) : host, false);
}

// Whether a constraint is written as its kind wants it.
std::optional<std::string> syntax_complaint(const GeneralName& constraint) {
  const std::string_view value = constraint.value;
  switch (constraint.kind) {
    case NameKind::Dns:
      if (value.empty()) return std::nullopt;
      return host_constraint_complaint(value);
    case NameKind::Email:
      if (value.find('@') != std::string_view::npos) return email_complaint(value);
      return host_constraint_complaint(value);
    case NameKind::Uri:
      return host_constraint_complaint(value);
    case NameKind::Address:
      if (value.size() != 8 && value.size() != 32) return "an address constraint without a mask";
      if (!is_contiguous_mask(value.substr(value.size() / 2))) {
        return "an address constraint whose mask has gaps";
      }
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

// GeneralSubtrees' content; false: damaged.
bool parse_subtrees(std::string_view content, std::vector<GeneralName>& subtrees,
                    Problems& problems) {
  der::Reader reader(content);
  if (reader.at_end()) return false;
  while (!reader.at_end()) {
    const auto subtree = reader.next(der::kSequence);
    if (!subtree) return false;
    der::Reader fields(subtree->content);
    const auto base = fields.next();
    if (!base) return false;
    auto name = parse_general_name(*base);
    if (!name) return false;
    // minimum [0] is 0 by default, so DER never writes it; maximum [1] must be absent.
    if (!fields.at_end()) {
      problems.push_back({Rule::ConstraintsField, "a subtree with minimum or maximum"});
    }
    if (const auto complaint = syntax_complaint(*name)) {
      problems.push_back({Rule::ConstraintsField, *complaint});
    }
    if (name->kind == NameKind::Dns && name->value.starts_with('.')) {
      problems.push_back({Rule::ConstraintsDot, "a DNS constraint that begins with a dot"});
    }
    subtrees.push_back(std::move(*name));
  }
  return true;
}

}  // namespace

std::optional<NameConstraints> parse_name_constraints(std::string_view value, Problems& problems) {
  const auto damaged = [&problems](std::string found) {
    problems.push_back({Rule::ConstraintsField, std::move(found)});
    return std::nullopt;
  };
  const auto sequence = der::sole(value, der::kSequence);
  if (!sequence) return damaged("damaged name constraints");
  der::Reader reader(sequence->content);
  const auto permitted = reader.next(der::context_constructed(0));
  const auto excluded = reader.next(der::context_constructed(1));
  if (!reader.at_end()) return damaged("damaged name constraints");
  if (!permitted && !excluded) return damaged("empty name constraints");
  NameConstraints constraints;
  if (permitted && !parse_subtrees(permitted->content, constraints.permitted, problems)) {
    return damaged("damaged or empty permitted subtrees");
  }
  if (excluded && !parse_subtrees(excluded->content, constraints.excluded, problems)) {
    return damaged("damaged or empty excluded subtrees");
  }
  return constraints;
}

std::optional<std::string> constraint_complaint(const NameConstraints& constraints,
                                                const GeneralName& name, ComparisonBudget& budget) {
  const std::size_t cost = constraints.permitted.size() + constraints.excluded.size();
  if (cost > budget.left) {
    budget.left = 0;
    return "more names and constraints than the limit on comparisons";
  }
  budget.left -= static_cast<std::uint32_t>(cost);
  const auto same_kind = [&name](const GeneralName& other) { return other.kind == name.kind; };
  const bool constrained = std::ranges::any_of(constraints.permitted, same_kind) ||
                           std::ranges::any_of(constraints.excluded, same_kind);
  if (!constrained) return std::nullopt;
  if (name.kind == NameKind::Uri && dns_complaint(uri_host(name.value), false)) {
    return shown(name) + ", whose host is no DNS name, so that it cannot be judged";
  }
  const bool excluded = std::ranges::any_of(constraints.excluded, [&](const GeneralName& other) {
    return same_kind(other) && matches(name, other, false);
  });
  if (excluded) return shown(name) + ", which is in an excluded subtree";
  if (!std::ranges::any_of(constraints.permitted, same_kind)) {
    return std::nullopt;
  }
  const bool permitted = std::ranges::any_of(constraints.permitted, [&](const GeneralName& other) {
    return same_kind(other) && matches(name, other, true);
  });
  if (!permitted) return shown(name) + ", which is in no permitted subtree";
  return std::nullopt;
}

}  // namespace ipm::trust
