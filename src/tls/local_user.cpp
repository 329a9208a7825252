#include "tls/local_user.h"

#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace ipm::tls {
namespace {

std::string user_name(uid_t uid) {
  std::array<char, 4096> buffer;
  struct passwd entry{};
  struct passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
    return entry.pw_name;
  }
  return std::to_string(uid);
}

}  // namespace

std::optional<LocalUser> find_local_user(int descriptor) {
  struct sockaddr_storage address{};
  socklen_t size = sizeof address;
  struct sockaddr* const out = static_cast<struct sockaddr*>(static_cast<void*>(&address));
  if (::getsockname(descriptor, out, &size) != 0 || address.ss_family != AF_UNIX) return {};
#ifdef SO_PEERCRED
  struct ucred peer{};
  size = sizeof peer;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return {};
  const uid_t uid = peer.uid;
  const gid_t gid = peer.gid;
#else
  uid_t uid = 0;
  gid_t gid = 0;
  if (::getpeereid(descriptor, &uid, &gid) != 0) return {};
#endif
  return LocalUser{uid, gid, user_name(uid)};
}

}  // namespace ipm::tls
