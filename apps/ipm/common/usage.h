#pragma once
// What is wrong with a command line, and what was perhaps meant.

#include <CLI/CLI.hpp>
#include <string>

#include "base/error.h"

namespace ipm::app {

// "ipm ca create": the command that the words on the command line led to.
const CLI::App& innermost(const CLI::App& program);
std::string spelled(const CLI::App& command);

// A word was left over where a verb is needed: "ipm prnt", also before --help.
bool lacks_verb(const CLI::App& program);

// Error{UsageWrong} for `complaint` of the parser, with the nearest command or option.
Error usage_error(const CLI::App& program, std::string complaint);

}  // namespace ipm::app
