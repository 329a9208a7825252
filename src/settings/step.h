#pragma once
// From the settings in force to those that ipmd.toml asks for now: what counts at once, and what
// waits for a restart.

#include <string>
#include <vector>

#include "settings/server.h"

namespace ipm::settings {

struct Step {
  ServerSettings in_force;
  std::vector<std::string> waiting;  // "[server] listen": for a restart of ipmd
};

// Whoever may write the file turns encryption and mutual authentication on at once, and off only by
// a restart: an edit that went wrong takes no protection away from a server that runs.
Step step(const ServerSettings& in_force, ServerSettings wanted);

}  // namespace ipm::settings
