#include "print/operations/table.h"

#include <algorithm>
#include <array>

namespace ipm::print {
namespace {

using access::Need;
using ipp::Operation;

// In the order of their codes.
constexpr std::array kRows = {
    OperationRow{Operation::PrintJob, print_job, Subject::Printer, Need::Anyone, "print to"},
    OperationRow{Operation::ValidateJob, validate_job, Subject::Printer, Need::Anyone, "print to"},
    OperationRow{Operation::CreateJob, create_job, Subject::Printer, Need::Anyone, "print to"},
    OperationRow{Operation::SendDocument, send_document, Subject::Job, Need::JobOwner,
                 "add a document to"},
    OperationRow{Operation::CancelJob, cancel_job, Subject::Job, Need::JobOwner, "cancel"},
    OperationRow{Operation::GetJobAttributes, get_job_attributes, Subject::Job, Need::Anyone,
                 "see"},
    OperationRow{Operation::GetJobs, get_jobs, Subject::Jobs, Need::Anyone, "list"},
    OperationRow{Operation::GetPrinterAttributes, get_printer_attributes, Subject::Printer,
                 Need::Anyone, "see"},
    OperationRow{Operation::HoldJob, hold_job, Subject::Job, Need::JobOwner, "hold"},
    OperationRow{Operation::ReleaseJob, release_job, Subject::Job, Need::JobOwner, "release"},
    OperationRow{Operation::PausePrinter, pause_printer, Subject::Printer, Need::Operator, "pause"},
    OperationRow{Operation::ResumePrinter, resume_printer, Subject::Printer, Need::Operator,
                 "resume"},
    OperationRow{Operation::PurgeJobs, cancel_jobs, Subject::Jobs, Need::Operator, "cancel"},
    OperationRow{Operation::SetJobAttributes, set_job_attributes, Subject::Job, Need::JobOwner,
                 "change"},
    OperationRow{Operation::EnablePrinter, enable_printer, Subject::Printer, Need::Operator,
                 "enable"},
    OperationRow{Operation::DisablePrinter, disable_printer, Subject::Printer, Need::Operator,
                 "disable"},
    OperationRow{Operation::CancelJobs, cancel_jobs, Subject::Jobs, Need::Operator, "cancel"},
    OperationRow{Operation::CancelMyJobs, cancel_jobs, Subject::OwnJobs, Need::Anyone, "cancel"},
    OperationRow{Operation::CloseJob, close_job, Subject::Job, Need::JobOwner, "close"},
    OperationRow{Operation::GetSystemAttributes, get_system_attributes, Subject::Server,
                 Need::Anyone, "see the server", false},
    OperationRow{Operation::CupsGetDefault, get_default, Subject::Server, Need::Anyone,
                 "see the default printer"},
    OperationRow{Operation::CupsGetPrinters, get_printers, Subject::Server, Need::Anyone,
                 "list the printers"},
    OperationRow{Operation::CupsAddModifyPrinter, add_printer, Subject::PrinterName,
                 Need::Administrator, "add or change"},
    OperationRow{Operation::CupsDeletePrinter, delete_printer, Subject::Printer,
                 Need::Administrator, "delete"},
    OperationRow{Operation::CupsGetClasses, get_classes, Subject::Server, Need::Anyone,
                 "list the classes"},
    OperationRow{Operation::CupsAcceptJobs, enable_printer, Subject::Printer, Need::Operator,
                 "enable"},
    OperationRow{Operation::CupsRejectJobs, disable_printer, Subject::Printer, Need::Operator,
                 "disable"},
};
static_assert(std::ranges::is_sorted(kRows, {}, &OperationRow::operation));

}  // namespace

const OperationRow* find_operation_row(std::uint16_t code) {
  const auto wanted = static_cast<Operation>(code);
  const auto at = std::ranges::lower_bound(kRows, wanted, {}, &OperationRow::operation);
  return at != kRows.end() && at->operation == wanted ? &*at : nullptr;
}

std::span<const OperationRow> operation_rows() {
  return kRows;
}

const std::vector<std::int32_t>& supported_operations() {
  static const std::vector<std::int32_t> codes = [] {
    std::vector<std::int32_t> all;
    for (const OperationRow& row : kRows) {
      if (row.of_printer) all.push_back(static_cast<std::int32_t>(row.operation));
    }
    return all;
  }();
  return codes;
}

}  // namespace ipm::print
