// ipm printer list: the destinations of a server, and how they are.
#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include <memory>

#include "ipm/commands.h"
#include "ipm/common/ipp_session.h"
#include "ipm/common/output.h"
#include "ipm/print/job_words.h"
#include "ipp/attribute_text.h"

namespace ipm::app {
namespace {

namespace asio = boost::asio;

Cell state_cell(const ipp::AttributeList& printer) {
  const auto state =
      static_cast<ipp::PrinterState>(printer.find_integer("printer-state").value_or(0));
  const auto name = ipp::printer_state_name(state);
  return {std::string(name.empty() ? "unknown" : name),
          state == ipp::PrinterState::Stopped ? Color::Red : Color::Green};
}

// "paused; not accepting jobs"
std::string remarks(const ipp::AttributeList& printer) {
  std::string text;
  const auto add = [&](std::string_view remark) {
    text += fmt::format("{}{}", text.empty() ? "" : "; ", remark);
  };
  if (!printer.find_boolean("printer-is-accepting-jobs").value_or(true)) add("not accepting jobs");
  const std::string message = text_of(printer, "printer-state-message");
  if (!message.empty()) {
    add(message);
  } else {
    for (const auto reason : printer.find_all_text("printer-state-reasons")) {
      if (reason != "none") add(reason);
    }
  }
  return text;
}

void print_table(const std::vector<const ipp::Group*>& printers) {
  Table table({{"DESTINATION"}, {"STATE"}, {"QUEUED", true}, {"TO"}, {"LOCATION"}, {"REMARKS"}});
  for (const ipp::Group* printer : printers) {
    table.add({text_of(*printer, "printer-name"), state_cell(*printer),
               std::to_string(printer->find_integer("queued-job-count").value_or(0)),
               text_of(*printer, "device-uri"), text_of(*printer, "printer-location"),
               remarks(*printer)});
  }
  print_out("{}", table.text(Context::has_color()));
}

asio::awaitable<int> list(const Context& context, const ServerChoice& choice, IppSession& session) {
  auto request = session.to_server(ipp::Operation::CupsGetPrinters);
  request.groups.front().add_keywords(
      "requested-attributes",
      {"printer-name", "printer-uri-supported", "printer-uuid", "printer-info", "printer-location",
       "printer-state", "printer-state-reasons", "printer-state-message",
       "printer-is-accepting-jobs", "queued-job-count", "device-uri", "document-format-supported"});
  const auto reply = co_await session.send(std::move(request));
  const auto printers = groups_of(reply, ipp::GroupTag::Printer);
  if (context.json) {
    auto document = nlohmann::json::array();
    for (const ipp::Group* printer : printers) document.push_back(ipp::to_json(*printer));
    Context::print_json(document);
    co_return kOk;
  }
  if (printers.empty()) {
    context.say("There is no destination yet.");
    next_step(context, choice, "ipm printer add NAME --to URI");
    co_return kOk;
  }
  print_table(printers);
  next_step(context, choice,
            fmt::format("ipm print FILE -d {}", text_of(*printers.front(), "printer-name")));
  co_return kOk;
}

}  // namespace

void add_printer_list(CLI::App& noun, Context& context) {
  CLI::App& command =
      add_command(noun, "list", "List the destinations and how they are",
                  "  ipm printer list\n"
                  "  ipm printer list --server ipmsrv.example.com\n"
                  "  ipm printer list --json\n"
                  "--json prints IPP's attributes by their names, with the formats taken.");
  auto choice = std::make_shared<ServerChoice>();
  add_server_option(command, *choice);
  on_run(command, context, [&context, choice] {
    return converse(context, *choice,
                    [&](IppSession& session) { return list(context, *choice, session); });
  });
}

}  // namespace ipm::app
