#pragma once
// Who is at the other end of a local socket, as the kernel tells (SO_PEERCRED, getpeereid).

#include <optional>
#include <string>

namespace ipm::tls {

struct LocalUser {
  unsigned uid;
  unsigned gid;
  std::string name;  // of the user database; the number where it has none
};

// Nothing when `descriptor` is not a connected local socket, or the system cannot tell.
std::optional<LocalUser> find_local_user(int descriptor);

}  // namespace ipm::tls
