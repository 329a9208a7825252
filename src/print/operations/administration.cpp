// Operations that change destinations: for operators and administrators alone (B4).
#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include "print/operations/reply.h"
#include "print/operations/table.h"
#include "print/operations/target.h"

namespace ipm::print {
namespace asio = boost::asio;
namespace {

asio::awaitable<std::string> set_paused(Service& service, Call& call, bool paused) {
  const Printer printer = require_printer(service, call);
  require_operator(call.caller,
                   fmt::format("{} {}", paused ? "pause" : "resume", printer.logical.name));
  co_await service.manager().pause(printer.logical.name, paused);
  co_return begin_reply(call).finish();
}

asio::awaitable<std::string> set_accepting(Service& service, Call& call, bool accepting) {
  const Printer printer = require_printer(service, call);
  require_operator(call.caller,
                   fmt::format("{} {}", accepting ? "enable" : "disable", printer.logical.name));
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
  const auto uri = call.operation.find_text("printer-uri");
  const Target target = uri ? parse_target(*uri) : Target{};
  if (target.kind != Target::Kind::Printer || target.printer.empty()) {
    co_return begin_reply(call, ipp::Status::BadRequest,
                          "printer-uri must name the new destination")
        .finish();
  }
  require_administrator(call.caller, fmt::format("add {}", target.printer));
  const ipp::Group* group = call.request.find_group(ipp::GroupTag::Printer);
  DestinationOrder order;
  order.name = target.printer;
  if (group != nullptr) {
    order.device_uri = group->find_text("device-uri").value_or("");
    order.info = group->find_text("printer-info").value_or("");
    order.location = group->find_text("printer-location").value_or("");
  }
  if (order.device_uri.empty()) {
    co_return begin_reply(call, ipp::Status::BadRequest, "device-uri is missing").finish();
  }
  co_await service.manager().add_printer(order);
  service.log().write(Message::Notice, fmt::format("{} added the destination {} to {}",
                                                   call.caller.name, order.name, order.device_uri));
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
  const Printer printer = require_printer(service, call);
  require_administrator(call.caller, fmt::format("delete {}", printer.logical.name));
  co_await service.manager().remove_printer(printer.logical.name);
  service.log().write(Message::Notice, fmt::format("{} deleted the destination {}",
                                                   call.caller.name, printer.logical.name));
  co_return begin_reply(call).finish();
}

}  // namespace ipm::print
