#pragma once
// What a request is about: found in the path of printer-uri or job-uri, never in host, port or
// scheme, nor in the path that it was POSTed to (stock clients POST anywhere).

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "print/service.h"

namespace ipm::print {

struct Target {
  enum class Kind { Server, Printer, Job, Unknown };
  Kind kind = Kind::Unknown;
  std::string printer;  // empty for Printer: the default one ("/ipp/print")
  int job = 0;
};

// "/ipp/print/NAME", "/printers/NAME", "/ipp/print", "/jobs/N", "/", "/ipp/system", …
Target parse_target(std::string_view uri);

// The printer that the request names. Throws Error{IppMalformed} when it names none, and
// Error{PrinterNotFound} when there is no such.
Printer require_printer(Service& service, const Call& call);
// The name in printer-uri, whether there is such a printer or not. Throws Error{NameInvalid} for
// what cannot be a destination's name, and for a printer-uri that names none.
std::string require_printer_name(const Call& call);
// Absent when the request is about the whole server ("/").
std::optional<Printer> find_target_printer(Service& service, const Call& call);
// The job that the request names, by job-uri, or printer-uri and job-id.
boost::asio::awaitable<Job> require_job(Service& service, const Call& call);

}  // namespace ipm::print
