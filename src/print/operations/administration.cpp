// Operations that change destinations: for operators and administrators only (B4).
#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include "print/operations/reply.h"
#include "print/operations/table.h"
#include "print/operations/target.h"

namespace ipm::print {
namespace asio = boost::asio;
namespace {

asio::awaitable<std::string> set_paused(Service& service, Call& call, bool paused) {
  const Printer& printer = *call.printer;
  co_await service.manager().pause(printer.logical.name, paused);
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

asio::awaitable<std::string> add_printer(Service& service, Call& call) {
  const ipp::Group* group = call.request.find_group(ipp::GroupTag::Printer);
  DestinationOrder order;
  order.name = call.printer_name;
  if (group != nullptr) {
    order.device_uri = group->find_text("device-uri").value_or("");
    order.info = group->find_text("printer-info").value_or("");
    order.location = group->find_text("printer-location").value_or("");
  }
  if (order.device_uri.empty()) {
    malformed("device-uri is missing", "device-uri in the printer attributes");
  }
  co_await service.manager().add_printer(order);
  service.log().write(Message::Notice,
                      fmt::format("{} added the destination {} to {}", call.caller.name(),
                                  order.name, order.device_uri));
  const auto printer = service.manager().find_printer(order.name);
  auto reply = begin_reply(call);
  if (printer) {
    const Requested requested(
        call.operation, {"printer-name", "printer-uri-supported", "printer-uuid", "printer-state"});
    write_printer(reply, call, *printer, requested, service.manager());
  }
  co_return reply.finish();
}

asio::awaitable<std::string> delete_printer(Service& service, Call& call) {
  const Printer& printer = *call.printer;
  co_await service.manager().remove_printer(printer.logical.name);
  service.log().write(Message::Notice, fmt::format("{} deleted the destination {}",
                                                   call.caller.name(), printer.logical.name));
  co_return begin_reply(call).finish();
}

}  // namespace ipm::print
