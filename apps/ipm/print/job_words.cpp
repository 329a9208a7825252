#include "ipm/print/job_words.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace ipm::app {
namespace {

Color color_of(ipp::JobState state) {
  switch (state) {
    case ipp::JobState::Completed:
      return Color::Green;
    case ipp::JobState::PendingHeld:
    case ipp::JobState::ProcessingStopped:
      return Color::Yellow;
    case ipp::JobState::Canceled:
    case ipp::JobState::Aborted:
      return Color::Red;
    default:
      return Color::None;
  }
}

}  // namespace

ipp::JobState job_state_of(const ipp::AttributeList& job) {
  return static_cast<ipp::JobState>(job.find_integer("job-state").value_or(0));
}

Cell job_state_cell(const ipp::AttributeList& job) {
  const ipp::JobState state = job_state_of(job);
  const auto name = ipp::job_state_name(state);
  return {std::string(name.empty() ? "unknown" : name), color_of(state)};
}

std::string job_reasons(const ipp::AttributeList& job) {
  std::string reasons;
  for (const auto reason : job.find_all_text("job-state-reasons")) {
    // What the state says already says nothing.
    if (reason == "none" || reason == "job-completed-successfully") continue;
    reasons += fmt::format("{}{}", reasons.empty() ? "" : ", ", printable(reason, 60));
  }
  return reasons;
}

std::string job_state_text(const ipp::AttributeList& job) {
  const std::string message = text_of(job, "job-state-message");
  const std::string more = message.empty() ? job_reasons(job) : message;
  const std::string state = job_state_cell(job).text;
  return more.empty() ? state : fmt::format("{} ({})", state, more);
}

std::string text_of(const ipp::AttributeList& list, std::string_view name) {
  return printable(list.find_text(name).value_or(""), 1023);
}

std::string time_of(const ipp::AttributeList& list, std::string_view name) {
  const auto time = list.find_time(name);
  return time ? to_rfc3339(*time) : std::string();
}

int job_id_of(const ipp::AttributeList& job) {
  if (const auto id = job.find_integer("job-id")) return *id;
  throw Error(Message::IppMalformed, "the server's reply has no job-id", "a job with its number");
}

}  // namespace ipm::app
