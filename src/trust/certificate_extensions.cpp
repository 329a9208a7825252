#include "trust/certificate_extensions.h"

#include <algorithm>
#include <array>
#include <utility>

#include "trust/der.h"

namespace ipm::trust {
namespace {

constexpr std::size_t kExtensionsMax = 64;
constexpr std::size_t kPoliciesMax = 256;

// One extension's value into the facts; false: damaged.
using Reading = bool (*)(const RawExtension&, CertificateFacts&);

bool read_subject_key_id(const RawExtension& extension, CertificateFacts& facts) {
  const auto octets = der::sole(extension.value, der::kOctetString);
  if (!octets || octets->content.empty()) return false;
  facts.subject_key_id = octets->content;
  return true;
}

bool read_key_usage(const RawExtension& extension, CertificateFacts& facts) {
  const auto element = der::sole(extension.value, der::kBitString);
  const auto bits = element ? der::bit_string(element->content) : std::nullopt;
  if (!bits || bits->bytes.size() > 2) return false;
  unsigned usage = 0;
  for (unsigned i = 0; i < bits->bytes.size() * 8; ++i) {
    const unsigned byte = static_cast<std::uint8_t>(bits->bytes[i / 8]);
    if ((byte & (0x80U >> (i % 8U))) != 0) usage |= 1U << i;
  }
  if (usage > 0x1ffU) return false;
  facts.key_usage = static_cast<std::uint16_t>(usage);
  return true;
}

bool read_basic_constraints(const RawExtension& extension, CertificateFacts& facts) {
  const auto sequence = der::sole(extension.value, der::kSequence);
  if (!sequence) return false;
  der::Reader reader(sequence->content);
  if (reader.next_is(der::kBoolean)) {
    const auto element = reader.next();
    const auto value = element ? der::boolean(element->content) : std::nullopt;
    if (!value) return false;
    facts.is_authority = *value;
  }
  if (reader.next_is(der::kInteger)) {
    const auto element = reader.next();
    facts.path_length = element ? der::small_integer(element->content) : std::nullopt;
    if (!facts.path_length) return false;
  }
  facts.has_basic_constraints = true;
  facts.basic_constraints_critical = extension.critical;
  return reader.at_end();
}

bool read_extended_key_usage(const RawExtension& extension, CertificateFacts& facts) {
  const auto sequence = der::sole(extension.value, der::kSequence);
  if (!sequence || sequence->content.empty()) return false;
  KeyPurposes purposes;
  der::Reader reader(sequence->content);
  while (!reader.at_end()) {
    const auto purpose = reader.next(der::kObjectIdentifier);
    if (!purpose || purpose->content.empty()) return false;
    if (purpose->content == oid::kServerUse) {
      purposes.server = true;
    } else if (purpose->content == oid::kClientUse) {
      purposes.client = true;
    } else if (purpose->content == oid::kAnyUse) {
      purposes.any = true;
    } else {
      purposes.others = true;
    }
  }
  facts.purposes = purposes;
  facts.purposes_critical = extension.critical;
  return true;
}

bool read_alternative_names(const RawExtension& extension, CertificateFacts& facts) {
  facts.has_alternative_names = true;
  facts.alternative_names_critical = extension.critical;
  const auto sequence = der::sole(extension.value, der::kSequence);
  if (!sequence || sequence->content.empty()) return false;
  auto names = parse_general_names(sequence->content);
  if (!names) return false;
  facts.alternative_names = std::move(*names);
  for (const GeneralName& name : facts.alternative_names) {
    if (const auto complaint = name_complaint(name)) {
      facts.problems.push_back(
          {Rule::AlternativeNames, std::string(name_kind_word(name.kind)) + ": " + *complaint});
    }
  }
  return true;
}

bool read_issuer_alternative_names(const RawExtension& extension, CertificateFacts&) {
  const auto sequence = der::sole(extension.value, der::kSequence);
  return sequence && !sequence->content.empty() && parse_general_names(sequence->content);
}

bool read_constraints(const RawExtension& extension, CertificateFacts& facts) {
  facts.has_name_constraints = true;
  facts.name_constraints = parse_name_constraints(extension.value, facts.problems);
  return true;
}

bool read_policies(const RawExtension& extension, CertificateFacts& facts) {
  const auto sequence = der::sole(extension.value, der::kSequence);
  if (!sequence || sequence->content.empty()) return false;
  std::vector<std::string_view> policies;
  der::Reader reader(sequence->content);
  while (!reader.at_end()) {
    const auto information = reader.next(der::kSequence);
    if (!information || policies.size() == kPoliciesMax) return false;
    der::Reader fields(information->content);
    const auto policy = fields.next(der::kObjectIdentifier);
    if (!policy || policy->content.empty()) return false;
    if (!fields.at_end()) {
      const auto qualifiers = fields.next(der::kSequence);
      if (!qualifiers || qualifiers->content.empty() || !fields.at_end()) return false;
    }
    policies.push_back(policy->content);
  }
  std::ranges::sort(policies);
  if (std::ranges::adjacent_find(policies) != policies.end()) {
    facts.problems.push_back({Rule::PolicyExtension, "a certificate policy twice"});
  }
  facts.policies = std::move(policies);
  return true;
}

bool read_policy_mappings(const RawExtension& extension, CertificateFacts& facts) {
  const auto sequence = der::sole(extension.value, der::kSequence);
  if (!sequence || sequence->content.empty()) return false;
  der::Reader reader(sequence->content);
  while (!reader.at_end()) {
    const auto mapping = reader.next(der::kSequence);
    if (!mapping || facts.policy_mappings.size() == kPoliciesMax) return false;
    der::Reader fields(mapping->content);
    const auto from = fields.next(der::kObjectIdentifier);
    const auto to = fields.next(der::kObjectIdentifier);
    if (!from || !to || !fields.at_end()) return false;
    if (from->content == oid::kAnyPolicy || to->content == oid::kAnyPolicy) {
      facts.problems.push_back({Rule::PolicyExtension, "a mapping of anyPolicy"});
    }
    facts.policy_mappings.push_back({from->content, to->content});
  }
  return true;
}

bool read_policy_constraints(const RawExtension& extension, CertificateFacts& facts) {
  const auto sequence = der::sole(extension.value, der::kSequence);
  if (!sequence || sequence->content.empty()) return false;
  der::Reader reader(sequence->content);
  const std::array targets{&facts.require_explicit_policy, &facts.inhibit_policy_mapping};
  for (unsigned number = 0; number < 2; ++number) {
    if (!reader.next_is(der::context(number))) continue;
    const auto element = reader.next();
    *targets[number] = element ? der::small_integer(element->content) : std::nullopt;
    if (!*targets[number]) return false;
  }
  return reader.at_end();
}

bool read_inhibit_any_policy(const RawExtension& extension, CertificateFacts& facts) {
  const auto element = der::sole(extension.value, der::kInteger);
  facts.inhibit_any_policy = element ? der::small_integer(element->content) : std::nullopt;
  return facts.inhibit_any_policy.has_value();
}

bool read_authority_key_id(const RawExtension& extension, CertificateFacts& facts) {
  facts.issuer_reference = parse_issuer_reference(extension.value);
  return facts.issuer_reference.has_value();
}

// SEQUENCE OF AccessDescription: a method and a place each (RFC 5280, 4.2.2.1).
bool read_access(const RawExtension& extension, CertificateFacts&) {
  const auto sequence = der::sole(extension.value, der::kSequence);
  if (!sequence || sequence->content.empty()) return false;
  der::Reader reader(sequence->content);
  while (!reader.at_end()) {
    const auto description = reader.next(der::kSequence);
    if (!description) return false;
    der::Reader fields(description->content);
    const auto method = fields.next(der::kObjectIdentifier);
    const auto place = fields.next();
    if (!method || !place || !fields.at_end() || !parse_general_name(*place)) return false;
  }
  return true;
}

bool are_names(std::string_view content) {
  const auto names = parse_general_names(content);
  return names && !names->empty();
}

// DistributionPoint: where the list is, its reasons, who signs it; the first or the last must be
// there (RFC 5280, 4.2.1.13).
bool is_distribution_point(std::string_view content) {
  der::Reader fields(content);
  const auto place = fields.next(der::context_constructed(0));
  const auto reasons = fields.next(der::context(1));
  const auto signer = fields.next(der::context_constructed(2));
  if (!fields.at_end() || (!place && !signer)) return false;
  if (place) {
    const auto names = der::sole(place->content, der::context_constructed(0));
    const auto relative = der::sole(place->content, der::context_constructed(1));
    if (!(names && are_names(names->content)) && !(relative && !relative->content.empty())) {
      return false;
    }
  }
  if (reasons && !der::bit_string(reasons->content)) return false;
  return !signer || are_names(signer->content);
}

bool read_distribution_points(const RawExtension& extension, CertificateFacts& facts) {
  const auto sequence = der::sole(extension.value, der::kSequence);
  if (!sequence || sequence->content.empty()) return false;
  der::Reader reader(sequence->content);
  while (!reader.at_end()) {
    const auto point = reader.next(der::kSequence);
    if (!point || !is_distribution_point(point->content)) return false;
  }
  facts.distribution_points = extension.value;
  return true;
}

bool read_freshest_crl(const RawExtension& extension, CertificateFacts&) {
  const auto sequence = der::sole(extension.value, der::kSequence);
  return sequence && !sequence->content.empty();
}

enum class Marking : std::uint8_t { Either, Never, Must };

struct ExtensionRow {
  std::string_view oid;
  std::string_view name;
  Marking critical;
  bool understood;  // may be critical: its meaning is applied
  Reading read;
};
constexpr std::array kKnown{
    ExtensionRow{oid::kSubjectKeyId, "subjectKeyIdentifier", Marking::Never, true,
                 read_subject_key_id},
    ExtensionRow{oid::kKeyUsage, "keyUsage", Marking::Either, true, read_key_usage},
    ExtensionRow{oid::kAlternativeNames, "subjectAltName", Marking::Either, true,
                 read_alternative_names},
    ExtensionRow{oid::kIssuerAlternativeNames, "issuerAltName", Marking::Either, false,
                 read_issuer_alternative_names},
    ExtensionRow{oid::kBasicConstraints, "basicConstraints", Marking::Either, true,
                 read_basic_constraints},
    ExtensionRow{oid::kNameConstraints, "nameConstraints", Marking::Must, true, read_constraints},
    ExtensionRow{oid::kDistributionPoints, "cRLDistributionPoints", Marking::Either, true,
                 read_distribution_points},
    ExtensionRow{oid::kPolicies, "certificatePolicies", Marking::Either, true, read_policies},
    ExtensionRow{oid::kPolicyMappings, "policyMappings", Marking::Either, true,
                 read_policy_mappings},
    ExtensionRow{oid::kAuthorityKeyId, "authorityKeyIdentifier", Marking::Never, true,
                 read_authority_key_id},
    ExtensionRow{oid::kPolicyConstraints, "policyConstraints", Marking::Must, true,
                 read_policy_constraints},
    ExtensionRow{oid::kExtendedKeyUsage, "extendedKeyUsage", Marking::Either, true,
                 read_extended_key_usage},
    ExtensionRow{oid::kFreshestCrl, "freshestCRL", Marking::Never, true, read_freshest_crl},
    ExtensionRow{oid::kInhibitAnyPolicy, "inhibitAnyPolicy", Marking::Must, true,
                 read_inhibit_any_policy},
    ExtensionRow{oid::kAuthorityAccess, "authorityInfoAccess", Marking::Never, true, read_access},
    ExtensionRow{oid::kSubjectAccess, "subjectInfoAccess", Marking::Never, true, read_access},
};

void judge_extension(const RawExtension& extension, CertificateFacts& facts) {
  const auto complain = [&facts](Rule rule, std::string found) {
    facts.problems.push_back({rule, std::move(found)});
  };
  const auto* known = std::ranges::find(kKnown, extension.oid, &ExtensionRow::oid);
  if (known == kKnown.end() || (extension.critical && !known->understood)) {
    if (extension.critical) {
      complain(Rule::UnknownCritical, "the critical extension " + der::dotted(extension.oid));
    }
    if (known == kKnown.end()) return;
  }
  const std::string name(known->name);
  if (known->critical == Marking::Never && extension.critical) {
    complain(Rule::Criticality, name + " marked critical");
  }
  if (known->critical == Marking::Must && !extension.critical) {
    complain(Rule::Criticality, name + " not marked critical");
  }
  if (!known->read(extension, facts)) {
    complain(Rule::ExtensionMalformed, "a malformed " + name);
  }
}

}  // namespace

std::optional<RawExtension> read_extension(der::Reader& extensions) {
  const auto sequence = extensions.next(der::kSequence);
  if (!sequence) return std::nullopt;
  der::Reader fields(sequence->content);
  const auto type = fields.next(der::kObjectIdentifier);
  if (!type || type->content.empty()) return std::nullopt;
  RawExtension extension{type->content, false, {}};
  if (fields.next_is(der::kBoolean)) {
    // DER never writes the default FALSE; devices do, and nothing hangs on it.
    const auto element = fields.next();
    const auto critical = element ? der::boolean(element->content) : std::nullopt;
    if (!critical) return std::nullopt;
    extension.critical = *critical;
  }
  const auto value = fields.next(der::kOctetString);
  if (!value || !fields.at_end()) return std::nullopt;
  extension.value = value->content;
  return extension;
}

std::optional<IssuerReference> parse_issuer_reference(std::string_view value) {
  const auto sequence = der::sole(value, der::kSequence);
  if (!sequence) return std::nullopt;
  IssuerReference reference;
  der::Reader reader(sequence->content);
  if (reader.next_is(der::context(0))) {
    const auto element = reader.next();
    if (!element || element->content.empty()) return std::nullopt;
    reference.key_id = element->content;
  }
  if (reader.next_is(der::context_constructed(1))) {
    const auto element = reader.next();
    auto names = element ? parse_general_names(element->content) : std::nullopt;
    if (!names || names->empty()) return std::nullopt;
    reference.names = std::move(*names);
  }
  if (reader.next_is(der::context(2))) {
    const auto element = reader.next();
    if (!element || !der::is_minimal_integer(element->content)) return std::nullopt;
    reference.serial = element->content;
  }
  if (!reader.at_end()) return std::nullopt;
  return reference;
}

bool read_extensions(std::string_view bytes, CertificateFacts& facts) {
  const auto sequence = der::sole(bytes, der::kSequence);
  if (!sequence || sequence->content.empty()) return false;
  std::vector<std::string_view> seen;
  der::Reader reader(sequence->content);
  while (!reader.at_end()) {
    const auto extension = read_extension(reader);
    if (!extension || seen.size() == kExtensionsMax) return false;
    if (std::ranges::find(seen, extension->oid) != seen.end()) {
      facts.problems.push_back(
          {Rule::ExtensionTwice, "the extension " + der::dotted(extension->oid) + " twice"});
      continue;
    }
    seen.push_back(extension->oid);
    judge_extension(*extension, facts);
  }
  return true;
}

}  // namespace ipm::trust
