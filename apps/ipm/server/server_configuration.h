#pragma once
// ipmd.toml as `tls setup` leaves it: encryption on, everything else as it was.

#include <filesystem>
#include <optional>
#include <string>

#include "base/places.h"

namespace ipm::app {

struct WantedConfiguration {
  std::string name;
  bool mutual = false;
};

struct ConfigurationChange {
  bool is_new = false;  // The file is not there yet.
  std::string text;     // What to write.
  std::string found;    // What the file says now where it differs: "encryption is off".
};

// Nothing when the file says it already. Throws Error{ConfigurationWrong} for a file that cannot be
// read, or whose form this cannot change.
std::optional<ConfigurationChange> plan_configuration(const Places& places,
                                                      const WantedConfiguration& wanted);

}  // namespace ipm::app
