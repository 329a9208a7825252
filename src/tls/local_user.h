#pragma once
// Who is at the other end of a local socket, as the kernel tells.

#include "os/user.h"

namespace ipm::tls {

using os::find_local_user;
using os::LocalUser;

}  // namespace ipm::tls
