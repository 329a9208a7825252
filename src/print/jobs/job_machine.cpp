#include "print/jobs/job_machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace ipm::print {
namespace {

using ipp::JobState;
using output::Outcome;

constexpr std::string_view kMaybeTwice = "it may be there twice, wholly or in part";

[[noreturn]] void not_possible(const Job& job, std::string_view wanted) {
  throw Error(Message::JobNotPossible,
              fmt::format("job {} is {}", job.id, ipp::job_state_name(job.state)),
              std::string(wanted), fmt::format("ipm job show {} tells its state", job.id));
}

bool is_processing(const Job& job) {
  return job.state == JobState::Processing;
}

void require_waiting(const Job& job) {
  if (job.finished() || is_processing(job)) not_possible(job, "a job that is pending or held");
}

void end(Job& job, JobState state, Cause cause, TimePoint now) {
  job.state = state;
  job.cause = cause;
  job.incoming = false;
  job.cancel_wanted = false;
  job.ask_first = false;
  job.whole = false;
  job.completed = now;
}

void hold(Job& job, Cause cause) {
  job.state = JobState::PendingHeld;
  job.cause = cause;
  job.hold_until = "indefinite";
}

void forget_device_job(Job& job) {
  job.device_job = 0;
  job.device_up = 0;
  job.whole = false;
}

// Another device begins with it from the first page on.
void forget_device(Job& job) {
  forget_device_job(job);
  job.part = {};
}

std::string with_doubt(std::string text) {
  return text.empty() ? std::string(kMaybeTwice) : fmt::format("{}; {}", text, kMaybeTwice);
}

// It ended otherwise, and something of it had been there.
void say_what_is_there(Job& job) {
  job.doubtful = true;
  job.message += "; the device may have printed it, wholly or in part";
}

// Whether it is there is not known, and nobody can be asked.
void doubt(Job& job, std::string text, bool again) {
  job.doubtful = true;
  job.ask_first = false;
  forget_device_job(job);
  job.message = with_doubt(std::move(text));
  if (again) {
    job.state = JobState::Pending;
  } else {
    hold(job, Cause::MayBeThereTwice);
  }
}

void fail(Job& job, const job_event::Settle& event, TimePoint now) {
  ++job.attempts;
  job.state = JobState::Pending;
  job.message = event.result.text;
  job.ask_first = event.result.may_be_there;
  job.whole = event.result.whole && job.device_job != 0;
  if (job.attempts < event.policy.attempts) return;
  const std::string text =
      fmt::format("{} (attempt {} of {})", event.result.text, job.attempts, event.policy.attempts);
  switch (event.policy.failure) {
    case OnFailure::Retry:
      return;
    case OnFailure::HoldJob:
      hold(job, Cause::FailedTooOften);
      break;
    case OnFailure::AbortJob:
      end(job, JobState::Aborted, Cause::Refused, now);
      break;
    case OnFailure::StopPrinter:
      job.attempts = 0;  // Resuming the device gives it as many again.
      break;
  }
  job.message = text;
}

struct Machine {
  Transition next;
  TimePoint now;

  Job& job() { return next.job; }

  void operator()(const job_event::AddDocument& event) {
    if (!job().incoming) {
      throw Error(Message::JobNotPossible, fmt::format("job {} takes no more documents", job().id),
                  "a job made by Create-Job and not yet closed");
    }
    if (event.document) {
      job().documents.push_back(*event.document);
      job().documents.back().number = static_cast<int>(job().documents.size());
    }
    if (!event.last) return;
    job().incoming = false;
    if (job().documents.empty()) {
      end(job(), JobState::Aborted, Cause::NoDocument, now);
      job().message = "closed without a document";
    } else {
      settle_waiting(job());
    }
  }

  void operator()(const job_event::TimeOut&) {
    if (!job().incoming) not_possible(job(), "a job that waits for documents");
    job().message = "no further document came in time";
    job().incoming = false;
    if (job().documents.empty()) {
      end(job(), JobState::Aborted, Cause::NoDocument, now);
    } else {
      settle_waiting(job());
    }
  }

  void operator()(const job_event::Hold& event) {
    require_waiting(job());
    job().hold_until = event.until;
    if (event.until == "no-hold" && job().cause == Cause::FailedTooOften) job().attempts = 0;
    job().cause = Cause::None;
    settle_waiting(job());
  }

  void operator()(const job_event::Edit& event) {
    require_waiting(job());
    if (event.hold_until) (*this)(job_event::Hold{*event.hold_until});
    if (event.name) job().name = *event.name;
    if (event.priority) job().priority = *event.priority;
    for (const auto& attribute : event.job_template.attributes) {
      while (job().job_template.remove(attribute.name)) {
      }
      job().job_template.add(attribute);
    }
    next.attributes = true;
  }

  void operator()(const job_event::Cancel& event) {
    if (job().finished()) not_possible(job(), "a job that is not finished");
    job().message = event.by;
    if (is_processing(job())) {
      // The driver ends first; what it says then settles the job.
      job().cancel_wanted = true;
      job().cause = event.cause;
      return;
    }
    const bool there = job().is_at_device();
    end(job(), JobState::Canceled, event.cause, now);
    if (there) {
      job().doubtful = true;
      job().message += "; the device may have printed it";
    }
  }

  void operator()(const job_event::Take& event) {
    if (!can_print(job())) not_possible(job(), "a job that waits to be printed");
    if (job().delivered_to != event.device) {
      // Another device has none of it under that number.
      forget_device(job());
    }
    job().state = JobState::Processing;
    job().cause = Cause::None;
    job().message.clear();
    job().delivered_to = event.device;
    if (!job().processing) job().processing = now;
  }

  void operator()(const job_event::Accepted& event) {
    if (!is_processing(job())) not_possible(job(), "a job that a device has");
    job().device_job = event.device_job;
    job().device_up = event.device_job == 0 ? 0 : event.device_up;
    job().whole = false;
    job().part = event.part;
  }

  void operator()(const job_event::Settle& event) {
    if (!is_processing(job())) not_possible(job(), "a job that a device has");
    const output::Result& result = event.result;
    job().impressions_completed = std::max(job().impressions_completed, result.impressions);
    job().details = result.job_reasons;
    if (result.outcome == Outcome::Delivered || result.outcome == Outcome::Sent) {
      end(job(), JobState::Completed, Cause::None, now);
      job().doubtful = job().doubtful || result.may_be_there;
      job().message = job().doubtful ? with_doubt(result.text) : result.text;
      return;
    }
    if (job().cancel_wanted) {
      end(job(), JobState::Canceled, job().cause, now);
      if (result.may_be_there || result.outcome == Outcome::Doubtful ||
          job().part.follows_others()) {
        say_what_is_there(job());
      }
      return;
    }
    settle_undelivered(event);
    if (!job().finished()) job().details.clear();
  }

  void settle_undelivered(const job_event::Settle& event) {
    const output::Result& result = event.result;
    // Another attempt could print it twice, and nobody can be asked: as doubtful as it can be.
    const bool unclear = result.may_be_there && !event.recourse.can_ask && !event.recourse.replaces;
    const bool there = result.may_be_there || job().part.follows_others();
    const bool ended = result.outcome == Outcome::Canceled || result.outcome == Outcome::JobRefused;
    switch (unclear && !ended ? Outcome::Doubtful : result.outcome) {
      case Outcome::Delivered:
      case Outcome::Sent:
        break;
      case Outcome::Canceled:
        end(job(), JobState::Canceled, Cause::CanceledAtDevice, now);
        job().message = result.text;
        if (there) say_what_is_there(job());
        break;
      case Outcome::JobRefused:
        end(job(), JobState::Aborted, Cause::Refused, now);
        job().message = result.text;
        if (there) say_what_is_there(job());
        break;
      case Outcome::JobFailed:
        fail(job(), event, now);
        break;
      case Outcome::Doubtful:
        ++job().attempts;
        doubt(job(), result.text,
              event.policy.doubt == OnDoubt::Again && job().attempts < event.policy.attempts);
        break;
      case Outcome::DeviceAway:
      case Outcome::Left:
        job().state = JobState::Pending;
        job().message = result.text;
        job().ask_first = result.may_be_there;
        job().whole = result.whole && job().device_job != 0;
        break;
    }
  }

  void operator()(const job_event::Move& event) {
    require_waiting(job());
    job().destination = event.destination;
    next.moved = true;
    (*this)(job_event::LoseDevice{});
  }

  void operator()(const job_event::LoseDevice&) {
    require_waiting(job());
    job().attempts = 0;  // What it did wrong at one device says nothing of another.
    if (!job().is_at_device()) return;
    doubt(job(), "the device that may have it is asked no more", false);
    job().part = {};
  }

  void operator()(const job_event::Resume& event) {
    if (job().finished()) not_possible(job(), "a job that is not finished");
    job().state = JobState::Pending;
    if (job().cancel_wanted) {
      const Cause cause = job().cause == Cause::None ? Cause::CanceledByUser : job().cause;
      end(job(), JobState::Canceled, cause, now);
      if (!event.recourse.replaces) say_what_is_there(job());
      return;
    }
    constexpr std::string_view kStopped = "the server was stopped while it was printed";
    if (event.recourse.replaces) {
      job().message = kStopped;
    } else if (event.recourse.can_ask) {
      job().ask_first = true;
      job().message = fmt::format("{}; the device is asked for it", kStopped);
    } else {
      ++job().attempts;
      doubt(job(), std::string(kStopped), event.doubt == OnDoubt::Again);
    }
  }

  void operator()(const job_event::Abort& event) {
    if (job().finished()) not_possible(job(), "a job that is not finished");
    end(job(), JobState::Aborted, event.cause, now);
    job().message = event.text;
  }
};

}  // namespace

Transition apply(const Job& job, const JobEvent& event, TimePoint now) {
  Machine machine{{job}, now};
  std::visit(machine, event);
  if (machine.job().finished() && !machine.job().secrets.attributes.empty()) {
    machine.job().secrets = {};
    machine.next.attributes = true;
  }
  return std::move(machine.next);
}

void settle_waiting(Job& job) {
  const bool held = job.incoming || job.hold_until != "no-hold";
  job.state = held ? JobState::PendingHeld : JobState::Pending;
}

bool can_print(const Job& job) {
  return job.state == JobState::Pending && !job.incoming && !job.documents.empty();
}

}  // namespace ipm::print
