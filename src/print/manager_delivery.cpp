// Deliveries: what deliverers take from queues and bring back. See manager.h.
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

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
  assignment.owner = job.owner;
  assignment.copies = job.copies();
  assignment.job_template = job.job_template;
  for (const DocumentInfo& info : job.documents) {
    output::Document document;
    document.number = info.number;
    document.name = info.name;
    document.format = info.format;
    document.bytes = info.bytes;
    document.open = [&spool, id = job.id, number = info.number]() -> std::unique_ptr<output::Source> {
      auto reader = spool.find_document(id, number);
      if (!reader) {
        throw Error(Message::SpoolDamaged, fmt::format("document {} of job {} is not in the spool", number, id),
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
  const std::lock_guard lock(state_->mutex);
  if (state_->stopping) return;
  state_->started = true;
  const DeliveryDesk desk{
      [this](const std::string& name) -> std::optional<output::Assignment> {
        const std::lock_guard held(state_->mutex);
        const auto at = state_->devices.find(name);
        if (at == state_->devices.end() || at->second.destination.paused || state_->stopping) return std::nullopt;
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
      },
      [this](const std::string& name, int id, const output::Result& result) {
        const std::lock_guard held(state_->mutex);
        std::chrono::milliseconds pause{0};
        if (const auto at = state_->devices.find(name); at != state_->devices.end()) {
          ActualDestination& destination = at->second.destination;
          destination.job = 0;
          destination.state = ipp::PrinterState::Idle;
          destination.reasons = result.printer_reasons;
          destination.message.clear();
          if (result.outcome == output::Outcome::TryAgain) {
            if (destination.reasons.empty()) destination.reasons = {"connecting-to-device"};
            destination.pause = longer(destination.pause);
            destination.message = fmt::format("{}; next try in {} s", result.text,
                                              (destination.pause.count() + 999) / 1000);
          } else {
            destination.pause = std::chrono::milliseconds{0};
          }
          pause = destination.pause;
        }
        const Job* before = state_->jobs.find(id);
        if (before == nullptr) return pause;
        const bool canceled = std::find(before->reasons.begin(), before->reasons.end(),
                                        "processing-to-stop-point") != before->reasons.end();
        const Job& job = state_->jobs.change(id, [&](Job& changing) {
          changing.impressions_completed = std::max(changing.impressions_completed, result.impressions);
          const bool delivered = result.outcome == output::Outcome::Delivered;
          if (delivered) {
            changing.state = ipp::JobState::Completed;
            changing.reasons = {"job-completed-successfully"};
            changing.message = result.text;
          } else if (canceled) {
            changing.state = ipp::JobState::Canceled;
            changing.reasons = {"job-canceled-by-user"};
          } else if (result.outcome == output::Outcome::Refused) {
            changing.state = ipp::JobState::Aborted;
            changing.reasons = {"aborted-by-system"};
            changing.message = result.text;
          } else {
            // The device is away, or this server stops: the job waits for its turn again.
            changing.state = ipp::JobState::Pending;
            changing.reasons = result.outcome == output::Outcome::TryAgain
                                   ? std::vector<std::string>{"resources-are-not-ready"}
                                   : std::vector<std::string>{};
            changing.message = result.text;
            changing.attempts += result.outcome == output::Outcome::TryAgain ? 1 : 0;
          }
          if (changing.finished()) changing.completed = options_.clock();
        });
        spool_.update_job(to_update(job), {});
        if (result.outcome == output::Outcome::TryAgain && !canceled) {
          if (job.attempts == 1 || (job.attempts & (job.attempts - 1)) == 0) {
            log_.write(Message::DeliveryFailed, fmt::format("{}: job {} (attempt {}): {}; next try in {} s", name, id,
                                                            job.attempts, result.text, (pause.count() + 999) / 1000));
          }
        } else if (result.outcome == output::Outcome::Refused) {
          log_.write(Message::DeliveryRefused, fmt::format("{}: job {} of {}: {}", name, id, job.owner, result.text));
        } else if (job.state == ipp::JobState::Completed) {
          log_.write(Message::Delivered,
                     fmt::format("{}: job {} of {}{}: {} bytes{}{}", name, id, job.owner,
                                 job.owner_proven && !job.certificate.empty()
                                     ? fmt::format(" (certificate {})", job.certificate.substr(0, 23))
                                     : std::string(),
                                 job.bytes(), result.text.empty() ? "" : ", ", result.text));
        }
        if (job.finished()) state_->jobs.trim_history(kJobHistoryMax);
        return pause;
      },
      [this](const std::string& name, int id, std::string_view text, std::vector<std::string> reasons) {
        const std::lock_guard held(state_->mutex);
        if (const auto at = state_->devices.find(name); at != state_->devices.end()) {
          at->second.destination.message = std::string(text);
          at->second.destination.reasons = std::move(reasons);
        }
        if (const Job* job = state_->jobs.find(id); job != nullptr && !job->finished()) {
          state_->jobs.change(id, [&](Job& changing) { changing.message = std::string(text); });
        }
      }};
  for (auto& [name, device] : state_->devices) {
    if (device.deliverer || !device.destination.driver) continue;
    asio::io_context& context = *options_.contexts.at(state_->next_context++ % options_.contexts.size());
    device.deliverer = std::make_shared<Deliverer>(
        name, device.destination.driver, desk, context,
        [this](std::exception_ptr failure) { log_.write(Message::Unexpected, ipm::describe(failure)); });
    device.deliverer->start();
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
  while (!std::all_of(deliverers.begin(), deliverers.end(), [](const auto& one) { return one->ended(); })) {
    timer.expires_after(std::chrono::milliseconds(10));
    co_await timer.async_wait(asio::use_awaitable);
  }
}

}  // namespace ipm::print
