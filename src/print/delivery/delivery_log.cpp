#include "print/delivery/delivery_log.h"

#include <fmt/format.h>

#include <string>

#include "print/guarded_text.h"
#include "print/jobs/job.h"
#include "print/manager/state.h"

namespace ipm::print {
namespace {

using ipp::JobState;

constexpr std::size_t kFingerprintShown = 23;

// The first, second, fourth, eighth … attempt: a printer that is off for a week fills no log.
bool is_worth_a_line(int attempts) {
  return (attempts & (attempts - 1)) == 0;
}

void log_completed(const Job& job, const Log& log) {
  const std::string proof =
      job.owner.proven() && !job.certificate.empty()
          ? fmt::format(" (certificate {})", job.certificate.substr(0, kFingerprintShown))
          : std::string();
  log.write(
      job.doubtful ? Message::DeliveryDoubtful : Message::Delivered,
      fmt::format("{}: job {} of {}{}: {} bytes{}{}", job.delivered_to, job.id, job.owner.name,
                  proof, job.bytes(), job.message.empty() ? "" : ", ", in_full(job.message)));
}

void log_job(const Job& before, const Job& after, const Log& log) {
  const bool was_printing = before.state == JobState::Processing;
  const std::string about =
      fmt::format("{}: job {} of {}", after.delivered_to, after.id, after.owner.name);
  if (was_printing && after.state == JobState::Completed) {
    log_completed(after, log);
  } else if (was_printing && after.state == JobState::Aborted) {
    log.write(Message::DeliveryRefused, fmt::format("{}: {}", about, in_full(after.message)));
  } else if (after.doubtful && (!before.doubtful || after.attempts > before.attempts)) {
    log.write(Message::DeliveryDoubtful,
              fmt::format("{}: {}{}", about, in_full(after.message),
                          after.state == JobState::PendingHeld ? "; it is held" : ""));
  } else if (was_printing && after.state == JobState::PendingHeld) {
    log.write(Message::JobHeld, fmt::format("{}: {}", about, in_full(after.message)));
  } else if (after.attempts > before.attempts && is_worth_a_line(after.attempts)) {
    log.write(Message::DeliveryFailed, fmt::format("{} (attempt {}): {}; others go first", about,
                                                   after.attempts, in_full(after.message)));
  }
}

void log_device(const DeviceSubject& before, const DeviceSubject& after, const Log& log) {
  if (after.state.unwritten && !before.state.unwritten) {
    log.write(Message::SpoolWriteFailed,
              fmt::format("{}: {}; it prints nothing before that is written", after.name,
                          in_full(after.state.message)));
  }
  if (after.state.failures <= before.state.failures || !is_worth_a_line(after.state.failures))
    return;
  const std::string job =
      before.state.job == 0 ? std::string() : fmt::format(" job {}", before.state.job);
  log.write(Message::DeliveryFailed,
            fmt::format("{}:{} (attempt {}): {}", after.name, job, after.state.failures,
                        in_full(after.state.message)));
}

void log_printer(const Printer& before, const Printer& after, const Log& log) {
  if (before.paused || !after.paused) return;
  log.write(Message::Notice, fmt::format("{0}: {1}; when it can go on: ipm printer resume {0}",
                                         after.logical.name, after.message));
}

// Calls `write` with what the event is about, before and after, where it is about that kind.
template <class Subject>
void write_change(const events::Event& event, const Log& log,
                  void (*write)(const Subject&, const Subject&, const Log&)) {
  const auto before = std::dynamic_pointer_cast<const Subject>(event.before);
  const auto after = std::dynamic_pointer_cast<const Subject>(event.after);
  if (before && after) write(*before, *after, log);
}

}  // namespace

DeliveryLog::DeliveryLog(std::shared_ptr<const events::Stream> stream, const Log& log)
    : follower_(
          std::move(stream), [&log](const events::Event& event) { log_event(event, log); },
          [&log](std::uint64_t missed) {
            log.write(Message::Notice,
                      fmt::format("{} events came faster than the log takes them", missed));
          }) {}

void log_event(const events::Event& event, const Log& log) {
  if (event.what == events::What::JobChanged) write_change<Job>(event, log, log_job);
  if (event.what == events::What::DeviceChanged)
    write_change<DeviceSubject>(event, log, log_device);
  if (event.what == events::What::PrinterChanged) write_change<Printer>(event, log, log_printer);
}

}  // namespace ipm::print
