#pragma once
// Certificate policies along a chain (RFC 5280, 6.1, and RFC 9618, which bounds their cost), for a
// user who accepts any policy: what is refused is a chain without a policy where one is required.

#include <optional>
#include <span>
#include <string>

#include "trust/certificate_facts.h"

namespace ipm::trust {

// `chain` begins with the leaf and ends with the anchor, whose own policies do not count (6.1.1 d).
std::optional<std::string> policy_complaint(std::span<const CertificateFacts* const> chain);

}  // namespace ipm::trust
