#pragma once
// Keeps one generation in force and replaces it when its files change (S6): a changed file, SIGHUP or
// a command leads to a whole new generation, built and tested aside, then one pointer swap; or to a
// numbered message, and the old one stays.

#include <atomic>
#include <functional>
#include <memory>

#include "base/log.h"
#include "tls/generation.h"

namespace ipm::tls {

class Keeper {
 public:
  // Builds the first generation; throws as Generation::build does.
  Keeper(GenerationSources sources, Clock clock, const Log& log);

  // Any thread; never blocks on a reload.
  std::shared_ptr<const Generation> current() const;

  // Looks whether a watched file has changed (size, time, inode) and reloads if so; called about
  // twice a second from a timer. True when a new generation is in force. Never throws.
  bool poll();
  // Reloads whatever the files' times say. Throws what Generation::build throws; the old stays.
  void reload();

  // S14: writes 5010-907 for each identity with fewer than warn_days left. At start, after a reload,
  // and once a day, whenever poll() is called.
  void warn_of_expiry();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace ipm::tls
