#pragma once
// What every command of `ipm` is handed: the global flags, the places, the clock and the terminal.

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/places.h"

namespace ipm::app {

// How every command ends. Errors end as their message's row says (statuses()).
enum ExitCode : int {
  kOk = 0,
  kRuleBroken = 1,
  kUsageWrong = 2,
  kNotFound = 3,
  kExpiresSoon = 4,
  kExpired = 5,
  kRevoked = 6,
};

// One of the program's lifetime. Commands keep a reference to it and look at the flags only when
// they run: while the command line is being read, the flags are not there yet.
class Context {
 public:
  // The global flags, accepted anywhere on the command line.
  std::optional<std::filesystem::path> root;  // --root DIR
  bool json = false;                          // --json
  bool force = false;                         // --force

  Clock clock = system_clock();

  Places places() const { return ipm::places(chosen_root(root)); }
  TimePoint now() const { return clock(); }

  // Whether standard output is a terminal that may be coloured (NO_COLOR unset).
  static bool has_color();

  // A line for the person at the terminal; nothing with --json.
  void say(std::string_view line) const;
  // What --json prints: one document, indented.
  static void print_json(const nlohmann::json& document);
  // "Next: ipm …": the next command to run, with --root repeated where it was given. Nothing with
  // --json.
  void next(std::string_view command) const;
  // `command` as it must be typed here: "ipm --root DIR ca list" for "ipm ca list".
  std::string typed(std::string_view command) const;

  // What main() runs once the whole command line is read.
  std::function<int()> action;
};

// Adds a verb (or a noun without an action). `examples` stand below its --help, one a line.
CLI::App& add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& examples = {});

// A noun: it needs exactly one verb.
CLI::App& add_noun(CLI::App& parent, const std::string& name, const std::string& description);

// `action` returns the exit code and throws Error; it runs after the whole command line is read.
void on_run(CLI::App& command, Context& context, std::function<int()> action);

// The error as a person or (with --json) a program reads it, to standard error; its exit code.
int report(const Error& error, bool json);

}  // namespace ipm::app
