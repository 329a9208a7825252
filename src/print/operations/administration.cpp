// Operations that change destinations: for operators and administrators only (B4).
#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include "ipp/own_attributes.h"
#include "print/operations/reply.h"
#include "print/operations/table.h"
#include "print/operations/target.h"
#include "print/topology/destination_attributes.h"

namespace ipm::print {
namespace asio = boost::asio;
namespace {

asio::awaitable<std::string> set_paused(Service& service, Call& call, bool paused) {
  const Printer& printer = *call.printer;
  co_await service.manager().pause(
      printer.logical.name, paused,
      std::string(call.operation.find_text("printer-state-message").value_or("")));
  co_return begin_reply(call).finish();
}

asio::awaitable<std::string> set_accepting(Service& service, Call& call, bool accepting) {
  const Printer& printer = *call.printer;
  co_await service.manager().accept(printer.logical.name, accepting);
  co_return begin_reply(call).finish();
}

}  // namespace

asio::awaitable<std::string> pause_printer(Service& service, Call& call) {
  co_return co_await set_paused(service, call, true);
}

asio::awaitable<std::string> resume_printer(Service& service, Call& call) {
  co_return co_await set_paused(service, call, false);
}

asio::awaitable<std::string> enable_printer(Service& service, Call& call) {
  co_return co_await set_accepting(service, call, true);
}

asio::awaitable<std::string> disable_printer(Service& service, Call& call) {
  co_return co_await set_accepting(service, call, false);
}

// CUPS-Add-Modify-Printer: adds a destination or changes the one of that name, unless the request
// says which of the two it means.
asio::awaitable<std::string> add_printer(Service& service, Call& call) {
  static const ipp::AttributeList nothing;
  const ipp::Group* group = call.request.find_group(ipp::GroupTag::Printer);
  const ipp::AttributeList& wanted = group == nullptr ? nothing : *group;
  const std::string name = call.printer_name;
  const auto intent = call.operation.find_text(ipp::own::kIntent).value_or("");
  const bool exists = service.manager().find_printer(name).has_value();
  std::string words;
  if (intent == "modify" || (intent.empty() && exists)) {
    co_await service.manager().modify_printer(name, read_change(wanted));
    service.log().write(Message::Notice,
                        fmt::format("{} changed the destination {}", call.caller.name(), name));
  } else {
    DestinationOrder order = read_order(name, wanted);
    if (order.device_uri.empty() && !exists) {
      malformed("device-uri is missing", "device-uri in the printer attributes");
    }
    const std::string device_uri = order.device_uri;
    co_await service.manager().add_printer(std::move(order));
    words = (co_await service.manager().hear_device(name)).value_or("");
    service.log().write(Message::Notice, fmt::format("{} added the destination {} to {}",
                                                     call.caller.name(), name, device_uri));
  }
  const auto printer = service.manager().find_printer(name);
  auto reply = begin_reply(call, ipp::Status::Ok, words);
  if (printer) {
    const Requested requested(
        call.operation, {"printer-name", "printer-uri-supported", "printer-uuid", "printer-state"});
    write_printer(reply, call, *printer, requested, service.manager());
  }
  co_return reply.finish();
}

asio::awaitable<std::string> delete_printer(Service& service, Call& call) {
  const std::string name = call.printer->logical.name;
  RemovalOrder order;
  const auto jobs = call.operation.find_text(ipp::own::kJobs).value_or("");
  order.cancel_jobs = jobs == "cancel";
  if (jobs == "move") order.move_to = call.operation.find_text(ipp::own::kMoveTo).value_or("");
  co_await service.manager().remove_printer(name, std::move(order));
  service.log().write(Message::Notice,
                      fmt::format("{} deleted the destination {}", call.caller.name(), name));
  co_return begin_reply(call).finish();
}

asio::awaitable<std::string> set_default(Service& service, Call& call) {
  const std::string name = call.printer->logical.name;
  co_await service.manager().set_default(name);
  service.log().write(Message::Notice,
                      fmt::format("{} made {} the default destination", call.caller.name(), name));
  co_return begin_reply(call).finish();
}

}  // namespace ipm::print
