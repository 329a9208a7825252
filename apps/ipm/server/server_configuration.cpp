#include "ipm/server/server_configuration.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "ipm/common/installed.h"
#include "ipm/server/toml_edit.h"
#include "ipmd/encryption.h"
#include "os/facts.h"
#include "settings/server.h"
#include "tls/keeper.h"

namespace ipm::app {
namespace {

std::string new_file(const Places& places, const WantedConfiguration& wanted) {
  return fmt::format(
      "# The print server's configuration. ipmd --help tells where every key is described.\n"
      "[server]\n"
      "{}"
      "listen = [\"[::]:631\"]\n"
      "\n"
      "[encryption]\n"
      "enabled = {}\n"
      "mutual = {}\n"
      "# certificate, key, ca and crl are the files in {}\n",
      wanted.name.empty() ? "" : fmt::format("name = \"{}\"\n", wanted.name), wanted.encrypted,
      wanted.mutual, places.configuration.string());
}

// A file without a name contradicts none.
bool has_another_name(const settings::ServerSettings& settings, const WantedConfiguration& wanted) {
  return !wanted.name.empty() && !settings.name.empty() && settings.name != wanted.name;
}

bool says(const settings::ServerSettings& settings, const WantedConfiguration& wanted) {
  return settings.encrypted == wanted.encrypted && settings.mutual == wanted.mutual &&
         !has_another_name(settings, wanted);
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
  note(now.encrypted != wanted.encrypted,
       fmt::format("encryption is {}", now.encrypted ? "on" : "off"));
  change.is_mutual_only = now.encrypted == wanted.encrypted;
  change.differs_in_name = has_another_name(now, wanted);
  note(now.mutual != wanted.mutual,
       fmt::format("mutual authentication is {}", now.mutual ? "on" : "off"));
  note(change.differs_in_name, fmt::format("the server is {}", now.name));
  const auto word = [](bool value) { return value ? "true" : "false"; };
  change.text = *text;
  if (!wanted.name.empty()) {
    change.text = set_toml_value(change.text, "server", "name", fmt::format("\"{}\"", wanted.name));
  }
  change.text = set_toml_value(change.text, "encryption", "enabled", word(wanted.encrypted));
  change.text = set_toml_value(change.text, "encryption", "mutual", word(wanted.mutual));
  if (!says(settings::parse_server_settings(change.text, file, places), wanted)) {
    throw Error(
        Message::ConfigurationWrong,
        fmt::format("{} is written in a way that cannot be changed here", file.string()),
        fmt::format(
            "enabled = {} and mutual = {} under [encryption]{}", wanted.encrypted, wanted.mutual,
            wanted.name.empty() ? "" : fmt::format(", name = \"{}\" under [server]", wanted.name)),
        "change it by hand");
  }
  return change;
}

void write_configuration(const Context& context, const ConfigurationChange& change,
                         const WantedConfiguration& wanted) {
  const auto file = target_of(context.places().server_configuration());
  std::error_code failure;
  const auto privacy = change.is_new ? os::Privacy::Everyone : os::look_at(file, failure).privacy;
  if (!change.is_new) {
    const std::filesystem::path before = file.string() + ".before";
    // Its owner and group are not those of the file it was: nobody reads it who could not read that.
    const bool is_public = privacy == os::Privacy::Everyone;
    write_file({before, read_file(file), is_public ? privacy : os::Privacy::Owner});
    context.say(fmt::format("Kept {} as {}", file.string(), before.string()));
  }
  write_file({file, change.text, privacy, true});
  context.say(fmt::format("Wrote {} (encryption {}{})", file.string(),
                          wanted.encrypted ? "on" : "off", wanted.mutual ? ", mutual" : ""));
}

void check_configuration(const Context& context, std::string_view text) {
  const Places places = context.places();
  const auto wanted = settings::parse_server_settings(text, places.server_configuration(), places);
  if (!wanted.encrypted) return;
  const Log log({{}, false, context.clock});
  const tls::Keeper keeper(sources_of(wanted, places), context.clock, log, tls::Keeper::Quietly{});
}

}  // namespace ipm::app
