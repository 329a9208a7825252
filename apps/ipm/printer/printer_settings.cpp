#include "ipm/printer/printer_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"
#include "base/uri.h"

namespace ipm::app {
namespace {

constexpr std::size_t kDescriptionBytesMax = 127;  // printer-info, printer-location: RFC 8011, 5.4
constexpr std::array<std::string_view, 4> kSchemes = {"file", "ipp", "ipps", "socket"};

void check_device(const std::string& text) {
  const Uri uri = parse_uri(text);
  if (std::ranges::find(kSchemes, uri.scheme) != kSchemes.end()) return;
  throw Error(Message::DeviceUriUnsupported,
              fmt::format("no driver understands {}:", printable(uri.scheme, 40)),
              "file:///DIR/, socket://HOST[:9100], ipp://HOST/PATH or ipps://HOST/PATH",
              "printers that are reached by lpd:// or http:// usually take socket://HOST or "
              "ipp://HOST/ipp/print");
}

void check_description(std::string_view option, const std::optional<std::string>& text) {
  if (!text) return;
  if (!is_utf8(*text) || text->size() > kDescriptionBytesMax) {
    throw Error(Message::UsageWrong,
                fmt::format("{} {}", option,
                            is_utf8(*text) ? fmt::format("has {} bytes", text->size())
                                           : std::string("is no UTF-8 text")),
                fmt::format("at most {} bytes of UTF-8 text", kDescriptionBytesMax),
                "make it shorter, or write it in letters of ASCII");
  }
}

}  // namespace

void add_printer_settings(CLI::App& command, PrinterSettings& settings) {
  command
      .add_option("--to", settings.device_uri,
                  "The device: file:///DIR/, socket://HOST[:9100], ipp://… or ipps://…")
      ->type_name("URI")
      ->required();
  command.add_option("--info", settings.info, "A description for people")->type_name("TEXT");
  command.add_option("--location", settings.location, "Where it stands")->type_name("TEXT");
}

void check_printer_settings(const PrinterSettings& settings) {
  check_device(settings.device_uri);
  check_description("--info", settings.info);
  check_description("--location", settings.location);
}

void write_printer_settings(const PrinterSettings& settings, ipp::Message& request) {
  auto& group = request.add_group(ipp::GroupTag::Printer);
  group.add_uri("device-uri", settings.device_uri);
  if (settings.info) group.add_text("printer-info", *settings.info);
  if (settings.location) group.add_text("printer-location", *settings.location);
}

}  // namespace ipm::app
