#pragma once
// What this computer is called on the network, and its addresses: the one place of the client that
// asks the operating system (S19).

#include <string>
#include <vector>

#include "pki/names.h"

namespace ipm::app {

struct Machine {
  pki::DnsName name;  // its full DNS name, as good as it can be found
  pki::Names names;   // that name, aliases, addresses; at the end localhost and the loopbacks
  std::vector<std::string> remarks;  // what a person should know about how they were found
};

// The full name is the resolver's canonical one. A computer without a domain is called NAME.local,
// under which its neighbours find it (RFC 6762). Link-local addresses are left out: they mean
// something on one link alone. localhost, 127.0.0.1 and ::1 are added at the end: whoever works on
// the computer itself calls it so, and no other computer answers to them.
// Throws Error{NameInvalid} when the computer's name is not one that a certificate may carry.
Machine find_machine();

}  // namespace ipm::app
