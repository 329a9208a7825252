#pragma once
// ipmd.toml as `ipm tls` leaves it: what it says of encryption, everything else as it was.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/places.h"
#include "ipm/common/context.h"

namespace ipm::app {

struct WantedConfiguration {
  std::string name;  // empty: it stays as it is
  bool encrypted = true;
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

// Writes the file; one that was there is kept beside it as ipmd.toml.before.
void write_configuration(const Context& context, const ConfigurationChange& change,
                         const WantedConfiguration& wanted);

// What `ipmd --check` says of certificates, keys, anchors and lists: throws its Error. `text` is
// that of ipmd.toml.
void check_configuration(const Context& context, std::string_view text);

}  // namespace ipm::app
