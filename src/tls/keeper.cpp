#include "tls/keeper.h"

#include <fmt/format.h>

#include <mutex>
#include <utility>

#include "base/error.h"
#include "base/file_watch.h"
#include "base/shared.h"
#include "tls/expiry.h"
#include "tls/limits.h"
#include "tls/lists_in_force.h"

namespace ipm::tls {

namespace {

// A clock that was set back ends every pause.
bool is_within(std::chrono::seconds pause, TimePoint since, TimePoint now) {
  return now >= since && now - since < pause;
}

}  // namespace

struct Keeper::State {
  State(GenerationSources given, Clock time, const Log& lines)
      : sources(std::move(given)), clock(std::move(time)), log(lines), watch(sources.files()) {}

  GenerationSources sources;
  Clock clock;
  const Log& log;
  Shared<const Generation> current;

  // Under the mutex: reloads come one after the other.
  std::mutex mutex;
  std::uint64_t next_number = 1;
  FileWatch watch;
  std::string refused;                  // what the log says of the last set that was refused
  std::uint64_t remembered = 0;         // the generation whose lists are on disk
  std::uint64_t tried_to_remember = 0;  // the one whose lists were tried last, and when
  TimePoint tried_to_remember_at{};
  std::string unremembered;  // what the log says of the failure
  TimePoint unremembered_at{};
  TimePoint warned_at{};
  Notices warned_of;

  std::shared_ptr<const Generation> build();
  void take_up();
  void try_take_up();
  void remember();
  void tell_unremembered(const Error& error);
  void warn();
  void log_all(const Notices& notices) const;
};

void Keeper::State::log_all(const Notices& notices) const {
  for (const auto& notice : notices) log.write(notice.message, notice.text);
}

// Builds the next one and puts it in force.
std::shared_ptr<const Generation> Keeper::State::build() {
  watch.take();
  auto generation = Generation::build(sources, next_number, clock, current.load().get());
  ++next_number;
  current.store(generation);
  return generation;
}

void Keeper::State::take_up() {
  const auto generation = build();
  if (generation->number() != 1) {
    const auto& identity = generation->listen_identity();
    log.write(
        Message::GenerationLoaded,
        fmt::format("generation {} is in force with {}{}", generation->number(),
                    describe_lists(generation->client_verifier().crls()),
                    identity ? fmt::format(": {}, serial {}, until {}", identity->leaf().subject(),
                                           identity->leaf().serial(),
                                           to_certificate_time(identity->leaf().not_after()))
                             : std::string()));
  }
  log_all(generation->notices());
  warn();
}

void Keeper::State::try_take_up() {
  try {
    take_up();
    refused.clear();
  } catch (const std::exception& error) {
    // Files that go on changing are tried again and again, and fail alike.
    if (!watch.restless() || refused != error.what()) {
      log.write(Message::GenerationRefused,
                fmt::format("the old set stays in force: {}", error.what()));
    }
    refused = error.what();
    throw;
  }
}

// The lists of a generation that serves: a mere check of the configuration leaves no trace.
void Keeper::State::remember() {
  const auto generation = current.load();
  if (!sources.list_memory || remembered == generation->number()) return;
  const TimePoint now = clock();
  const bool again = tried_to_remember == generation->number();
  if (again && is_within(kMemoryRetryPause, tried_to_remember_at, now)) return;
  tried_to_remember = generation->number();
  tried_to_remember_at = now;
  try {
    const auto aside = remember_lists(*sources.list_memory, generation->client_verifier().crls());
    remembered = generation->number();
    unremembered.clear();
    if (!aside) return;
    log.write(Message::ListMemoryUnusable,
              fmt::format("the damaged {} is kept as {}", sources.list_memory->string(),
                          aside->string()));
  } catch (const Error& error) {
    tell_unremembered(error);
  }
}

// The same failure once a day.
void Keeper::State::tell_unremembered(const Error& error) {
  const TimePoint now = clock();
  if (unremembered == error.what() && is_within(kExpiryWarningPause, unremembered_at, now)) return;
  unremembered = error.what();
  unremembered_at = now;
  log.write(error.message(),
            fmt::format("the lists in force are not remembered for the next start: {}; mend: {}",
                        error.happened(), error.mend()));
}

void Keeper::State::warn() {
  const auto generation = current.load();
  warned_of = expiry_notices(*generation);
  warned_at = clock();
  log_all(warned_of);
}

Keeper::Keeper(GenerationSources sources, Clock clock, const Log& log)
    : state_(std::make_unique<State>(std::move(sources), std::move(clock), log)) {
  state_->take_up();
}

Keeper::Keeper(GenerationSources sources, Clock clock, const Log& log, Quietly)
    : state_(std::make_unique<State>(std::move(sources), std::move(clock), log)) {
  const auto generation = state_->build();
  state_->warned_of = expiry_notices(*generation);
  state_->warned_at = state_->clock();
}

Keeper::~Keeper() = default;

std::shared_ptr<const Generation> Keeper::current() const {
  return state_->current.load();
}

bool Keeper::poll() {
  State& state = *state_;
  const std::lock_guard lock(state.mutex);
  try {
    state.remember();
    if (state.watch.look()) {
      state.try_take_up();
      return true;
    }
    // Once a day, and at once when something new has come to its end.
    if (!is_within(kExpiryWarningPause, state.warned_at, state.clock()) ||
        expiry_notices(*state.current.load()) != state.warned_of) {
      state.warn();
    }
  } catch (const std::exception&) {
    // It is in the log.
  }
  return false;
}

void Keeper::reload() {
  const std::lock_guard lock(state_->mutex);
  state_->try_take_up();
}

void Keeper::change(GenerationSources sources) {
  const std::lock_guard lock(state_->mutex);
  const FileWatch watch = std::exchange(state_->watch, FileWatch(sources.files()));
  auto before = std::exchange(state_->sources, std::move(sources));
  try {
    state_->take_up();
    state_->refused.clear();
  } catch (...) {
    state_->sources = std::move(before);
    state_->watch = watch;
    throw;
  }
}

}  // namespace ipm::tls
