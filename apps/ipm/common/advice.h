#pragma once
// The commands that messages name, as they must be typed here.

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace ipm::app {

// What was given on this command line and has to be given again.
struct RepeatedFlags {
  std::optional<std::string> root;    // --root
  std::optional<std::string> server;  // --server
};

// `text` with the flags added to each command of `program` in it: "see ipm printer list" becomes
// "see ipm --root DIR printer list --server HOST". --root is left out of advice for another machine.
std::string with_flags(std::string_view text, const CLI::App& program, const RepeatedFlags& flags);

}  // namespace ipm::app
