// Deliveries: what deliverers take from queues and bring back. See manager.h.
#include <fmt/format.h>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "print/job_record.h"
#include "print/limits.h"
#include "print/manager.h"
#include "print/manager_state.h"

namespace ipm::print {
namespace asio = boost::asio;
namespace {

class SpoolSource final : public output::Source {
 public:
  explicit SpoolSource(spool::DocumentReader reader) : reader_(std::move(reader)) {}

  std::size_t read(std::span<unsigned char> into) override {
    return reader_.read({reinterpret_cast<char*>(into.data()), into.size()});
  }

 private:
  spool::DocumentReader reader_;
};

output::Assignment assignment_of(const Job& job, spool::Spool& spool) {
  output::Assignment assignment;
  assignment.job_id = job.id;
  assignment.job_name = job.name;
  assignment.owner = job.owner.name;
  assignment.copies = job.copies();
  assignment.job_template = job.job_template;
  for (const DocumentInfo& info : job.documents) {
    output::Document document;
    document.number = info.number;
    document.name = info.name;
    document.format = info.format;
    document.bytes = info.bytes;
    document.open = [&spool, id = job.id,
                     number = info.number]() -> std::unique_ptr<output::Source> {
      auto reader = spool.find_document(id, number);
      if (!reader) {
        throw Error(Message::SpoolDamaged,
                    fmt::format("document {} of job {} is not in the spool", number, id),
                    "the document that was acknowledged");
      }
      return std::make_unique<SpoolSource>(*std::move(reader));
    };
    assignment.documents.push_back(std::move(document));
  }
  return assignment;
}

std::chrono::milliseconds longer(std::chrono::milliseconds pause) {
  return pause.count() == 0 ? kRetryPauseFirst : std::min(pause * 2, kRetryPauseMax);
}

bool is_tried_again(output::Outcome outcome) {
  return outcome == output::Outcome::DeviceAway || outcome == output::Outcome::JobFailed;
}

// How the device stands after an attempt. Returns the pause before the next.
std::chrono::milliseconds settle_device(ActualDestination& device, const output::Result& result) {
  device.job = 0;
  device.state = ipp::PrinterState::Idle;
  device.reasons = result.printer_reasons;
  device.message.clear();
  if (!is_tried_again(result.outcome)) {
    device.pause = std::chrono::milliseconds{0};
    return device.pause;
  }
  if (device.reasons.empty()) device.reasons = {"connecting-to-device"};
  device.pause = longer(device.pause);
  device.message =
      fmt::format("{}; next try in {} s", result.text, (device.pause.count() + 999) / 1000);
  return device.pause;
}

// What became of the job; `canceled`: somebody asked for its end while it was under way.
void settle_job(Job& job, const output::Result& result, bool canceled) {
  using output::Outcome;
  job.impressions_completed = std::max(job.impressions_completed, result.impressions);
  job.reasons.clear();
  if (result.outcome == Outcome::Delivered || result.outcome == Outcome::Sent) {
    job.state = ipp::JobState::Completed;
    job.reasons = {"job-completed-successfully"};
    job.message = result.text;
  } else if (canceled) {
    job.state = ipp::JobState::Canceled;
    job.reasons = {"job-canceled-by-user"};
  } else if (result.outcome == Outcome::Canceled) {
    job.state = ipp::JobState::Canceled;
    job.reasons = {"job-canceled-at-device"};
    job.message = result.text;
  } else if (result.outcome == Outcome::Doubtful) {
    // Printed or not: a person looks, and releases it or cancels it.
    job.state = ipp::JobState::PendingHeld;
    job.reasons = {"job-suspended"};
    job.message = result.text;
  } else if (result.outcome == Outcome::JobRefused) {
    job.state = ipp::JobState::Aborted;
    job.reasons = {"aborted-by-system"};
    job.message = result.text;
  } else {
    // The device is away, or this server stops: the job waits for its turn again.
    job.state = ipp::JobState::Pending;
    job.message = result.text;
    if (is_tried_again(result.outcome)) {
      job.reasons = {"resources-are-not-ready"};
      ++job.attempts;
    }
  }
}

}  // namespace

void Manager::wake(const std::string& queue) {
  std::vector<std::shared_ptr<Deliverer>> deliverers;
  {
    const std::lock_guard lock(state_->mutex);
    const auto at = state_->queues.find(queue);
    if (at == state_->queues.end() || state_->jobs.waiting(queue) == 0) return;
    for (const auto& actual : at->second.actual) {
      const Device& device = state_->devices.at(actual);
      // A paused or busy device looks for work by itself when that ends.
      if (device.deliverer && !device.destination.paused && device.destination.job == 0) {
        deliverers.push_back(device.deliverer);
      }
    }
  }
  for (const auto& deliverer : deliverers) deliverer->wake(false);
}

void Manager::start() {
  const DeliveryDesk desk{
      [this](const std::string& device) { return take(device); },
      [this](const std::string& device, int id, const output::Result& result) {
        return settle(device, id, result);
      },
      [this](const std::string& device, int id, std::string_view text,
             std::vector<std::string> reasons) { report(device, id, text, std::move(reasons)); }};
  std::vector<std::shared_ptr<Deliverer>> fresh;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopping) return;
    for (auto& [name, device] : state_->devices) {
      if (device.deliverer || !device.destination.driver) continue;
      asio::io_context& context =
          *options_.contexts.at(state_->next_context++ % options_.contexts.size());
      device.deliverer = std::make_shared<Deliverer>(
          name, device.destination.driver, desk, context, [this](std::exception_ptr failure) {
            log_.write(Message::Unexpected, ipm::describe(failure));
          });
      fresh.push_back(device.deliverer);
    }
  }
  // Without the lock: a deliverer that starts on its own thread looks for work at once.
  for (const auto& deliverer : fresh) deliverer->start();
}

std::optional<output::Assignment> Manager::take(const std::string& name) {
  const std::lock_guard lock(state_->mutex);
  const auto at = state_->devices.find(name);
  if (at == state_->devices.end() || at->second.destination.paused || state_->stopping)
    return std::nullopt;
  Device& device = at->second;
  const auto id = state_->jobs.next_waiting(device.queue);
  if (!id) return std::nullopt;
  const Job& job = state_->jobs.change(*id, [&](Job& changing) {
    changing.state = ipp::JobState::Processing;
    changing.reasons = {"job-printing"};
    changing.message.clear();
    changing.delivered_to = name;
    if (!changing.processing) changing.processing = options_.clock();
  });
  device.destination.job = *id;
  device.destination.state = ipp::PrinterState::Processing;
  // Not waited for: after a crash the job is printed again, which nobody was promised otherwise.
  spool_.update_job(to_update(job), {});
  return assignment_of(job, spool_);
}

std::chrono::milliseconds Manager::settle(const std::string& name, int id,
                                          const output::Result& result) {
  const std::lock_guard lock(state_->mutex);
  std::chrono::milliseconds pause{0};
  if (const auto at = state_->devices.find(name); at != state_->devices.end()) {
    pause = settle_device(at->second.destination, result);
  }
  const Job* before = state_->jobs.find(id);
  if (before == nullptr) return pause;
  const bool canceled = std::find(before->reasons.begin(), before->reasons.end(),
                                  "processing-to-stop-point") != before->reasons.end();
  const Job& job = state_->jobs.change(id, [&](Job& changing) {
    settle_job(changing, result, canceled);
    if (changing.finished()) changing.completed = options_.clock();
  });
  spool_.update_job(to_update(job), {});
  log_delivery(name, job, result, pause);
  if (job.finished()) state_->jobs.trim_history(kJobHistoryMax);
  return pause;
}

void Manager::report(const std::string& name, int id, std::string_view text,
                     std::vector<std::string> reasons) {
  const std::lock_guard lock(state_->mutex);
  if (const auto at = state_->devices.find(name); at != state_->devices.end()) {
    at->second.destination.message = std::string(text);
    at->second.destination.reasons = std::move(reasons);
  }
  if (const Job* job = state_->jobs.find(id); job != nullptr && !job->finished()) {
    state_->jobs.change(id, [&](Job& changing) { changing.message = std::string(text); });
  }
}

void Manager::log_delivery(const std::string& name, const Job& job, const output::Result& result,
                           std::chrono::milliseconds pause) const {
  if (job.state == ipp::JobState::Aborted) {
    log_.write(Message::DeliveryRefused,
               fmt::format("{}: job {} of {}: {}", name, job.id, job.owner.name, result.text));
  } else if (job.state == ipp::JobState::Completed) {
    const std::string proof = job.owner.proven() && !job.certificate.empty()
                                  ? fmt::format(" (certificate {})", job.certificate.substr(0, 23))
                                  : std::string();
    log_.write(Message::Delivered,
               fmt::format("{}: job {} of {}{}: {} bytes{}{}", name, job.id, job.owner.name, proof,
                           job.bytes(), result.text.empty() ? "" : ", ", result.text));
  } else if (is_tried_again(result.outcome) && (job.attempts & (job.attempts - 1)) == 0) {
    // The first, second, fourth, eighth … attempt: a printer that is off for a week fills no log.
    log_.write(Message::DeliveryFailed,
               fmt::format("{}: job {} (attempt {}): {}; next try in {} s", name, job.id,
                           job.attempts, result.text, (pause.count() + 999) / 1000));
  }
}

asio::awaitable<void> Manager::stop() {
  std::vector<std::shared_ptr<Deliverer>> deliverers;
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    for (auto& [name, device] : state_->devices) {
      if (device.deliverer) deliverers.push_back(device.deliverer);
    }
  }
  for (const auto& deliverer : deliverers) deliverer->stop();
  asio::steady_timer timer(co_await asio::this_coro::executor);
  while (!std::all_of(deliverers.begin(), deliverers.end(),
                      [](const auto& one) { return one->ended(); })) {
    timer.expires_after(std::chrono::milliseconds(10));
    co_await timer.async_wait(asio::use_awaitable);
  }
}

}  // namespace ipm::print
