// ipm trust: the CAs that this machine trusts.
#include "ipm/commands.h"
#include "ipm/trust/trust_commands.h"

namespace ipm::app {

void add_trust(CLI::App& program, Context& context) {
  CLI::App& noun = add_noun(program, "trust", "The CAs that this machine trusts");
  add_trust_build(noun, context);
  add_trust_update(noun, context);
  add_trust_install(noun, context);
  add_trust_show(noun, context);
  add_trust_diff(noun, context);
  add_trust_withdraw_list(noun, context);
}

}  // namespace ipm::app
