// ipm tls: the noun; each verb has a file of its own.
#include "ipm/commands.h"

namespace ipm::app {

void add_tls(CLI::App& program, Context& context) {
  CLI::App& noun = add_noun(program, "tls", "Encryption of this machine's server and client");
  add_tls_setup(noun, context);
  add_tls_switch(noun, context);
}

}  // namespace ipm::app
