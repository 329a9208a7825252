#pragma once
// The operating system's own stores of trusted CAs, to which `ipm trust install --system` adds a
// private CA: the one of the system (Debian, RHEL, SUSE, Arch, or whatever p11-kit serves), and the
// NSS databases of this user's browsers, which look at no other.

#include <string>
#include <vector>

#include "trust/anchors.h"

namespace ipm::app {

// Adds the anchor and returns what was done, a line each. Throws Error{NotFound…} where this system
// has no store that we know, and Error{FileUnwritable} without the rights.
std::vector<std::string> add_to_system(const trust::Anchor& anchor);

}  // namespace ipm::app
