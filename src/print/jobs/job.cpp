#include "print/jobs/job.h"

#include <fmt/format.h>

#include <numeric>

#include "base/error.h"

namespace ipm::print {
namespace {

using ipp::JobState;

void add_cause(const Job& job, std::vector<std::string>& reasons) {
  switch (job.cause) {
    case Cause::None:
      break;
    case Cause::FailedTooOften:
      reasons.emplace_back("errors-detected");
      break;
    case Cause::MayBeThereTwice:
      reasons.emplace_back("job-held-for-review");
      break;
    case Cause::CanceledByUser:
      reasons.emplace_back("job-canceled-by-user");
      break;
    case Cause::CanceledByOperator:
      reasons.emplace_back("job-canceled-by-operator");
      break;
    case Cause::CanceledAtDevice:
      reasons.emplace_back("job-canceled-at-device");
      break;
    case Cause::Refused:
    case Cause::NoDocument:
    case Cause::Damaged:
      reasons.emplace_back("aborted-by-system");
      break;
  }
}

}  // namespace

void no_such_job(int id) {
  throw Error(Message::JobNotFound, fmt::format("there is no job {}", id),
              "the number of an existing job", "see what there is: ipm jobs");
}

std::uint64_t Job::bytes() const {
  return std::accumulate(
      documents.begin(), documents.end(), past_bytes,
      [](std::uint64_t sum, const DocumentInfo& document) { return sum + document.bytes; });
}

std::size_t Job::document_count() const {
  return past_documents + documents.size();
}

int Job::copies() const {
  return job_template.find_integer("copies").value_or(1);
}

std::vector<std::string> reasons_of(const Job& job) {
  std::vector<std::string> reasons;
  switch (job.state) {
    case JobState::PendingHeld:
      if (job.incoming) reasons.emplace_back("job-incoming");
      if (job.hold_until != "no-hold") reasons.emplace_back("job-hold-until-specified");
      break;
    case JobState::Processing:
      reasons.emplace_back(job.cancel_wanted ? "processing-to-stop-point" : "job-printing");
      break;
    case JobState::Completed:
      reasons.emplace_back(job.doubtful ? "job-completed-with-warnings"
                                        : "job-completed-successfully");
      break;
    default:
      break;
  }
  add_cause(job, reasons);
  for (const auto& detail : job.details) reasons.push_back(detail);
  return reasons;
}

}  // namespace ipm::print
