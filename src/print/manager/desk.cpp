#include "print/manager/desk.h"

#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "print/guarded_text.h"
#include "print/manager/assignment.h"
#include "print/printer_description.h"
#include "print/scheduling/next_job.h"

namespace ipm::print {
namespace asio = boost::asio;
namespace {

class Desk final : public DeliveryDesk {
 public:
  explicit Desk(std::shared_ptr<ManagerState> state) : state_(std::move(state)) {}

  std::optional<std::uint64_t> version(std::string_view device) const override {
    const std::lock_guard lock(state_->mutex);
    const auto at = state_->devices.find(device);
    if (at == state_->devices.end()) return std::nullopt;
    return at->second.version;
  }

  std::unique_ptr<output::Driver> make_driver(std::string_view device) const override {
    std::string uri;
    output::DeviceSettings settings;
    {
      const std::lock_guard lock(state_->mutex);
      const auto* actual = state_->topology.find_device(device);
      if (actual == nullptr) no_such_printer(device);
      uri = actual->device_uri;
      settings = actual->settings;
    }
    return state_->options.make_driver(parse_uri(uri), settings, state_->options.environment);
  }

  Time absent(std::string_view name, const std::string& why) override {
    const std::lock_guard lock(state_->mutex);
    const auto at = state_->devices.find(name);
    const Time now = state_->options.monotonic();
    if (at == state_->devices.end()) return now;
    state_->put(at->first, at->second, after_absence(at->second.state, guard(name, why), now));
    return at->second.state.not_before;
  }

  void ready(std::string_view name) override {
    const std::lock_guard lock(state_->mutex);
    const auto at = state_->devices.find(name);
    if (at == state_->devices.end() || at->second.state.failures == 0) return;
    DeviceState next = at->second.state;
    next.reasons.clear();
    next.message.clear();
    next.failures = 0;
    next.pause = std::chrono::milliseconds{0};
    next.not_before = {};
    state_->put(at->first, at->second, std::move(next));
  }

  asio::awaitable<Turn> take(std::string name, std::uint64_t version) override;
  asio::awaitable<void> accepted(std::string name, int job, output::DeviceJob there) override;
  asio::awaitable<std::optional<Turn>> settle(std::string name, int id, output::Result result,
                                              std::uint64_t version) override;

  void report(std::string_view name, int job, std::string_view text,
              std::vector<std::string> reasons) override {
    const std::lock_guard lock(state_->mutex);
    const auto at = state_->devices.find(name);
    if (at == state_->devices.end() || at->second.state.job != job) return;
    DeviceState next = at->second.state;
    next.text = guard(name, text);
    next.reasons = std::move(reasons);
    if (next.text == at->second.state.text && next.reasons == at->second.state.reasons) return;
    state_->put(at->first, at->second, std::move(next));
  }

  void not_described(std::string_view name, std::uint64_t version,
                     const std::string& why) override {
    const std::lock_guard lock(state_->mutex);
    const auto at = state_->devices.find(name);
    if (at == state_->devices.end() || at->second.version != version) return;
    at->second.silence = why;
    at->second.is_asked = true;
  }

  asio::awaitable<void> described(std::string name, std::uint64_t version,
                                  std::optional<output::DeviceDescription> description) override;

 private:
  // With the lock held: the job that the device, being in `state`, takes next, and the change that
  // says so. None: `turn` says when to look again.
  int take_next(const std::string& name, const DeviceState& device, Changes& changes,
                Turn& turn) const {
    if (state_->barred.contains(name)) return 0;  // It is woken afterwards.
    const auto next = next_job(state_->topology, state_->jobs, device, name, device_now());
    turn.look_again = next.look_again;
    if (!next.job) return 0;
    const JobPtr waits = state_->jobs.find(*next.job);
    if (state_->closing.contains(waits->destination)) {
      // Its destination is being removed, and the job moves or ends.
      turn.look_again = device_now() + kUnwrittenPause;
      return 0;
    }
    changes.add(apply(*waits, job_event::Take{name}, state_->options.clock()));
    return *next.job;
  }

  Time device_now() const { return state_->options.monotonic(); }

  static DeviceState busy_with(int job, DeviceState device) {
    device.job = job;
    device.text.clear();
    std::erase(device.reasons, "spool-area-full");
    return device;
  }

  // What a job that was taken is to the driver; none when it went meanwhile.
  Turn begin(const std::string& name, int id) {
    JobPtr job;
    {
      const std::lock_guard lock(state_->mutex);
      job = state_->jobs.find(id);
    }
    if (!job) return put_back(name, false);
    return {assignment_of(*job, state_->spool), std::nullopt, job->cancel_wanted};
  }

  // Under the state's lock. From here on addresses and paths are marked in what is told.
  std::string guard(std::string_view name, std::string_view text) const {
    const auto* actual = state_->topology.find_device(name);
    return actual == nullptr ? guarded(text) : guarded(text, *actual);
  }

  // The device has nothing under way after all, or it could not be recorded.
  Turn put_back(const std::string& name, bool unwritten) {
    const std::lock_guard lock(state_->mutex);
    const auto at = state_->devices.find(name);
    if (at == state_->devices.end()) return {};
    DeviceState next = at->second.state;
    next.job = 0;
    const Time again = state_->options.monotonic() + kUnwrittenPause;
    if (unwritten) {
      next.message = "the spool cannot be written";
      next.not_before = again;
      next.reasons = {"spool-area-full"};
    }
    state_->put(name, at->second, std::move(next));
    return {std::nullopt, again};
  }

  std::shared_ptr<ManagerState> state_;
};

asio::awaitable<DeliveryDesk::Turn> Desk::take(std::string name, std::uint64_t version) {
  std::optional<Receipt> receipt;
  int id = 0;
  {
    const std::lock_guard lock(state_->mutex);
    const auto at = state_->devices.find(name);
    if (at == state_->devices.end() || state_->stopping) co_return Turn{};
    Device& device = at->second;
    // Its deliverer makes a driver for the new settings first.
    if (device.version != version) co_return Turn{std::nullopt, device_now()};
    Changes changes;
    Turn turn;
    id = take_next(name, device.state, changes, turn);
    if (id == 0) co_return turn;
    state_->put(name, device, busy_with(id, device.state));
    receipt = state_->hand_in(std::move(changes));
  }
  bool written = true;
  try {
    co_await receipt->wait();
  } catch (const Error&) {
    written = false;  // The spool has said why.
  }
  co_return written ? begin(name, id) : put_back(name, true);
}

asio::awaitable<void> Desk::accepted(std::string name, int id, output::DeviceJob there) {
  auto plan = [&](Changes& changes) {
    if (state_->jobs.is_changing(id)) return false;
    const JobPtr job = state_->job_at(id);
    changes.add(apply(*job, job_event::Accepted{there.id, there.device_up, there.part},
                      state_->options.clock()));
    return true;
  };
  co_await state_->carry_out(plan);
}

asio::awaitable<void> Desk::described(std::string name, std::uint64_t version,
                                      std::optional<output::DeviceDescription> description) {
  std::vector<std::string> fed;
  ipp::AttributeList said;
  {
    const std::lock_guard lock(state_->mutex);
    const auto at = state_->devices.find(name);
    if (at == state_->devices.end() || at->second.version != version) co_return;
    at->second.silence.reset();
    at->second.is_asked = true;
    if (description) said = description->capabilities;
    at->second.description =
        description ? std::make_shared<const output::DeviceDescription>(*std::move(description))
                    : nullptr;
    fed = state_->topology.fed_by(name);
  }
  state_->refresh_facts(fed);
  auto plan = [&](Changes& changes) {
    const auto at = state_->devices.find(name);
    const auto* actual = state_->topology.find_device(name);
    if (at == state_->devices.end() || at->second.version != version || actual == nullptr ||
        !is_ipp(actual->device_uri) || said.attributes.empty() || actual->said == said) {
      return true;
    }
    if (state_->topology_changing) return false;
    TopologyChange change;
    change.devices.push_back(*actual);
    change.devices.back().said = said;
    changes.set(std::move(change));
    return true;
  };
  try {
    co_await state_->carry_out(plan);
  } catch (const Error&) {
    // The spool has said why; memory knows it, and the next answer is kept.
  }
}

asio::awaitable<std::optional<DeliveryDesk::Turn>> Desk::settle(std::string name, int id,
                                                                output::Result result,
                                                                std::uint64_t version) {
  bool away = false;
  std::string why;
  int next = 0;
  {
    const std::lock_guard lock(state_->mutex);
    result.text = guard(name, result.text);
    result.state_text = guard(name, result.state_text);
  }
  auto plan = [&](Changes& changes) {
    next = 0;
    if (state_->jobs.is_changing(id)) return false;
    const JobPtr job = state_->jobs.find(id);
    if (!job || job->state != ipp::JobState::Processing) return true;
    const auto* actual = state_->topology.find_device(name);
    const ErrorPolicy policy = actual == nullptr ? ErrorPolicy{} : actual->policy;
    const Recourse recourse = actual == nullptr ? Recourse{} : recourse_at(*actual);
    const bool stops = result.outcome == output::Outcome::JobFailed && !job->cancel_wanted &&
                       policy.failure == OnFailure::StopPrinter &&
                       job->attempts + 1 >= policy.attempts && actual != nullptr;
    if (stops && state_->topology_changing) return false;
    changes.add(apply(*job, job_event::Settle{result, policy, recourse}, state_->options.clock()));
    if (stops)
      changes.set(pause_device(state_->topology, name, result.text, state_->options.clock()));
    // One that goes on might be the device's next itself.
    const auto at = state_->devices.find(name);
    if (stops || state_->stopping || !changes.jobs().front()->finished() ||
        at == state_->devices.end() || at->second.version != version) {
      return true;
    }
    Turn turn;
    next = take_next(name, after_delivery(at->second.state, result, device_now()), changes, turn);
    at->second.upcoming = next;
    return true;
  };
  try {
    co_await state_->carry_out(plan);
  } catch (const Error& error) {
    away = true;
    why = error.happened();
  }
  {
    const std::lock_guard lock(state_->mutex);
    const auto at = state_->devices.find(name);
    if (at != state_->devices.end()) at->second.upcoming = 0;
    if (away) {
      if (at != state_->devices.end() && !at->second.state.unwritten) {
        DeviceState unwritten = at->second.state;
        unwritten.unwritten = true;
        unwritten.message =
            fmt::format("what became of job {} cannot be recorded: {}", id, guard(name, why));
        state_->put(name, at->second, std::move(unwritten));
      }
      co_return std::nullopt;
    }
    const auto now = device_now();
    if (at != state_->devices.end()) {
      state_->put(name, at->second, after_delivery(at->second.state, result, now));
      if (next != 0) state_->put(name, at->second, busy_with(next, at->second.state));
    }
    // A held job waits for whoever releases it, not for a time.
    if (const JobPtr job = state_->jobs.find(id);
        job && job->state == ipp::JobState::Pending && job->attempts > 0) {
      state_->jobs.postpone(id, now + job_pause(job->attempts));
    }
  }
  if (next == 0) co_return Turn{};
  co_return begin(name, next);
}

}  // namespace

std::shared_ptr<DeliveryDesk> make_desk(std::shared_ptr<ManagerState> state) {
  return std::make_shared<Desk>(std::move(state));
}

std::vector<std::shared_ptr<Deliverer>> ManagerState::make_deliverers() {
  std::vector<std::shared_ptr<Deliverer>> made;
  if (!running || stopping) return made;
  for (auto& [name, device] : devices) {
    if (device.deliverer) continue;
    Deliverer::Options wanted;
    wanted.device = name;
    wanted.context = options.contexts.at(next_context++ % options.contexts.size());
    wanted.devices = options.environment.devices;
    wanted.monotonic = options.monotonic;
    wanted.failed = [self = shared_from_this()](std::exception_ptr failure) {
      self->log.write(Message::Unexpected, ipm::describe(failure));
    };
    device.deliverer =
        std::make_shared<Deliverer>(std::move(wanted), make_desk(shared_from_this()));
    made.push_back(device.deliverer);
  }
  return made;
}

}  // namespace ipm::print
