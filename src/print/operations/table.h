#pragma once
// The IPP operations that this server carries out: one table, from which operations-supported and
// the dispatch follow.

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "ipp/constants.h"

namespace ipm::print {

struct Call;
class Service;

// Returns the encoded reply. Throws Error for what the catalogue has a row for.
using OperationHandler = boost::asio::awaitable<std::string> (*)(Service&, Call&);

// Null for an operation that is not supported.
OperationHandler find_operation_handler(std::uint16_t code);

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
boost::asio::awaitable<std::string> cancel_my_jobs(Service& service, Call& call);
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

}  // namespace ipm::print
