#pragma once
// What a certificate must hold for its place in a chain, whatever the chain.

#include "trust/certificate_facts.h"
#include "trust/leaf_names.h"

namespace ipm::trust {

// `rules` are those that can apply; costly ones that cannot are not looked at.
Problems judge_leaf(const CertificateFacts& leaf, Purpose purpose, RuleSet rules);

// `anchor`: its own signature proves nothing, and its authority key identifier may be absent.
Problems judge_authority(const CertificateFacts& authority, bool anchor);

// What an issuer may be for besides TLS, where it issues a server's certificate.
void judge_uses_of_authority(const CertificateFacts& authority, Problems& problems);

// Validity at `now`, both ends included.
void judge_time(const CertificateFacts& certificate, TimePoint now, Problems& problems);

}  // namespace ipm::trust
