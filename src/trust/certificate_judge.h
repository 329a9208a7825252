#pragma once
// What a certificate must hold for its place in a chain, whatever the chain.

#include "trust/certificate_facts.h"
#include "trust/leaf_names.h"

namespace ipm::trust {

// `rules` are those that can apply; costly ones that cannot are not looked at.
Problems judge_leaf(const CertificateFacts& leaf, Purpose purpose, RuleSet rules);

// `anchor`: its own signature proves nothing, and its authority key identifier may be absent.
Problems judge_authority(const CertificateFacts& authority, bool anchor);

// Validity at `now`, both ends included.
void judge_time(const CertificateFacts& certificate, TimePoint now, Problems& problems);

}  // namespace ipm::trust
