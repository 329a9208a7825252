#pragma once
// The two files of etc/ipm that an authority of this machine feeds: its certificate among the
// anchors (ca-cert.pem, S5) and its revocation list (crl.pem).

#include <optional>
#include <string>

#include "ipm/context.h"
#include "pki/certificate.h"
#include "pki/crl.h"

namespace ipm::app {

// Puts the authority's certificate where clients and servers look for anchors. Anchors that are
// there stay, unless they are exactly the authority that this one replaces. Returns what happened,
// in words.
std::string install_anchor(const Context& context, const pki::Certificate& authority,
                           const std::optional<pki::Certificate>& replaced);

// Puts the list into crl.pem, in place of an older one of the same issuer; other issuers' lists
// stay.
void install_list(const Context& context, const pki::Crl& list);

}  // namespace ipm::app
