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
#include "tls/lists_in_force.h"

namespace ipm::app {

// Puts the authority's certificate where clients and servers look for anchors, beside those that
// are there; but if they are exactly the authority that this one replaces, in its place. Returns
// what happened, in words.
std::string install_anchor(const Context& context, const pki::Certificate& authority,
                           const std::optional<pki::Certificate>& replaced);

// The lists of a file, and those that it withdraws; nothing where it is not there. Throws
// Error{CrlUnusable} for one that holds none; with --force it is to be replaced, and holds nothing.
tls::FoundLists lists_in(const Context& context, const std::filesystem::path& file);

// The lists that are installed here: those of the files that server and clients read, and the
// authority's own newest. Throws as lists_in().
std::vector<authority::SignedList> installed_lists(const Context& context,
                                                   const authority::Authority& authority);

// What the server of this machine remembers to be in force, though no file may have it any more. A
// damaged memory holds nothing, and is told on standard error. Throws Error{FileUnreadable}.
std::vector<authority::SignedList> remembered_lists(const Context& context);

// Both: what a list that the authority signs must not fall behind.
std::vector<authority::SignedList> earlier_lists(const Context& context,
                                                 const authority::Authority& authority);

// Puts an authority's newest list, from its own file, where server and clients read lists, in place of
// an older one of the same key; all others stay. The files written. Of commands that run at once the
// last one to come here finds what all of them have revoked.
std::vector<std::filesystem::path> install_list(const Context& context,
                                                const authority::Authority& authority);

}  // namespace ipm::app
