#pragma once
// The two files of etc/ipm that an authority of this machine feeds: its certificate among the
// anchors (ca-cert.pem, S5) and its revocation list (crl.pem).

#include <filesystem>
#include <optional>
#include <string>

#include "ipm/common/context.h"
#include "pki/certificate.h"

namespace ipm::app {

// Puts the authority's certificate where clients and servers look for anchors, beside those that
// are there; but if they are exactly the authority that this one replaces, in its place. Returns
// what happened, in words.
std::string install_anchor(const Context& context, const pki::Certificate& authority,
                           const std::optional<pki::Certificate>& replaced);

// Puts an authority's newest list, from its own file, into crl.pem, in place of an older one of the
// same issuer; other issuers' lists stay. Of commands that run at once the last one to come here
// finds what all of them have revoked.
void install_list(const Context& context, const std::filesystem::path& newest);

}  // namespace ipm::app
