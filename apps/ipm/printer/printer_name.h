#pragma once
// The NAME of a destination on the command line.

#include <CLI/CLI.hpp>
#include <string>

#include "base/error.h"

namespace ipm::app {

inline CLI::Option* add_printer_name(CLI::App& command, std::string& name) {
  return command.add_option("NAME", name, "The destination");
}

// An empty name would mean the default destination on the wire: a variable that is not set.
inline void require_printer_name(const std::string& name) {
  if (!name.empty()) return;
  throw Error(Message::UsageWrong, "the name of the destination is empty",
              "the name of a destination: ipm printer list shows them",
              "name one; perhaps a variable is not set");
}

}  // namespace ipm::app
