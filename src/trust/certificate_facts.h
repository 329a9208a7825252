#pragma once
// What path validation needs to know of one certificate, read from its DER once, with every rule of
// its own form that it breaks. What depends on its place in a chain is judged elsewhere.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "pki/certificate.h"
#include "trust/algorithms.h"
#include "trust/distinguished_name.h"
#include "trust/general_names.h"
#include "trust/name_constraints.h"
#include "trust/path_rules.h"

namespace ipm::trust {

struct KeyPurposes {
  bool server = false;
  bool client = false;
  bool any = false;
  bool others = false;
};

struct IssuerReference {  // the authority key identifier
  std::optional<std::string_view> key_id;
  std::vector<GeneralName> names;
  std::optional<std::string_view> serial;
};

struct PolicyMapping {
  std::string_view issuer_domain;
  std::string_view subject_domain;
};

// Views point into the certificate's DER, which the certificate inside keeps alive.
struct CertificateFacts {
  explicit CertificateFacts(pki::Certificate of) : certificate(std::move(of)) {}

  pki::Certificate certificate;
  DistinguishedName issuer;
  DistinguishedName subject;
  std::string_view serial;           // content of the INTEGER
  std::string_view serial_encoding;  // tag, length and content
  std::string_view key;              // SubjectPublicKeyInfo
  KeyType key_type = KeyType::Unknown;
  TimePoint not_before;
  TimePoint not_after;
  bool self_issued = false;

  bool has_basic_constraints = false;
  bool basic_constraints_critical = false;
  bool is_authority = false;
  std::optional<long> path_length;
  std::optional<std::uint16_t> key_usage;  // pki::KeyUsageBit
  std::optional<KeyPurposes> purposes;
  bool purposes_critical = false;
  std::optional<std::string_view> subject_key_id;
  std::optional<IssuerReference> issuer_reference;
  bool has_alternative_names = false;
  bool alternative_names_critical = false;
  std::vector<GeneralName> alternative_names;
  bool has_name_constraints = false;
  std::optional<NameConstraints> name_constraints;
  std::optional<std::vector<std::string_view>> policies;  // OIDs
  std::vector<PolicyMapping> policy_mappings;
  std::optional<long> require_explicit_policy;
  std::optional<long> inhibit_policy_mapping;
  std::optional<long> inhibit_any_policy;
  std::string_view distribution_points;  // the extension's value; empty when absent

  Problems problems;
};

// Always gives facts. Where the certificate cannot be read its only problem is Encoding, and the
// facts say nothing else.
CertificateFacts read_facts(const pki::Certificate& certificate);

}  // namespace ipm::trust
