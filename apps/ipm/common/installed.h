#pragma once
// Where the server and the clients of this machine look for their files: as ipmd.toml and ipm.toml
// say, links resolved, so that what a command installs is what they read.

#include <filesystem>
#include <vector>

#include "ipm/common/context.h"

namespace ipm::app {

struct IdentityFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

struct InstalledFiles {
  IdentityFiles server;
  IdentityFiles dial;  // the server's own to dial with; the same as `server` by default
  IdentityFiles client;
  // Each file once.
  std::vector<std::filesystem::path> anchors;  // that vouch for servers, and where there is no
                                               // other file, for clients
  std::vector<std::filesystem::path> client_anchors;  // that vouch for clients
  std::vector<std::filesystem::path> lists;
};

// Where writing to `path` must go so that a link to it stays one.
std::filesystem::path target_of(const std::filesystem::path& path);

// Throws Error{ConfigurationWrong}.
InstalledFiles installed_files(const Context& context);

}  // namespace ipm::app
