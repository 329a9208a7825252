#pragma once
// What `cert issue` and `tls setup` have in common: from a wish to a signed certificate and its
// key.

#include <chrono>
#include <string>
#include <vector>

#include "ipm/cert/identity.h"
#include "pki/profile.h"

namespace ipm::app {

struct IssueWish {
  pki::Role role = pki::Role::Server;
  pki::KeyKind key = pki::KeyKind::Rsa2048;
  std::chrono::days days = pki::kLeafValidity;
  std::string name;              // Empty: this machine's.
  pki::Names names;              // Empty, for this machine's server: its aliases and addresses.
  bool for_this_machine = true;  // Not to be carried elsewhere (--out).
  bool address_only = false;     // A server that has an address and no name.
};

struct Issued {
  pki::PrivateKey key;
  pki::Certificate certificate;

  // The authority is a root: peers have it as anchor, and nobody needs it in the chain.
  Identity identity() const { return {certificate, {}, &key}; }
};

// Each text may hold several names, typed or bare.
pki::Names parse_names(const std::vector<std::string>& texts);

// Fills in what was not given from this machine, and says what it found. A name that is found but
// that the authority may not certify is left out, and named; one that was given is never dropped.
void complete(const Context& context, const authority::Authority& authority, IssueWish& wish);

// Everything that can be refused is refused before the key is made.
Issued issue_identity(const Context& context, authority::Authority& authority,
                      const IssueWish& wish);

}  // namespace ipm::app
