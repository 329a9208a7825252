#pragma once
// The configuration in force: ipmd.toml with the certificates, anchors and lists that it names, as
// one generation (S6). A change is tried aside; then all of it counts, or nothing.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file_watch.h"
#include "base/log.h"
#include "base/places.h"
#include "base/shared.h"
#include "settings/server.h"
#include "settings/step.h"
#include "tls/keeper.h"

namespace ipm::app {

// `places` and `log` outlive it.
class Configuration {
 public:
  // Builds the first generation where encryption is on; throws as tls::Keeper does.
  Configuration(settings::ServerSettings settings, const Places& places, const Log& log);
  Configuration(const Configuration&) = delete;
  Configuration& operator=(const Configuration&) = delete;

  // --- Any thread; none of them waits for a reload.
  std::shared_ptr<const settings::ServerSettings> settings() const { return settings_.load(); }
  // Null: encryption is off.
  std::shared_ptr<const tls::Generation> generation() const;
  // What ipmd.toml asks for and a restart brings: "[server] listen".
  std::vector<std::string> waiting() const { return *waiting_.load(); }

  // --- One thread at a time. True when something new is in force; what was refused is in the log.
  // To be called twice a second.
  bool poll();
  // Whatever the files' times say.
  bool reload();

 private:
  bool take_up();
  void change_to(settings::Step step);

  const Places& places_;
  const Log& log_;
  FileWatch watch_;                   // of ipmd.toml
  std::optional<FileWatch> refused_;  // of what an ipmd.toml names that was refused
  bool there_ = true;                 // an ipmd.toml has been
  Shared<const settings::ServerSettings> settings_;
  Shared<const std::vector<std::string>> waiting_;
  Shared<tls::Keeper> keeper_;
};

}  // namespace ipm::app
