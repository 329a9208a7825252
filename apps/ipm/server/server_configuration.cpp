#include "ipm/server/server_configuration.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "ipm/server/toml_edit.h"
#include "settings/server.h"

namespace ipm::app {
namespace {

std::string new_file(const Places& places, const WantedConfiguration& wanted) {
  return fmt::format(
      "# The print server's configuration. ipmd --help tells where every key is described.\n"
      "[server]\n"
      "name = \"{}\"\n"
      "listen = [\"[::]:631\"]\n"
      "\n"
      "[encryption]\n"
      "enabled = true\n"
      "mutual = {}\n"
      "# certificate, key, ca and crl are the files in {}\n",
      wanted.name, wanted.mutual, places.configuration.string());
}

bool says(const settings::ServerSettings& settings, const WantedConfiguration& wanted) {
  return settings.encrypted && settings.mutual == wanted.mutual && settings.name == wanted.name;
}

}  // namespace

std::optional<ConfigurationChange> plan_configuration(const Places& places,
                                                      const WantedConfiguration& wanted) {
  const auto file = places.server_configuration();
  const auto text = find_file(file);
  if (!text) return ConfigurationChange{true, new_file(places, wanted), {}};
  const auto now = settings::parse_server_settings(*text, file, places);
  if (says(now, wanted)) return std::nullopt;

  ConfigurationChange change;
  auto note = [&](bool differs, std::string words) {
    if (differs) change.found += (change.found.empty() ? "" : ", ") + std::move(words);
  };
  note(!now.encrypted, "encryption is off");
  note(now.mutual != wanted.mutual,
       fmt::format("mutual authentication is {}", now.mutual ? "on" : "off"));
  note(now.name != wanted.name,
       now.name.empty() ? "the server has no name" : fmt::format("the server is {}", now.name));
  change.text = set_toml_value(*text, "server", "name", fmt::format("\"{}\"", wanted.name));
  change.text = set_toml_value(change.text, "encryption", "enabled", "true");
  change.text =
      set_toml_value(change.text, "encryption", "mutual", wanted.mutual ? "true" : "false");
  if (!says(settings::parse_server_settings(change.text, file, places), wanted)) {
    throw Error(
        Message::ConfigurationWrong,
        fmt::format("{} is written in a way that cannot be changed here", file.string()),
        fmt::format("enabled = true and mutual = {} under [encryption], name = \"{}\" under "
                    "[server]",
                    wanted.mutual, wanted.name),
        "change it by hand");
  }
  return change;
}

}  // namespace ipm::app
