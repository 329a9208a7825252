#include "print/operations/table.h"

#include <algorithm>
#include <array>

namespace ipm::print {
namespace {

using ipp::Operation;

struct Row {
  Operation operation;
  OperationHandler handler;
  bool of_printer;  // listed in a printer's operations-supported
};

constexpr std::array kRows = {
    Row{Operation::PrintJob, print_job, true},
    Row{Operation::ValidateJob, validate_job, true},
    Row{Operation::CreateJob, create_job, true},
    Row{Operation::SendDocument, send_document, true},
    Row{Operation::CancelJob, cancel_job, true},
    Row{Operation::GetJobAttributes, get_job_attributes, true},
    Row{Operation::GetJobs, get_jobs, true},
    Row{Operation::GetPrinterAttributes, get_printer_attributes, true},
    Row{Operation::HoldJob, hold_job, true},
    Row{Operation::ReleaseJob, release_job, true},
    Row{Operation::PausePrinter, pause_printer, true},
    Row{Operation::ResumePrinter, resume_printer, true},
    Row{Operation::SetJobAttributes, set_job_attributes, true},
    Row{Operation::EnablePrinter, enable_printer, true},
    Row{Operation::DisablePrinter, disable_printer, true},
    Row{Operation::CancelJobs, cancel_jobs, true},
    Row{Operation::CancelMyJobs, cancel_my_jobs, true},
    Row{Operation::CloseJob, close_job, true},
    Row{Operation::GetSystemAttributes, get_system_attributes, false},
    Row{Operation::CupsGetDefault, get_default, true},
    Row{Operation::CupsGetPrinters, get_printers, true},
    Row{Operation::CupsAddModifyPrinter, add_printer, true},
    Row{Operation::CupsDeletePrinter, delete_printer, true},
    Row{Operation::CupsGetClasses, get_classes, true},
    Row{Operation::CupsAcceptJobs, enable_printer, true},
    Row{Operation::CupsRejectJobs, disable_printer, true},
};

}  // namespace

OperationHandler find_operation_handler(std::uint16_t code) {
  const auto at = std::find_if(kRows.begin(), kRows.end(), [&](const Row& row) {
    return static_cast<std::uint16_t>(row.operation) == code;
  });
  return at == kRows.end() ? nullptr : at->handler;
}

const std::vector<std::int32_t>& supported_operations() {
  static const std::vector<std::int32_t> codes = [] {
    std::vector<std::int32_t> all;
    for (const Row& row : kRows) {
      if (row.of_printer) all.push_back(static_cast<std::int32_t>(row.operation));
    }
    return all;
  }();
  return codes;
}

}  // namespace ipm::print
