#pragma once
// The IPP operations that this server carries out: one table, from which operations-supported, the
// dispatch and the check of who may do what follow.

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "access/need.h"
#include "ipp/constants.h"

namespace ipm::print {

struct Call;
class Service;

// Returns the encoded reply. Throws Error for what the catalogue has a row for. Whether the caller
// may do it has been judged before, and what the operation acts on is in the Call.
using OperationHandler = boost::asio::awaitable<std::string> (*)(Service&, Call&);

// What an operation acts on.
enum class Subject : std::uint8_t {
  Server,       // nothing else
  Printer,      // the one that printer-uri names: Call::printer
  PrinterName,  // a printer that there need not be: Call::printer_name
  Job,          // the one that is named: Call::job
  Jobs,         // those of a printer, or of all printers ("/"): Call::printer, Call::whose
  OwnJobs,      // of those, the caller's own
};

struct OperationRow {
  ipp::Operation operation;
  OperationHandler handler;
  Subject subject;
  access::Need need;
  std::string_view deed;  // "cancel": a refusal says "may not cancel job 7"
  // Operation attributes that it takes, beside those that every operation takes.
  std::span<const std::string_view> attributes;
  bool makes_job = false;  // and takes what can be asked of a job
  bool of_printer = true;  // listed in a printer's operations-supported
};

// Null for an operation that is not supported.
const OperationRow* find_operation_row(std::uint16_t code);
std::span<const OperationRow> operation_rows();

// As operations-supported of a printer lists them (RFC 8011, 5.4.15), ascending.
const std::vector<std::int32_t>& supported_operations();

// One room for each family: submission, jobs, printers, administration.
boost::asio::awaitable<std::string> print_job(Service& service, Call& call);
boost::asio::awaitable<std::string> validate_job(Service& service, Call& call);
boost::asio::awaitable<std::string> create_job(Service& service, Call& call);
boost::asio::awaitable<std::string> send_document(Service& service, Call& call);
boost::asio::awaitable<std::string> close_job(Service& service, Call& call);

boost::asio::awaitable<std::string> cancel_job(Service& service, Call& call);
boost::asio::awaitable<std::string> cancel_jobs(Service& service, Call& call);
boost::asio::awaitable<std::string> purge_jobs(Service& service, Call& call);
boost::asio::awaitable<std::string> hold_job(Service& service, Call& call);
boost::asio::awaitable<std::string> release_job(Service& service, Call& call);
boost::asio::awaitable<std::string> set_job_attributes(Service& service, Call& call);
boost::asio::awaitable<std::string> get_job_attributes(Service& service, Call& call);
boost::asio::awaitable<std::string> get_jobs(Service& service, Call& call);

boost::asio::awaitable<std::string> get_printer_attributes(Service& service, Call& call);
boost::asio::awaitable<std::string> get_default(Service& service, Call& call);
boost::asio::awaitable<std::string> get_printers(Service& service, Call& call);
boost::asio::awaitable<std::string> get_classes(Service& service, Call& call);
boost::asio::awaitable<std::string> get_system_attributes(Service& service, Call& call);

boost::asio::awaitable<std::string> pause_printer(Service& service, Call& call);
boost::asio::awaitable<std::string> resume_printer(Service& service, Call& call);
boost::asio::awaitable<std::string> enable_printer(Service& service, Call& call);
boost::asio::awaitable<std::string> disable_printer(Service& service, Call& call);
boost::asio::awaitable<std::string> add_printer(Service& service, Call& call);
boost::asio::awaitable<std::string> delete_printer(Service& service, Call& call);
boost::asio::awaitable<std::string> set_default(Service& service, Call& call);

}  // namespace ipm::print
