#include "print/operations/admission.h"

#include <fmt/format.h>

#include <boost/asio/use_awaitable.hpp>

#include "base/text.h"
#include "print/operations/target.h"

namespace ipm::print {
namespace {

using access::Need;

// `cancel -u NAME` sends Cancel-My-Jobs with my-jobs and NAME as the requesting user (stock
// clients): from an operator it means that user's jobs, from everybody else the caller's own.
Whose whose_jobs(const Call& call) {
  if (call.caller.may_operate() && call.operation.find_boolean("my-jobs").value_or(false) &&
      call.request.operation() != ipp::Operation::GetJobs) {
    const auto user = call.operation.find_text("requesting-user-name");
    if (user && *user != call.caller.name()) return {std::nullopt, std::string(*user)};
  }
  return {call.caller.identity, std::nullopt};
}

void admit_jobs(Service& service, Call& call, const OperationRow& row) {
  call.printer = find_target_printer(service, call);
  if (row.subject == Subject::OwnJobs || call.operation.find_boolean("my-jobs").value_or(false)) {
    call.whose = whose_jobs(call);
    return;
  }
  access::require(row.need, call.caller, nullptr, fmt::format("{} the jobs of others", row.deed));
}

}  // namespace

boost::asio::awaitable<void> admit(Service& service, Call& call, const OperationRow& row) {
  switch (row.subject) {
    case Subject::Server:
      access::require(row.need, call.caller, nullptr, row.deed);
      co_return;
    case Subject::Printer:
      call.printer = require_printer(service, call);
      access::require(row.need, call.caller, nullptr,
                      fmt::format("{} {}", row.deed, call.printer->logical.name));
      co_return;
    case Subject::PrinterName:
      call.printer_name = require_printer_name(call);
      access::require(row.need, call.caller, nullptr,
                      fmt::format("{} {}", row.deed, printable(call.printer_name)));
      co_return;
    case Subject::Job:
      call.job = co_await require_job(service, call);
      access::require(row.need, call.caller, &call.job->owner,
                      fmt::format("{} job {}", row.deed, call.job->id));
      co_return;
    case Subject::Jobs:
    case Subject::OwnJobs:
      admit_jobs(service, call, row);
      co_return;
  }
}

}  // namespace ipm::print
