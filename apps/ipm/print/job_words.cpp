#include "ipm/print/job_words.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "ipp/own_attributes.h"

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

// job-state-reasons of jobs that wait (RFC 8011, 5.3.8; PWG 5100.13), in words.
struct ReasonWords {
  std::string_view reason;
  std::string_view words;
};
constexpr ReasonWords kWaiting[] = {
    {"job-incoming", "its documents are still coming"},
    {"job-data-insufficient", "its documents are still coming"},
    {"job-hold-until-specified", "held until it is released"},
    {"job-held-on-error", "held because it failed"},
    {"job-held-for-review", "held until somebody has looked at it"},
    {"printer-stopped", "the printer is stopped"},
    {"printer-stopped-partly", "a part of the printer is stopped"},
    {"resources-are-not-ready", "the printer lacks what it asks for"},
    {"document-unprintable-error", "the printer cannot print it"},
    {"job-stopped", "stopped at the printer"},
    {"processing-to-stop-point", "it is being stopped"},
    {"service-off-line", "the printer is off line"},
    {"connecting-to-device", "the printer is being called"},
};

std::string_view words_of(std::string_view reason) {
  for (const auto& row : kWaiting) {
    if (row.reason == reason) return row.words;
  }
  return {};
}

}  // namespace

bool is_doubtful(const ipp::AttributeList& job) {
  return job.find_boolean(ipp::own::kDoubtful).value_or(false);
}

std::string job_remarks(const ipp::AttributeList& job) {
  std::string text;
  const auto add = [&](std::string_view remark) {
    if (!remark.empty()) text += fmt::format("{}{}", text.empty() ? "" : "; ", remark);
  };
  if (!ipp::is_terminal(job_state_of(job))) {
    for (const auto reason : job.find_all_text("job-state-reasons")) add(words_of(reason));
    add(text_of(job, "job-state-message"));
  }
  if (is_doubtful(job)) add("may be there twice");
  return text;
}

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
