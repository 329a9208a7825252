// Operations that tell of destinations and of the server (RFC 8011, 4.2.5; PWG 5100.22, 6.3; and
// those by which stock clients list printers).
#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include "base/text.h"
#include "print/limits.h"
#include "print/operations/job_template.h"
#include "print/operations/reply.h"
#include "print/operations/table.h"
#include "print/operations/target.h"

namespace ipm::print {
namespace asio = boost::asio;
namespace {

using ipp::Status;

std::size_t room_for(const Printer& printer) {
  return printer.logical.description->all().size() + 1536;
}

}  // namespace

asio::awaitable<std::string> get_printer_attributes(Service& service, Call& call) {
  const Printer& printer = *call.printer;
  if (const auto format = call.operation.find_text("document-format")) {
    if (!find_format(*printer.logical.supported, *format)) {
      ipp::AttributeList unsupported;
      unsupported.add_mime_type("document-format", *format);
      co_return refuse(
          call,
          Error(Message::FormatUnsupported,
                fmt::format("{} does not take {}", printer.logical.name, printable(*format)),
                "a format in document-format-supported"),
          unsupported);
    }
  }
  const Requested requested(call.operation, {"all"});
  auto reply = begin_reply(call, Status::Ok, {}, requested.wants_all() ? room_for(printer) : 1024);
  write_printer(reply, call, printer, requested, service.manager());
  co_return reply.finish();
}

asio::awaitable<std::string> get_default(Service& service, Call& call) {
  const auto name = service.manager().default_printer();
  const auto printer = name ? service.manager().find_printer(*name) : std::nullopt;
  if (!printer) {
    throw Error(Message::PrinterNotFound, "there is no destination", "at least one destination",
                "add one: ipm printer add NAME --to DEVICE-URI");
  }
  const Requested requested(call.operation, {"all"});
  auto reply = begin_reply(call, Status::Ok, {}, room_for(*printer));
  write_printer(reply, call, *printer, requested, service.manager());
  co_return reply.finish();
}

// With the filters of CUPS-Get-Printers: from a name on, so many, of a place, of a type.
asio::awaitable<std::string> get_printers(Service& service, Call& call) {
  const Requested requested(call.operation, {"all"});
  const std::int32_t limit =
      call.operation.find_integer("limit").value_or(static_cast<std::int32_t>(kDestinationsMax));
  if (limit < 1) malformed("limit is not 1 or more", "a number from 1 on");
  const auto first = call.operation.find_text("first-printer-name").value_or("");
  const auto location = call.operation.find_text("printer-location");
  const std::int32_t mask = call.operation.find_integer("printer-type-mask").value_or(0);
  const std::int32_t type = call.operation.find_integer("printer-type").value_or(0);
  auto reply = begin_reply(call, Status::Ok, {}, 4096);
  std::int32_t count = 0;
  for (const Printer& printer : service.manager().printers()) {
    if (printer.logical.name < first) continue;
    if (location && !equal_ascii_nocase(printer.logical.location, *location)) continue;
    const std::int32_t own = printer.logical.supported->find_integer("printer-type").value_or(0);
    if ((own & mask) != (type & mask)) continue;
    if (count++ >= limit) break;
    write_printer(reply, call, printer, requested, service.manager());
  }
  co_return reply.finish();
}

// Printer pools are shown as printers: there are no classes, which is an answer, not an error.
asio::awaitable<std::string> get_classes(Service&, Call& call) {
  co_return begin_reply(call).finish();
}

asio::awaitable<std::string> get_system_attributes(Service& service, Call& call) {
  ipp::AttributeList system;
  const auto counts = service.manager().counts();
  system.add_integer("system-up-time",
                     static_cast<std::int32_t>(
                         (service.manager().now() - service.manager().started()).count() + 1));
  system.add_integer("system-configured-printers-count",
                     static_cast<std::int32_t>(counts.printers));
  system.add_integer("queued-job-count", static_cast<std::int32_t>(counts.queued));
  system.add_name("requesting-user-name-proven",
                  call.caller.proven() ? std::string_view(call.caller.name()) : "");
  system.add_keyword("requesting-user-right", access::right_name(call.caller.right));
  if (service.options().describe_system) service.options().describe_system(system);
  const Requested requested(call.operation, {"all"});
  auto reply = begin_reply(call);
  reply.begin_group(ipp::GroupTag::System);
  for (const auto& attribute : system.attributes) {
    if (requested.wants(attribute.name, false)) reply.add(attribute);
  }
  co_return reply.finish();
}

}  // namespace ipm::print
