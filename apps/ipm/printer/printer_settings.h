#pragma once
// What `ipm printer add` and `ipm printer set` say of a destination, as attributes of
// CUPS-Add-Modify-Printer.

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "ipp/message.h"

namespace ipm::app {

struct PrinterSettings {
  std::optional<std::string> device_uri;
  std::optional<std::string> info;
  std::optional<std::string> location;
  std::optional<std::string> wait_for_end;  // "yes", "no"
  std::optional<std::string> on_error;
  std::optional<std::string> when_in_doubt;
  std::optional<int> attempts;
  std::optional<std::string> credentials;
  std::vector<std::string> declared;  // NAME=VALUE

  bool empty() const;
};

// --to is required of a new destination.
void add_printer_settings(CLI::App& command, PrinterSettings& settings, bool is_new);

// Throws Error{UsageWrong, UriInvalid, DeviceUriUnsupported} for what no server would take.
void check_printer_settings(const PrinterSettings& settings);

// Into a printer group of its own.
void write_printer_settings(const PrinterSettings& settings, ipp::Message& request);

}  // namespace ipm::app
