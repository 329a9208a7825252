#include "print/manager/desk.h"

#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "print/manager/assignment.h"
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
    state_->put(at->first, at->second, after_absence(at->second.state, why, now));
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

  asio::awaitable<Turn> take(std::string name) override;
  asio::awaitable<void> accepted(std::string name, int job, output::DeviceJob there) override;
  asio::awaitable<bool> settle(std::string name, int id, output::Result result) override;

  void report(std::string_view name, int job, std::string_view text,
              std::vector<std::string> reasons) override {
    const std::lock_guard lock(state_->mutex);
    const auto at = state_->devices.find(name);
    if (at == state_->devices.end() || at->second.state.job != job) return;
    DeviceState next = at->second.state;
    next.text = text;
    next.reasons = std::move(reasons);
    if (next.text == at->second.state.text && next.reasons == at->second.state.reasons) return;
    state_->put(at->first, at->second, std::move(next));
  }

  void described(std::string_view name, std::uint64_t version,
                 std::optional<output::DeviceDescription> description) override {
    std::vector<std::string> fed;
    {
      const std::lock_guard lock(state_->mutex);
      const auto at = state_->devices.find(name);
      if (at == state_->devices.end() || at->second.version != version) return;
      at->second.description =
          description ? std::make_shared<const output::DeviceDescription>(*std::move(description))
                      : nullptr;
      fed = state_->topology.fed_by(name);
    }
    state_->refresh_facts(fed);
  }

 private:
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

asio::awaitable<DeliveryDesk::Turn> Desk::take(std::string name) {
  std::optional<Receipt> receipt;
  int id = 0;
  {
    const std::lock_guard lock(state_->mutex);
    const auto at = state_->devices.find(name);
    if (at == state_->devices.end() || state_->stopping) co_return Turn{};
    Device& device = at->second;
    const auto next =
        next_job(state_->topology, state_->jobs, device.state, name, state_->options.monotonic());
    if (!next.job) co_return Turn{std::nullopt, next.look_again};
    id = *next.job;
    const JobPtr waits = state_->jobs.find(id);
    if (state_->closing.contains(waits->destination)) {
      // Its destination is being removed, and the job moves or ends.
      co_return Turn{std::nullopt, state_->options.monotonic() + kUnwrittenPause};
    }
    Changes changes;
    changes.add(apply(*waits, job_event::Take{name}, state_->options.clock()));
    DeviceState busy = device.state;
    busy.job = id;
    busy.text.clear();
    std::erase(busy.reasons, "spool-area-full");
    state_->put(name, device, std::move(busy));
    receipt = state_->hand_in(std::move(changes));
  }
  bool written = true;
  try {
    // A device that has a document which is recorded as waiting would get it again after a crash,
    // and nobody would know.
    co_await receipt->wait();
  } catch (const Error&) {
    written = false;  // The spool has said why.
  }
  if (!written) co_return put_back(name, true);
  JobPtr job;
  {
    const std::lock_guard lock(state_->mutex);
    job = state_->jobs.find(id);
  }
  if (!job) co_return put_back(name, false);
  co_return Turn{assignment_of(*job, state_->spool), std::nullopt};
}

asio::awaitable<void> Desk::accepted(std::string name, int id, output::DeviceJob there) {
  auto plan = [&](Changes& changes) {
    if (state_->jobs.is_changing(id)) return false;
    const JobPtr job = state_->job_at(id);
    changes.add(
        apply(*job, job_event::Accepted{there.id, there.device_up}, state_->options.clock()));
    return true;
  };
  co_await state_->carry_out(plan);
}

asio::awaitable<bool> Desk::settle(std::string name, int id, output::Result result) {
  bool away = false;
  std::string why;
  auto plan = [&](Changes& changes) {
    if (state_->jobs.is_changing(id)) return false;
    const JobPtr job = state_->jobs.find(id);
    if (!job || job->state != ipp::JobState::Processing) return true;
    const auto* actual = state_->topology.find_device(name);
    const ErrorPolicy policy = actual == nullptr ? ErrorPolicy{} : actual->policy;
    const bool stops = result.outcome == output::Outcome::JobFailed && !job->cancel_wanted &&
                       policy.failure == OnFailure::StopPrinter &&
                       job->attempts + 1 >= policy.attempts && actual != nullptr;
    if (stops && state_->topology_changing) return false;
    changes.add(apply(*job, job_event::Settle{result, policy}, state_->options.clock()));
    if (stops) changes.set(pause_device(state_->topology, name, result.text));
    return true;
  };
  try {
    co_await state_->carry_out(plan);
  } catch (const Error& error) {
    away = true;
    why = error.happened();
  }
  const std::lock_guard lock(state_->mutex);
  const auto at = state_->devices.find(name);
  if (away) {
    if (at != state_->devices.end() && !at->second.state.unwritten) {
      DeviceState next = at->second.state;
      next.unwritten = true;
      next.message = fmt::format("what became of job {} cannot be recorded: {}", id, why);
      state_->put(name, at->second, std::move(next));
    }
    co_return false;
  }
  const auto now = state_->options.monotonic();
  if (at != state_->devices.end()) {
    DeviceState next = after_delivery(at->second.state, result, now);
    state_->put(name, at->second, std::move(next));
  }
  // A held job waits for whoever releases it, not for a time.
  if (const JobPtr job = state_->jobs.find(id);
      job && job->state == ipp::JobState::Pending && job->attempts > 0) {
    state_->jobs.postpone(id, now + job_pause(job->attempts));
  }
  co_return true;
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
