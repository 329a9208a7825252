#include "print/operations/table.h"

#include "ipp/own_attributes.h"

#include <algorithm>
#include <array>

namespace ipm::print {
namespace {

using access::Need;
using ipp::Operation;

// Operation attributes by kind of operation.
template <class... Names>
constexpr auto names(Names... all) {
  return std::array<std::string_view, sizeof...(Names)>{all...};
}
constexpr std::array<std::string_view, 0> kNone;
constexpr auto kNewJob =
    names("ipp-attribute-fidelity", "job-name", "job-password", "job-password-encryption");
constexpr auto kNewJobWithDocument =
    names("compression", "document-format", "document-name", "ipp-attribute-fidelity", "job-name",
          "job-password", "job-password-encryption");
constexpr auto kDocument =
    names("compression", "document-format", "document-name", "last-document");
constexpr auto kMessage = names("message");
constexpr auto kCancelJob = names("message", "purge-job");
constexpr auto kHold = names("job-hold-until", "message");
constexpr auto kCancelJobs = names("job-ids", "message", "my-jobs", "purge-jobs");
constexpr auto kJobAttributes = names("requested-attributes");
constexpr auto kGetJobs = names("first-index", "first-job-id", "job-ids", "limit", "my-jobs",
                                "requested-attributes", "which-jobs");
constexpr auto kPrinterAttributes = names("document-format", "requested-attributes");
constexpr auto kPrinters = names("first-printer-name", "limit", "printer-id", "printer-location",
                                 "printer-type", "printer-type-mask", "requested-attributes");
constexpr auto kPrinterState =
    names("message", "printer-message-from-operator", "printer-state-message");
constexpr auto kAddPrinter = names(ipp::own::kIntent, "requested-attributes");
constexpr auto kDeletePrinter = names(ipp::own::kJobs, ipp::own::kMoveTo);

// In the order of their codes.
constexpr std::array kRows = {
    OperationRow{Operation::PrintJob, print_job, Subject::Printer, Need::Anyone, "print to",
                 kNewJobWithDocument, true},
    OperationRow{Operation::ValidateJob, validate_job, Subject::Printer, Need::Anyone, "print to",
                 kNewJobWithDocument, true},
    OperationRow{Operation::CreateJob, create_job, Subject::Printer, Need::Anyone, "print to",
                 kNewJob, true},
    OperationRow{Operation::SendDocument, send_document, Subject::Job, Need::JobOwner,
                 "add a document to", kDocument},
    OperationRow{Operation::CancelJob, cancel_job, Subject::Job, Need::JobOwner, "cancel",
                 kCancelJob},
    OperationRow{Operation::GetJobAttributes, get_job_attributes, Subject::Job, Need::Anyone, "see",
                 kJobAttributes},
    OperationRow{Operation::GetJobs, get_jobs, Subject::Jobs, Need::Anyone, "list", kGetJobs},
    OperationRow{Operation::GetPrinterAttributes, get_printer_attributes, Subject::Printer,
                 Need::Anyone, "see", kPrinterAttributes},
    OperationRow{Operation::HoldJob, hold_job, Subject::Job, Need::JobOwner, "hold", kHold},
    OperationRow{Operation::ReleaseJob, release_job, Subject::Job, Need::JobOwner, "release",
                 kMessage},
    OperationRow{Operation::PausePrinter, pause_printer, Subject::Printer, Need::Operator, "pause",
                 kPrinterState},
    OperationRow{Operation::ResumePrinter, resume_printer, Subject::Printer, Need::Operator,
                 "resume", kPrinterState},
    OperationRow{Operation::PurgeJobs, purge_jobs, Subject::Jobs, Need::Operator, "purge",
                 kCancelJobs},
    OperationRow{Operation::SetJobAttributes, set_job_attributes, Subject::Job, Need::JobOwner,
                 "change", kMessage},
    OperationRow{Operation::EnablePrinter, enable_printer, Subject::Printer, Need::Operator,
                 "enable", kPrinterState},
    OperationRow{Operation::DisablePrinter, disable_printer, Subject::Printer, Need::Operator,
                 "disable", kPrinterState},
    OperationRow{Operation::CancelJobs, cancel_jobs, Subject::Jobs, Need::Operator, "cancel",
                 kCancelJobs},
    OperationRow{Operation::CancelMyJobs, cancel_jobs, Subject::OwnJobs, Need::Anyone, "cancel",
                 kCancelJobs},
    OperationRow{Operation::CloseJob, close_job, Subject::Job, Need::JobOwner, "close", kNone},
    OperationRow{Operation::GetSystemAttributes, get_system_attributes, Subject::Server,
                 Need::Anyone, "see the server", kJobAttributes, false, false},
    OperationRow{Operation::CupsGetDefault, get_default, Subject::Server, Need::Anyone,
                 "see the default printer", kJobAttributes},
    OperationRow{Operation::CupsGetPrinters, get_printers, Subject::Server, Need::Anyone,
                 "list the printers", kPrinters},
    OperationRow{Operation::CupsAddModifyPrinter, add_printer, Subject::PrinterName,
                 Need::Administrator, "add or change", kAddPrinter},
    OperationRow{Operation::CupsDeletePrinter, delete_printer, Subject::Printer,
                 Need::Administrator, "delete", kDeletePrinter},
    OperationRow{Operation::CupsGetClasses, get_classes, Subject::Server, Need::Anyone,
                 "list the classes", kPrinters},
    OperationRow{Operation::CupsAcceptJobs, enable_printer, Subject::Printer, Need::Operator,
                 "enable", kPrinterState},
    OperationRow{Operation::CupsRejectJobs, disable_printer, Subject::Printer, Need::Operator,
                 "disable", kPrinterState},
    OperationRow{Operation::CupsSetDefault, set_default, Subject::Printer, Need::Administrator,
                 "make the default", kNone},
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
