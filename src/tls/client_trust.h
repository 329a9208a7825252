#pragma once
// S18: who may vouch for clients. A publicly trusted CA issues to anybody, so mutual authentication
// against one lets anybody in.

#include <vector>

#include "tls/generation.h"
#include "tls/notice.h"
#include "trust/verifier.h"

namespace ipm::tls {

// Throws Error{PublicClientTrustRefused} where a public CA would vouch for clients, or where
// nothing but public CAs could; unless the policy allows it by name: then they vouch, and a notice
// says so at each load. Public roots that stand beside a private CA and vouch for servers alone are
// fine.
void judge_client_trust(std::vector<trust::Anchor>& anchors, const GenerationSources& sources,
                        Notices& notices);

}  // namespace ipm::tls
