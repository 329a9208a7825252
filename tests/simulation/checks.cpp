#include "checks.h"

#include <algorithm>
#include <array>
#include <memory>
#include <tuple>

#include "ipp/constants.h"
#include "print/manager/job_walk.h"

namespace ipm::simulation {
namespace {

using ipp::JobState;
using print::Job;
using print::JobPtr;

constexpr std::size_t kJobsAtOnce = 100;

std::string_view name_of(events::What what) {
  constexpr std::array<std::string_view, 7> kNames = {
      "job-added",       "job-changed",    "printer-added",  "printer-changed",
      "printer-removed", "device-changed", "default-changed"};
  return kNames.at(static_cast<std::size_t>(what));
}

// Of jobs that no device has failed at.
auto place_of(const Job& job) {
  return std::tuple(-job.priority, job.id);
}

std::string words_of(const Job& job) {
  return fmt::format("job {} {}{}{}{}{}: {}", job.id, ipp::job_state_name(job.state),
                     job.attempts > 0 ? fmt::format(" attempts {}", job.attempts) : "",
                     job.ask_first ? " ask-first" : "", job.doubtful ? " doubtful" : "",
                     job.device_job != 0 ? fmt::format(" at device {}", job.device_job) : "",
                     job.message);
}

}  // namespace

void Checks::begin(print::Manager& manager) {
  read_ = 0;
  jobs_.clear();
  devices_.clear();
  changed_.clear();
  print::JobQuery all;
  all.which = print::WhichJobs::All;
  auto walk = manager.walk_jobs(all);
  for (auto found = walk.next(kJobsAtOnce); !found.empty(); found = walk.next(kJobsAtOnce)) {
    for (const auto& job : found) {
      if (!jobs_.emplace(job->id, job).second) trace_.fail("job {} is listed twice", job->id);
      trace_.note("found {}", words_of(*job));
    }
  }
  // What the start has just ended is listed as soon as the disk has it; by its number it is known.
  print::JobQuery named;
  for (const auto& [id, paper] : papers_) {
    if (!jobs_.contains(id)) named.ids.push_back(id);
  }
  if (!named.ids.empty()) {
    auto left = manager.walk_jobs(named);
    for (auto found = left.next(kJobsAtOnce); !found.empty(); found = left.next(kJobsAtOnce)) {
      for (const auto& job : found) {
        jobs_.emplace(job->id, job);
        trace_.note("found {}", words_of(*job));
      }
    }
  }
  for (auto& [id, paper] : papers_) {
    const auto at = jobs_.find(id);
    if (paper.told == Paper::Told::Refused && at != jobs_.end()) {
      trace_.fail("job {} was refused and is there", id);
    }
    if (paper.told == Paper::Told::Taken && at == jobs_.end()) {
      trace_.fail("job {} was acknowledged and is gone", id);
    }
    if (at == jobs_.end()) continue;
    // What nobody was told of, and is there, is there from now on.
    paper.told = Paper::Told::Taken;
    if (at->second->document_count() == paper.sent_documents.size()) {
      paper.documents = paper.sent_documents;
    } else {
      paper.sent_documents = paper.documents;
    }
    compare(*at->second, paper);
  }
}

// The job as it is, with what its owner was told.
void Checks::compare(const Job& job, const Paper& paper) {
  if (paper.told == Paper::Told::Taken && !job.finished() &&
      job.documents.size() < paper.documents.size()) {
    trace_.fail("job {} had {} documents acknowledged and has {}", job.id, paper.documents.size(),
                job.documents.size());
  }
  if (paper.cancel_told && !job.finished() && !job.cancel_wanted) {
    trace_.fail("job {}: its cancel was acknowledged and is lost", job.id);
  }
  if (paper.held && !job.finished() && job.state != JobState::PendingHeld) {
    trace_.fail("job {} is held, and is {}", job.id, ipp::job_state_name(job.state));
  }
  if (paper.completed > 0 && job.state != JobState::Completed) {
    trace_.fail("job {} was completed and is {}", job.id, ipp::job_state_name(job.state));
  }
}

void Checks::follow(print::Manager& manager) {
  for (;;) {
    const auto news = manager.events().after(read_);
    if (news.missed > 0) trace_.fail("{} events were missed", news.missed);
    if (news.events.empty()) return;
    for (const auto& event : news.events) {
      read_ = event.sequence;
      note(event);
    }
  }
}

void Checks::note(const events::Event& event) {
  if (event.what == events::What::JobAdded || event.what == events::What::JobChanged) {
    job_changed(std::dynamic_pointer_cast<const Job>(event.before),
                std::dynamic_pointer_cast<const Job>(event.after));
  } else if (event.what == events::What::DeviceChanged) {
    device_changed(dynamic_cast<const print::DeviceSubject&>(*event.after));
  } else {
    trace_.note("{} {}", name_of(event.what), event.which);
  }
}

void Checks::job_changed(const JobPtr& before, const JobPtr& after) {
  trace_.note("{}", words_of(*after));
  if (before && before->state != JobState::Processing && after->state == JobState::Processing) {
    taken(*before, after->delivered_to);
  }
  jobs_[after->id] = after;
  changed_[after->id] = idle_moments_;
  Paper& paper = papers_[after->id];
  if (paper.told == Paper::Told::Refused) {
    trace_.fail("job {} was refused and is there", after->id);
  }
  if (after->attempts > 0 && kind_of(after->destination) == DeviceKind::File) {
    trace_.fail("job {} is blamed for what is its device's matter: {}", after->id, after->message);
  }
  if (after->doubtful && kind_of(after->destination) == DeviceKind::File) {
    trace_.fail("job {} is in doubt, and lies in a folder", after->id);
  }
  paper.troubled = paper.troubled || after->attempts > 0;
  if (before && before->finished()) {
    trace_.fail("job {} changes after its end: it was {}, and is {}", after->id,
                ipp::job_state_name(before->state), ipp::job_state_name(after->state));
  }
  if (before && before->cancel_wanted && !after->cancel_wanted && !after->finished()) {
    trace_.fail("job {}: its cancel is forgotten", after->id);
  }
  if (after->state == JobState::Completed && ++paper.completed > 1) {
    trace_.fail("job {} is completed twice", after->id);
  }
}

void Checks::device_changed(const print::DeviceSubject& after) {
  const auto& state = after.state;
  trace_.note("device {}: job {}{}{} {} {}", after.name, state.job,
              state.unwritten ? " unwritten" : "",
              state.failures > 0 ? fmt::format(" failures {}", state.failures) : "", state.message,
              state.text);
  devices_[after.name] = state;
}

bool Checks::ready(const Job& job) const {
  const auto paper = papers_.find(job.id);
  return print::can_print(job) && paper != papers_.end() && paper->second.changing == 0 &&
         !paper->second.troubled;
}

void Checks::taken(const Job& job, const std::string& device) {
  const int id = job.id;
  const Paper& paper = papers_[id];
  if (!print::can_print(job)) trace_.fail("{} prints a job that waits: {}", device, words_of(job));
  if (paper.held) trace_.fail("{} prints job {}, which is held", device, id);
  if (paper.cancel_told) trace_.fail("{} prints job {}, which was canceled", device, id);
  if (paper.troubled || !order_is_known) return;
  for (const auto& [other_id, other] : jobs_) {
    if (other_id == id || other->destination != job.destination || !ready(*other)) continue;
    // What has changed since everybody was idle was perhaps on its way when this one was chosen.
    if (changed_.contains(other_id) && changed_.at(other_id) == idle_moments_) continue;
    if (place_of(*other) < place_of(job)) {
      trace_.fail("{} prints job {} before job {}", device, id, other_id);
    }
  }
}

void Checks::idle(print::Manager& manager) {
  ++idle_moments_;
  if (leaving) return;
  const auto now = os::SteadyClock::now();
  for (const auto& printer : manager.printers()) {
    const std::string& name = printer.logical.name;
    if (printer.paused || std::ranges::find(printer.reasons, "paused") != printer.reasons.end()) {
      continue;
    }
    const auto& device = devices_[name];
    if (device.job != 0 || device.unwritten || device.not_before > now) continue;
    for (const auto& [id, job] : jobs_) {
      if (job->destination != name || !ready(*job)) continue;
      trace_.fail("{} stands still, and could print job {}", name, id);
    }
  }
}

std::vector<int> Checks::under_way() const {
  std::vector<int> found;
  for (const auto& [id, job] : jobs_) {
    if (job->state == JobState::Processing) found.push_back(id);
  }
  for (const auto& [name, device] : devices_) {
    if (device.job != 0) found.push_back(device.job);
  }
  return found;
}

bool Checks::quiet() const {
  return std::ranges::all_of(jobs_, [](const auto& entry) { return entry.second->finished(); });
}

void Checks::end(const Find& find) {
  for (const auto& [id, paper] : papers_) {
    if (paper.told == Paper::Told::Nothing) continue;
    const auto job = find(id);
    if (paper.told == Paper::Told::Refused) {
      if (job) trace_.fail("job {} was refused and is there", id);
      continue;
    }
    if (!job) trace_.fail("job {} was acknowledged and is gone", id);
    if (!job->finished()) trace_.fail("it never ends: {}", words_of(*job));
    if (job->state == JobState::Canceled && !paper.cancel_asked) {
      trace_.fail("nobody asked for it: {}", words_of(*job));
    }
    if (job->state == JobState::Aborted && !paper.documents.empty()) {
      trace_.fail("nothing was wrong with it: {}", words_of(*job));
    }
  }
}

}  // namespace ipm::simulation
