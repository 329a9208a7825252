#pragma once
// The nouns of the command line, one function and one file (or a few) each. A noun adds itself and
// its verbs to the program; main() calls each once.

#include "ipm/context.h"

namespace ipm::app {

void add_explain(CLI::App& program, Context& context);
void add_trust(CLI::App& program, Context& context);

}  // namespace ipm::app
