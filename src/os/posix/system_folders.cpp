#include "os/system_folders.h"

namespace ipm::os {

// The Filesystem Hierarchy Standard 3.0.
SystemFolders system_folders() {
  return {"/etc/ipm", "/var/lib/ipm", "/var/log/ipm", "/run/ipm"};
}

}  // namespace ipm::os
