// Start and stop: what an earlier run left is taken over, deliveries begin and end. See manager.h.
#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

#include "base/uri.h"
#include "os/timer.h"
#include "print/guarded_text.h"
#include "print/jobs/job_record.h"
#include "print/manager.h"
#include "print/manager/state.h"
#include "print/printer_description.h"
#include "print/topology/topology_record.h"

namespace ipm::print {
namespace asio = boost::asio;
namespace {

// How to go on with a job that a device had when the last run ended.
job_event::Resume resume_at(const Topology& topology, const Job& job) {
  job_event::Resume resume;
  const auto* device = topology.find_device(job.delivered_to);
  if (device == nullptr) return resume;
  resume.doubt = device->policy.doubt;
  resume.recourse = recourse_at(*device);
  return resume;
}

spool::JobUpdate abort_record(const spool::DamagedJob& damaged, TimePoint now) {
  spool::JobUpdate update;
  update.id = damaged.job.id;
  update.status = damaged.job.status;
  update.status.state = spool::JobState::Aborted;
  update.status.message = guarded(damaged.damage);
  update.status.finished_at = now;
  return update;
}

void load_topology(ManagerState& state, const spool::LoadedState& loaded) {
  std::vector<std::string> complaints;
  state.topology = topology_of(loaded.destinations, loaded.settings, complaints);
  for (auto& complaint : repair(state.topology)) complaints.push_back(std::move(complaint));
  for (const auto& complaint : complaints) state.log.write(Message::SpoolDamaged, complaint);
  for (const auto& [name, device] : state.topology.devices)
    state.devices[name].version = state.next_version++;
  for (const auto& [name, logical] : state.topology.logical) {
    const auto names = state.topology.devices_of(name);
    if (!names.empty()) {
      state.facts[name] =
          state.describe(logical, state.topology.devices.at(names.front()), nullptr);
    }
  }
}

std::vector<std::string> still_delivering_of(const ManagerState& state) {
  std::vector<std::string> names;
  const std::lock_guard lock(state.mutex);
  for (const auto& [name, device] : state.devices) {
    if (device.deliverer && !device.deliverer->ended()) names.push_back(name);
  }
  return names;
}

void load_job(ManagerState& state, const spool::LoadedJob& record, Changes& changes,
              Changes& aborted) {
  const TimePoint now = state.options.clock();
  Job job;
  try {
    job = from_record(record);
    if (record.interrupted) {
      auto resumed = apply(job, resume_at(state.topology, job), now);
      job = resumed.job;
      changes.add(std::move(resumed));
    }
  } catch (const Error& error) {
    const std::string why = fmt::format("what is stored of it is damaged: {}", error.happened());
    state.log.write(Message::SpoolDamaged,
                    fmt::format("job {} is aborted: {}", record.job.id, why));
    auto ended = apply(salvage(record), job_event::Abort{why, Cause::Damaged}, now);
    ended.attributes = true;  // What was there is replaced: it would never be read.
    job = ended.job;
    aborted.add(std::move(ended));
  }
  if (job.incoming) state.incoming[job.id].until = now + kMultipleOperationTimeout;
  const std::string queue = state.topology.queue_of(job.destination);
  state.jobs.put(std::make_shared<const Job>(std::move(job)), queue);
}

}  // namespace

void Manager::load(spool::LoadedState loaded) {
  auto& state = *state_;
  const std::lock_guard lock(state.mutex);
  load_topology(state, loaded);
  Changes changes;
  Changes aborted;
  for (const auto& record : loaded.jobs) load_job(state, record, changes, aborted);
  for (const auto& record : state.spool.history({}, std::nullopt, kJobHistoryMax).jobs) {
    Job job = from_finished(record);
    const std::string queue = state.topology.queue_of(job.destination);
    state.jobs.put(std::make_shared<const Job>(std::move(job)), queue);
  }
  // Should it fail, the next start finds the same and decides the same.
  for (Changes* decided : {&changes, &aborted}) {
    if (!decided->empty()) state.spool.hand_in(decided->take_records(), {});
  }
  for (const auto& damaged : loaded.damaged)
    state.spool.update_job(abort_record(damaged, state.options.clock()), {});
}

void Manager::start() {
  std::vector<std::shared_ptr<Deliverer>> fresh;
  {
    const std::lock_guard lock(state_->mutex);
    state_->running = true;
    fresh = state_->make_deliverers();
  }
  // Without the lock: a deliverer that starts on its own thread looks for work at once.
  for (const auto& deliverer : fresh) deliverer->start();
}

asio::awaitable<void> Manager::stop() {
  const auto state = state_;
  std::vector<std::shared_ptr<Deliverer>> deliverers;
  {
    const std::lock_guard lock(state->mutex);
    state->stopping = true;
    for (auto& [name, device] : state->devices) {
      if (device.deliverer) deliverers.push_back(device.deliverer);
    }
  }
  for (const auto& deliverer : deliverers) deliverer->stop();
  constexpr std::chrono::milliseconds kLook{10};
  os::Timer timer(co_await asio::this_coro::executor);
  const auto all_ended = [&] {
    return std::ranges::all_of(deliverers, [](const auto& one) { return one->ended(); });
  };
  for (std::chrono::milliseconds waited{0};
       !all_ended() && waited < state->options.limits.stop_wait; waited += kLook) {
    if (waited >= state->options.limits.stop_wait / 2) {
      for (const auto& deliverer : deliverers) deliverer->give_up();
    }
    timer.expires_after(kLook);
    co_await timer.async_wait(asio::use_awaitable);
  }
  for (const auto& device : still_delivering_of(*state)) {
    state->log.write(Message::DeliveryStuck,
                     fmt::format("{}: the delivery did not end in {} ms", device,
                                 state->options.limits.stop_wait.count()));
  }
}

std::vector<std::string> Manager::still_delivering() const {
  return still_delivering_of(*state_);
}

}  // namespace ipm::print
