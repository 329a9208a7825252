#pragma once
// What `ipm printer add` says of a destination, as attributes of
// CUPS-Add-Modify-Printer.

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "ipp/message.h"

namespace ipm::app {

struct PrinterSettings {
  std::string device_uri;
  std::optional<std::string> info;
  std::optional<std::string> location;
};

void add_printer_settings(CLI::App& command, PrinterSettings& settings);

// Throws Error{UsageWrong, UriInvalid, DeviceUriUnsupported} for what no server would take.
void check_printer_settings(const PrinterSettings& settings);

// Into a printer group of its own.
void write_printer_settings(const PrinterSettings& settings, ipp::Message& request);

}  // namespace ipm::app
