#include "trust/certificate_judge.h"

#include <algorithm>

namespace ipm::trust {
namespace {

void judge_key_usage(const CertificateFacts& certificate, Problems& problems) {
  if (!certificate.key_usage) return;
  const unsigned usage = *certificate.key_usage;
  if (usage == 0) problems.push_back({Rule::KeyUsage, "a key usage without any use"});
  unsigned senseless = 0;
  if (certificate.key_type == KeyType::EllipticCurve) {
    senseless = usage & (pki::kKeyEncipherment | pki::kDataEncipherment);
  } else if (certificate.key_type == KeyType::Edwards) {
    senseless = usage & (pki::kKeyEncipherment | pki::kDataEncipherment | pki::kKeyAgreement |
                         pki::kEncipherOnly | pki::kDecipherOnly);
  }
  if (senseless != 0) {
    problems.push_back(
        {Rule::KeyUsageOfKey, pki::key_usage_text(static_cast<std::uint16_t>(senseless)) +
                                  " with a key that can only sign and agree"});
  }
}

void judge_path_length_field(const CertificateFacts& certificate, Problems& problems) {
  if (!certificate.path_length) return;
  if (!certificate.is_authority) {
    problems.push_back({Rule::PathLengthField, "a path length without CA:TRUE"});
  } else if (!certificate.key_usage) {
    problems.push_back({Rule::PathLengthKeyUsage, "a path length without a key usage"});
  } else if ((*certificate.key_usage & pki::kKeyCertSign) == 0) {
    problems.push_back({Rule::PathLengthField, "a path length without keyCertSign"});
  }
}

void judge_issuer_key_id(const CertificateFacts& certificate, Problems& problems) {
  if (!certificate.issuer_reference || !certificate.issuer_reference->key_id) {
    problems.push_back({Rule::AuthorityKeyId, "no authority key identifier"});
  }
}

void judge_root(const CertificateFacts& root, Problems& problems) {
  if (root.purposes) problems.push_back({Rule::RootUse, "a root with Extended Key Usage"});
  if (!root.issuer_reference) return;
  const IssuerReference& reference = *root.issuer_reference;
  if (!reference.key_id) {
    problems.push_back(
        {Rule::RootAuthorityKeyId, "an authority key identifier without a key identifier"});
  } else if (reference.key_id != root.subject_key_id) {
    problems.push_back({Rule::RootAuthorityKeyId, "another authority key identifier than its own"});
  }
  if (!reference.names.empty() || reference.serial) {
    problems.push_back({Rule::RootAuthorityKeyId,
                        "an authority key identifier with an issuer or a serial number"});
  }
}

void judge_purpose(const CertificateFacts& leaf, Purpose purpose, Problems& problems) {
  const bool server = purpose == Purpose::Server;
  const Rule rule = server ? Rule::ServerUse : Rule::ClientUse;
  if (!leaf.purposes) {
    problems.push_back({rule, "no Extended Key Usage"});
    return;
  }
  const KeyPurposes& purposes = *leaf.purposes;
  if (purposes.any) {
    problems.push_back({rule, "Extended Key Usage any"});
  } else if (!(server ? purposes.server : purposes.client)) {
    problems.push_back({Rule::ExtendedKeyUsage, server ? "Extended Key Usage without serverAuth"
                                                       : "Extended Key Usage without clientAuth"});
  }
  if (server && purposes.others) {
    problems.push_back({Rule::MixedUse, "Extended Key Usage with purposes other than TLS"});
  }
  if (server && leaf.purposes_critical) {
    problems.push_back({Rule::MixedUse, "a critical Extended Key Usage"});
  }
}

void remove_rules(Problems& problems, RuleSet rules) {
  std::erase_if(problems, [rules](const Problem& problem) { return rules.has(problem.rule); });
}

}  // namespace

Problems judge_leaf(const CertificateFacts& leaf, Purpose purpose, RuleSet rules) {
  Problems problems = leaf.problems;
  if (problems.size() == 1 && problems.front().rule == Rule::Encoding) return problems;
  if (leaf.is_authority) problems.push_back({Rule::LeafIsAuthority, "the certificate of a CA"});
  judge_path_length_field(leaf, problems);
  judge_key_usage(leaf, problems);
  if (leaf.key_usage && *leaf.key_usage != 0) {
    if ((*leaf.key_usage & pki::kKeyCertSign) != 0 && !leaf.is_authority) {
      problems.push_back({Rule::KeyUsage, "keyCertSign without CA:TRUE"});
    }
    if ((*leaf.key_usage & pki::kDigitalSignature) == 0) {
      problems.push_back(
          {Rule::KeyUsage, pki::key_usage_text(*leaf.key_usage) + " without digitalSignature"});
    }
  }
  judge_purpose(leaf, purpose, problems);
  judge_issuer_key_id(leaf, problems);
  if (leaf.has_name_constraints) {
    problems.push_back({Rule::ConstraintsField, "name constraints in a leaf"});
  }
  if (leaf.subject.empty() && !(leaf.has_alternative_names && leaf.alternative_names_critical)) {
    problems.push_back({Rule::NameMissing, "an empty subject without critical alternative names"});
  }
  if (!leaf.subject.empty() && leaf.alternative_names_critical) {
    problems.push_back({Rule::NamesCritical, "critical alternative names beside a subject"});
  }
  if (purpose == Purpose::Server && rules.has(Rule::CommonName)) {
    if (auto complaint = common_name_complaint(leaf)) {
      problems.push_back({Rule::CommonName, std::move(*complaint)});
    }
  }
  return problems;
}

// An anchor is a name and a key (RFC 5280, 6.1.1 d): nothing hangs on how its certificate was
// signed, numbered or dated. Several roots that the world relies on have the serial number 0.
constexpr RuleSet kNotOfAnchors{Rule::SignatureAlgorithm, Rule::WeakDigest, Rule::SerialNumber,
                                Rule::TimeType};

Problems judge_authority(const CertificateFacts& authority, bool anchor) {
  Problems problems = authority.problems;
  if (problems.size() == 1 && problems.front().rule == Rule::Encoding) return problems;
  if (anchor) remove_rules(problems, kNotOfAnchors);
  if (authority.subject.empty()) problems.push_back({Rule::Subject, "a CA without a name"});
  if (!authority.has_basic_constraints) {
    problems.push_back({Rule::BasicConstraints, "no basicConstraints"});
  } else if (!authority.is_authority) {
    problems.push_back({Rule::BasicConstraints, "basicConstraints with CA:FALSE"});
  } else if (!authority.basic_constraints_critical) {
    problems.push_back({Rule::BasicConstraintsCritical, "basicConstraints not marked critical"});
  }
  judge_path_length_field(authority, problems);
  judge_key_usage(authority, problems);
  if (authority.key_usage && (*authority.key_usage & pki::kKeyCertSign) == 0) {
    problems.push_back({Rule::KeyUsage, "a CA whose key usage lacks keyCertSign"});
  }
  if (!authority.subject_key_id) {
    problems.push_back({Rule::SubjectKeyId, "no subject key identifier"});
  }
  if (anchor && authority.self_issued) {
    judge_root(authority, problems);
  } else {
    judge_issuer_key_id(authority, problems);
  }
  return problems;
}

void judge_uses_of_authority(const CertificateFacts& authority, Problems& problems) {
  // anyExtendedKeyUsage alone is that of a cross-certificate, which restricts nothing.
  if (authority.purposes && authority.purposes->server &&
      (authority.purposes->any || authority.purposes->others)) {
    problems.push_back({Rule::MixedUse, "a CA for servers and for purposes other than TLS"});
  }
}

void judge_time(const CertificateFacts& certificate, TimePoint now, Problems& problems) {
  if (certificate.not_before > certificate.not_after) return;  // said already: ValidityEncoding
  if (now < certificate.not_before) {
    problems.push_back(
        {Rule::NotYetValid, "valid from " + to_rfc3339(certificate.not_before) + " on"});
  }
  if (now > certificate.not_after) {
    problems.push_back({Rule::Expired, "expired since " + to_rfc3339(certificate.not_after)});
  }
}

}  // namespace ipm::trust
