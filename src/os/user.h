#pragma once
// Users of this machine, by number and name, and who is at the other end of a local socket.

#include <cstdint>
#include <optional>
#include <string>

#include "os/socket.h"

namespace ipm::os {

std::uint32_t own_user();  // 0: root
// As the user database calls it; nothing where it does not know the number.
std::optional<std::string> find_user_name(std::uint32_t user);

struct LocalUser {
  std::uint32_t uid;
  std::uint32_t gid;
  std::string name;  // of the user database; the number where it has none
};

// As the kernel tells. Nothing when it is not a connected local socket, or the system cannot tell.
std::optional<LocalUser> find_local_user(NativeSocket socket);

}  // namespace ipm::os
