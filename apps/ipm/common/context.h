#pragma once
// What every command of `ipm` is handed: the global flags, the places, the clock and the terminal.

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

  // A line for the person at the terminal; nothing with --json. It is written at once. What cannot
  // be written does not keep the work from going on: finish() tells it.
  void say(std::string_view line) const;
  // The same to standard error, whether or not --json is given: a warning beside the result.
  static void warn(std::string_view line);
  // What --json prints: one document, indented.
  static void print_json(const nlohmann::json& document);
  // "Next: ipm …": the next command to run, with --root repeated where it was given. Nothing with
  // --json.
  void next(std::string_view command) const;
  // `command` as it must be typed here: "ipm --root DIR ca list" for "ipm ca list".
  std::string typed(std::string_view command) const;

  // An error that does not keep the command from going on; with --json it is printed by finish().
  // Returns its exit code.
  int tell(const Error& error) const;
  // errno with which standard output refused a text; 0 is none.
  void remember_output_failure(int number) const;
  // As the last act: the errors of --json as one document, and whether all that was printed could be
  // written. `code` is the exit code so far; returns the program's.
  int finish(int code) const;

  // The whole command line, read: for the flags that advice repeats. Outlives this object.
  const CLI::App* program = nullptr;

  // What main() runs once the whole command line is read.
  std::function<int()> action;

 private:
  nlohmann::json as_json(const Error& error, int exit_code) const;
  std::string with_flags_given(std::string_view advice) const;

  struct Progress {
    int output_failure = 0;  // errno of the first line that could not be written
    std::vector<nlohmann::json> errors;
  };
  std::unique_ptr<Progress> progress_ = std::make_unique<Progress>();
};

// Adds a verb (or a noun without an action). `examples` stand below its --help, one a line, then how
// it ends; they say so themselves ("Exit: …") where it ends in further ways.
CLI::App& add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& examples = {});

// A noun: it needs exactly one verb.
CLI::App& add_noun(CLI::App& parent, const std::string& name, const std::string& description);

// `action` returns the exit code and throws Error; it runs after the whole command line is read.
void on_run(CLI::App& command, Context& context, std::function<int()> action);

}  // namespace ipm::app
