#include "print/operations/target.h"

#include <fmt/format.h>

#include <boost/asio/use_awaitable.hpp>
#include <charconv>

#include "base/text.h"
#include "base/uri.h"
#include "ipp/destination_name.h"
#include "print/topology/topology.h"

namespace ipm::print {
namespace {

[[noreturn]] void missing(std::string_view what) {
  throw Error(Message::IppMalformed, fmt::format("the request does not say {}", what),
              fmt::format("{} in the operation attributes", what));
}

std::string_view target_uri(const Call& call) {
  for (const auto* name : {"printer-uri", "system-uri", "job-uri"}) {
    if (const auto uri = call.operation.find_text(name)) return *uri;
  }
  missing("printer-uri");
}

int parse_id(std::string_view text) {
  int id = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), id);
  return failed == std::errc() && end == text.data() + text.size() && id > 0 ? id : 0;
}

}  // namespace

Target parse_target(std::string_view text) {
  const auto uri = find_uri_path(text);
  if (!uri) return {};
  const auto parts = uri->segments();
  if (parts.empty()) return {Target::Kind::Server, {}, 0};
  if (parts.size() == 1 && (parts[0] == "printers" || parts[0] == "classes" || parts[0] == "jobs" ||
                            parts[0] == "admin")) {
    return {Target::Kind::Server, {}, 0};
  }
  if (parts.size() == 2 && parts[0] == "ipp" && parts[1] == "system")
    return {Target::Kind::Server, {}, 0};
  if (parts.size() == 2 && parts[0] == "ipp" && parts[1] == "print")
    return {Target::Kind::Printer, {}, 0};
  if (parts.size() == 3 && parts[0] == "ipp" && parts[1] == "print") {
    return {Target::Kind::Printer, std::string(parts[2]), 0};
  }
  if (parts.size() == 2 && parts[0] == "printers")
    return {Target::Kind::Printer, std::string(parts[1]), 0};
  if (parts.size() == 2 && parts[0] == "jobs") {
    const int id = parse_id(parts[1]);
    if (id > 0) return {Target::Kind::Job, {}, id};
  }
  return {};
}

std::optional<Printer> find_target_printer(Service& service, const Call& call) {
  const auto uri = target_uri(call);
  const Target target = parse_target(uri);
  if (target.kind == Target::Kind::Server) return std::nullopt;
  if (target.kind != Target::Kind::Printer) no_such_printer(uri);
  std::string name = target.printer;
  if (name.empty()) name = service.manager().default_printer().value_or("");
  auto printer = service.manager().find_printer(name);
  if (!printer) no_such_printer(name.empty() ? uri : std::string_view(name));
  return printer;
}

Printer require_printer(Service& service, const Call& call) {
  auto printer = find_target_printer(service, call);
  if (!printer) no_such_printer(target_uri(call));
  return *std::move(printer);
}

std::string require_printer_name(const Call& call) {
  const auto uri = target_uri(call);
  const Target target = parse_target(uri);
  std::string name = target.printer;
  if (target.kind != Target::Kind::Printer) {
    // Whatever stands where a name should: the refusal shows it.
    const auto at = uri.find("/ipp/print/");
    name = at == std::string_view::npos ? uri
                                        : uri.substr(at + std::string_view("/ipp/print/").size());
  }
  ipp::check_destination_name(name);
  if (target.kind != Target::Kind::Printer) no_such_printer(uri);
  return name;
}

boost::asio::awaitable<Job> require_job(Service& service, const Call& call) {
  int id = 0;
  if (const auto uri = call.operation.find_text("job-uri")) {
    id = parse_target(*uri).job;
    if (id == 0) {
      throw Error(Message::JobNotFound, fmt::format("{} names no job", printable(*uri)),
                  "the URI of a job");
    }
  } else {
    if (!call.operation.contains("printer-uri")) missing("job-uri, or printer-uri and job-id");
    const auto given = call.operation.find_integer("job-id");
    if (!given || *given < 1) missing("job-id");
    static_cast<void>(find_target_printer(service, call));  // It must be one.
    id = *given;
  }
  const auto job = co_await service.manager().find_job(id);
  if (!job) no_such_job(id);
  co_return *job;
}

}  // namespace ipm::print
