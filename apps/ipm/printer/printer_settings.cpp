#include "ipm/printer/printer_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/error.h"
#include "base/text.h"
#include "base/uri.h"
#include "ipp/limits.h"
#include "ipp/options.h"
#include "ipp/own_attributes.h"

namespace ipm::app {
namespace {

namespace own = ipp::own;

constexpr int kAttemptsMax = 100;
constexpr std::size_t kDescriptionBytesMax = 127;  // printer-info, printer-location: RFC 8011, 5.4
constexpr std::array<std::string_view, 4> kSchemes = {"file", "ipp", "ipps", "socket"};

std::vector<std::string> words_of(std::span<const std::string_view> words) {
  return {words.begin(), words.end()};
}

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

// Attributes that describe what a device can: what else is set has an option of its own.
ipp::AttributeList declared_of(const PrinterSettings& settings) {
  ipp::AttributeList declared;
  for (const auto& options : settings.declared) {
    for (auto& attribute : ipp::parse_options(options).attributes) {
      if (!attribute.name.ends_with("-supported") && !attribute.name.ends_with("-default") &&
          !attribute.name.ends_with("-ready")) {
        throw Error(Message::UsageWrong,
                    fmt::format("--declare {} says nothing of what a device can",
                                printable(attribute.name, 60)),
                    "names that end in -supported, -default or -ready: sides-supported, "
                    "media-default, color-supported, …",
                    "see what is declared now: ipm printer list --json");
      }
      declared.add(std::move(attribute));
    }
  }
  return declared;
}

}  // namespace

bool PrinterSettings::empty() const {
  return !device_uri && !info && !location && !wait_for_end && !on_error && !when_in_doubt &&
         !attempts && !credentials && declared.empty();
}

void add_printer_settings(CLI::App& command, PrinterSettings& settings, bool is_new) {
  auto* const to =
      command
          .add_option("--to", settings.device_uri,
                      "The device: file:///DIR/, socket://HOST[:9100], ipp://… or ipps://…")
          ->type_name("URI");
  if (is_new) to->required();
  command.add_option("--info", settings.info, "A description for people")->type_name("TEXT");
  command.add_option("--location", settings.location, "Where it stands")->type_name("TEXT");
  command
      .add_option("--wait-for-end", settings.wait_for_end,
                  "socket: whether the printer's closing is waited for; with no, a job that was "
                  "acknowledged to its last byte counts as sent (no)")
      ->check(CLI::IsMember({"yes", "no"}))
      ->type_name("YES|NO");
  command
      .add_option("--on-error", settings.on_error,
                  "What becomes of a job that fails again and again (hold-job)")
      ->check(CLI::IsMember(words_of(own::kErrorPolicies)))
      ->type_name("POLICY");
  command
      .add_option("--attempts", settings.attempts, "Failures of a job before --on-error holds (5)")
      ->check(CLI::Range(1, kAttemptsMax))
      ->type_name("N");
  command
      .add_option("--when-in-doubt", settings.when_in_doubt,
                  "What becomes of a job that is perhaps printed already (hold)")
      ->check(CLI::IsMember(words_of(own::kDoubtPolicies)))
      ->type_name("WHAT");
  command
      .add_option("--credentials", settings.credentials,
                  "ipps: a private file on the server with user name and password; none: \"\"")
      ->type_name("FILE");
  command
      .add_option("--declare", settings.declared,
                  "What a device can that cannot be asked; all of them replace those of before")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->take_all();
}

void check_printer_settings(const PrinterSettings& settings) {
  if (settings.device_uri) check_device(*settings.device_uri);
  check_description("--info", settings.info);
  check_description("--location", settings.location);
  static_cast<void>(declared_of(settings));
}

void write_printer_settings(const PrinterSettings& settings, ipp::Message& request) {
  auto& group = request.add_group(ipp::GroupTag::Printer);
  if (settings.device_uri) group.add_uri("device-uri", *settings.device_uri);
  if (settings.info) group.add_text("printer-info", *settings.info);
  if (settings.location) group.add_text("printer-location", *settings.location);
  if (settings.wait_for_end) group.add_boolean(own::kWaitForEnd, *settings.wait_for_end == "yes");
  if (settings.on_error) group.add_keyword(own::kErrorPolicy, *settings.on_error);
  if (settings.when_in_doubt) group.add_keyword(own::kDoubtPolicy, *settings.when_in_doubt);
  if (settings.attempts) group.add_integer(own::kAttemptsMax, *settings.attempts);
  if (settings.credentials) group.add_name(own::kCredentials, *settings.credentials);
  for (auto& attribute : declared_of(settings).attributes) group.add(std::move(attribute));
}

}  // namespace ipm::app
