// Who is at the other end of a local socket: SO_PEERCRED, unix(7).
#include <sys/socket.h>

#include "os/user.h"

namespace ipm::os {

std::optional<LocalUser> find_local_user(NativeSocket socket) {
  const int descriptor = static_cast<int>(socket);
  struct sockaddr_storage address{};
  socklen_t size = sizeof address;
  struct sockaddr* const out = static_cast<struct sockaddr*>(static_cast<void*>(&address));
  if (::getsockname(descriptor, out, &size) != 0 || address.ss_family != AF_UNIX) return {};
  struct ucred peer{};
  size = sizeof peer;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return {};
  if (peer.pid == 0) return {};  // Not connected.
  return LocalUser{peer.uid, peer.gid, find_user_name(peer.uid).value_or(std::to_string(peer.uid))};
}

}  // namespace ipm::os
