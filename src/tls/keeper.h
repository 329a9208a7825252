#pragma once
// Keeps one generation in force and replaces it when its files change (S6): a changed file, SIGHUP
// or a command leads to a whole new generation, built and tested aside, then one pointer swap; or
// to a numbered message, and the old one stays.

#include <memory>

#include "base/log.h"
#include "tls/generation.h"

namespace ipm::tls {

// All functions: any thread. `log` outlives it.
class Keeper {
 public:
  // Builds the first generation; throws as Generation::build does. Logs what the load found, and
  // 5010-907 for an identity with fewer than warn_days left (S14).
  Keeper(GenerationSources sources, Clock clock, const Log& log);
  // For a client's command: what the first load found is told to nobody, what later ones find is.
  struct Quietly {};
  Keeper(GenerationSources sources, Clock clock, const Log& log, Quietly);
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;
  ~Keeper();

  // Never waits for a reload.
  std::shared_ptr<const Generation> current() const;

  // Looks whether a watched file has changed, and reloads when two looks in a row saw the same
  // change: a file that is still being written to is left alone, but no longer than a second and a
  // half (S6). Remembers the lists in force for the next run. To be called twice a second. Logs
  // one line for a set that was taken up or refused, a refused one once. Repeats the warnings of
  // S14, and of revocation lists that need a successor, once a day. True when a new generation is
  // in force. Never throws.
  bool poll();

  // Reloads whatever the files' times say. Logs and throws what Generation::build throws; the old
  // generation stays then.
  void reload();

  // The same from other files and with another policy; those of before stay where it throws, and
  // that is the caller's to log.
  void change(GenerationSources sources);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ipm::tls
