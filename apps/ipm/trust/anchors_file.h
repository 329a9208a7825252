#pragma once
// The files that an authority of this machine feeds: its certificate among the anchors (ca-cert.pem,
// S5) and its revocation list (crl.pem), or where the configuration has them instead.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "authority/authority.h"
#include "ipm/common/context.h"
#include "pki/certificate.h"

namespace ipm::app {

// Puts the authority's certificate where clients and servers look for anchors, beside those that
// are there; but if they are exactly the authority that this one replaces, in its place. Returns
// what happened, in words.
std::string install_anchor(const Context& context, const pki::Certificate& authority,
                           const std::optional<pki::Certificate>& replaced);

// The lists that are in force here: those of the files that server and clients read, and the
// authority's own newest. Throws Error{CrlUnusable} for a file that holds none, unless --force was
// given.
std::vector<authority::SignedList> installed_lists(const Context& context,
                                                   const authority::Authority& authority);

// Puts an authority's newest list, from its own file, where server and clients read lists, in place of
// an older one of the same key; all others stay. The files written. Of commands that run at once the
// last one to come here finds what all of them have revoked.
std::vector<std::filesystem::path> install_list(const Context& context,
                                                const authority::Authority& authority);

}  // namespace ipm::app
