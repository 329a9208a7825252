// How changes reach the disk and take effect. See state.h.
#include "print/manager/state.h"

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "print/jobs/job_record.h"

namespace ipm::print {
namespace asio = boost::asio;
namespace {

// The same driver serves both.
bool is_same_device(const ActualDestination& one, const ActualDestination& other) {
  return one.device_uri == other.device_uri &&
         one.settings.wait_for_end == other.settings.wait_for_end &&
         one.settings.credentials == other.settings.credentials &&
         one.settings.declared == other.settings.declared;
}

}  // namespace

ManagerState::ManagerState(ManagerOptions given, spool::Spool& keeper, const Log& where)
    : options(std::move(given)),
      spool(keeper),
      log(where),
      started(options.clock()),
      uuids(options.fill_random),
      stream(std::make_shared<events::Stream>()) {}

// What is to be done without the lock once a change is in force.
struct ManagerState::Consequences {
  std::vector<std::shared_ptr<Deliverer>> start;
  std::vector<std::shared_ptr<Deliverer>> wake;
  std::vector<std::shared_ptr<Deliverer>> stop;
  std::vector<std::pair<std::shared_ptr<Deliverer>, int>> cancel;

  void carry_out() const {
    for (const auto& one : start) one->start();
    for (const auto& one : wake) one->wake();
    for (const auto& one : stop) one->stop();
    for (const auto& [deliverer, job] : cancel) deliverer->cancel(job);
  }
};

asio::awaitable<void> ManagerState::settle_earlier() const {
  const Receipt receipt;
  spool.hand_in({}, receipt.completion());
  co_await receipt.wait();
}

JobPtr ManagerState::job_at(int id) const {
  auto job = jobs.find(id);
  if (!job) no_such_job(id);
  return job;
}

Receipt ManagerState::wait_for_turn() {
  if (!turn) turn.emplace();
  return *turn;
}

Receipt ManagerState::hand_in(Changes changes) {
  auto records = changes.take_records();
  const auto shared = std::make_shared<const Changes>(std::move(changes));
  for (const auto& job : shared->jobs()) jobs.set_changing(job->id, true);
  if (!shared->topology().empty()) topology_changing = true;
  const Receipt receipt;
  spool.hand_in(std::move(records),
                [self = shared_from_this(), shared, receipt](std::exception_ptr failure) {
                  self->decide(*shared, failure);
                  receipt.decide(std::move(failure));
                });
  return receipt;
}

// On the spool's thread.
void ManagerState::decide(const Changes& changes, std::exception_ptr failure) {
  Consequences then;
  std::optional<Receipt> waiting;
  {
    const std::lock_guard lock(mutex);
    release(changes, then);
    if (!failure) take_effect(changes, then);
    if (stopping) then = {};
    waiting = std::exchange(turn, std::nullopt);
  }
  then.carry_out();
  if (waiting) waiting->decide(nullptr);
}

void ManagerState::release(const Changes& changes, Consequences& then) {
  for (const auto& job : changes.jobs()) {
    jobs.set_changing(job->id, false);
    // Whoever looked meanwhile did not see it; where the disk refused the change, it waits as before.
    if (const JobPtr known = jobs.find(job->id); known && can_print(*known))
      find_idle(topology.queue_of(known->destination), then.wake);
  }
  if (!changes.topology().empty()) topology_changing = false;
}

void ManagerState::take_effect(const Changes& changes, Consequences& then) {
  if (!changes.topology().empty()) take_effect(changes.topology(), changes, then);
  for (const auto& job : changes.jobs()) take_effect(job, then);
  for (const int id : changes.removed()) jobs.erase(id);
  jobs.trim_history(kJobHistoryMax);
}

void ManagerState::take_effect(const JobPtr& job, Consequences& then) {
  const JobPtr before = jobs.find(job->id);
  const std::string queue = topology.queue_of(job->destination);
  jobs.put(job, queue);
  publish(before ? events::What::JobChanged : events::What::JobAdded, std::to_string(job->id),
          before, job);
  if (!job->incoming) {
    incoming.erase(job->id);
  } else if (!before || before->documents.size() != job->documents.size()) {
    incoming[job->id].until = options.clock() + kMultipleOperationTimeout;
  }
  if (job->cancel_wanted) {
    if (const auto at = devices.find(job->delivered_to);
        at != devices.end() && at->second.deliverer)
      then.cancel.emplace_back(at->second.deliverer, job->id);
  }
  if (can_print(*job)) find_idle(queue, then.wake);
}

void ManagerState::take_effect(const TopologyChange& change, const Changes& changes,
                               Consequences& then) {
  std::map<std::string, std::shared_ptr<const Printer>> before;
  for (const auto& logical : change.logical) {
    if (const auto* old = topology.find_logical(logical.name))
      before[logical.name] = std::make_shared<const Printer>(view(*old));
  }
  for (const auto& name : change.removed_logical) {
    if (const auto* old = topology.find_logical(name)) {
      publish(events::What::PrinterRemoved, name, std::make_shared<const Printer>(view(*old)),
              nullptr);
    }
    facts.erase(name);
  }
  for (const auto& name : change.removed_devices) {
    const auto at = devices.find(name);
    if (at == devices.end()) continue;
    if (at->second.deliverer) then.stop.push_back(at->second.deliverer);
    devices.erase(at);
  }
  for (const auto& wanted : change.devices) {
    const auto* old = topology.find_device(wanted.name);
    Device& device = devices[wanted.name];
    const bool other = old == nullptr || !is_same_device(*old, wanted);
    if (other) {
      device.version = next_version++;
      device.description = nullptr;
      device.is_asked = false;
      device.silence.reset();
    }
    if (other || (old != nullptr && old->paused && !wanted.paused)) {
      // It is tried at once.
      device.state.pause = std::chrono::milliseconds{0};
      device.state.not_before = {};
    }
    if (device.deliverer) then.wake.push_back(device.deliverer);
  }
  apply(topology, change);
  for (const auto& [name, described] : changes.facts) facts[name] = described;
  for (const auto& queue : change.queues) {
    for (const auto& name : queue.devices) {
      const auto at = devices.find(name);
      if (at == devices.end()) continue;
      if (!queue.paused) at->second.state.not_before = {};
      if (at->second.deliverer) then.wake.push_back(at->second.deliverer);
    }
  }
  for (const auto& logical : change.logical) {
    const auto at = before.find(logical.name);
    publish(at == before.end() ? events::What::PrinterAdded : events::What::PrinterChanged,
            logical.name, at == before.end() ? nullptr : at->second,
            std::make_shared<const Printer>(view(topology.logical_at(logical.name))));
  }
  if (change.default_printer)
    publish(events::What::DefaultChanged, *change.default_printer, nullptr, nullptr);
  for (auto& one : make_deliverers()) then.start.push_back(std::move(one));
}

void ManagerState::publish(events::What what, std::string which, events::SubjectPtr before,
                           events::SubjectPtr after) const {
  stream->publish(
      {0, options.clock(), what, std::move(which), std::move(before), std::move(after)});
}

void ManagerState::put(const std::string& name, Device& device, DeviceState state) const {
  auto before = std::make_shared<DeviceSubject>();
  before->name = name;
  before->state = std::move(device.state);
  device.state = std::move(state);
  auto after = std::make_shared<DeviceSubject>();
  after->name = name;
  after->state = device.state;
  publish(events::What::DeviceChanged, name, std::move(before), std::move(after));
}

void ManagerState::find_idle(const std::string& queue,
                             std::vector<std::shared_ptr<Deliverer>>& found) const {
  const auto* waiting = topology.find_queue(queue);
  if (waiting == nullptr || waiting->paused) return;
  for (const auto& name : waiting->devices) {
    const auto at = devices.find(name);
    // A busy device looks for work by itself when that ends.
    if (at == devices.end() || !at->second.deliverer || at->second.state.job != 0) continue;
    if (std::ranges::find(found, at->second.deliverer) == found.end())
      found.push_back(at->second.deliverer);
  }
}

}  // namespace ipm::print
