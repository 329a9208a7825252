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
  bool differs_in_name = false;
  bool is_mutual_only = false;  // Encryption is on; who proves himself is all that differs.
};

// Nothing when the file says it already. Throws Error{ConfigurationWrong} for a file that cannot be
// read, or whose form this cannot change.
std::optional<ConfigurationChange> plan_configuration(const Places& places,
                                                      const WantedConfiguration& wanted);

// Writes the file, or what it is a link to, as private as it was; one that was there is kept beside it
// as ipmd.toml.before.
void write_configuration(const Context& context, const ConfigurationChange& change,
                         const WantedConfiguration& wanted);

// What `ipmd --check` says of certificates, keys, anchors and lists: throws its Error. `text` is
// that of ipmd.toml.
void check_configuration(const Context& context, std::string_view text);

}  // namespace ipm::app
