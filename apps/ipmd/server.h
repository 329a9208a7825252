#pragma once
// The server as a whole: built from its settings, run until it is told to stop, taken down in
// order.

#include <filesystem>

#include "base/log.h"
#include "base/places.h"
#include "settings/server.h"

namespace ipm::app {

// Builds everything that can be wrong without touching the network or the spool: identity, anchors,
// policy. Throws the Error that says what is wrong.
void check_server(const settings::ServerSettings& settings, const Places& places, const Log& log);

// Returns after SIGTERM or SIGINT, when everything has been put in order. Throws Error when it
// cannot start; then nothing has been started.
void run_server(const settings::ServerSettings& settings, const Places& places, Log& log);

}  // namespace ipm::app
