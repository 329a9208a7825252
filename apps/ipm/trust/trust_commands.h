#pragma once
// The verbs of `ipm trust`, a file each.

#include "ipm/common/context.h"

namespace ipm::app {

void add_trust_build(CLI::App& noun, Context& context);
void add_trust_update(CLI::App& noun, Context& context);
void add_trust_install(CLI::App& noun, Context& context);
void add_trust_show(CLI::App& noun, Context& context);
void add_trust_diff(CLI::App& noun, Context& context);
void add_trust_withdraw_list(CLI::App& noun, Context& context);

}  // namespace ipm::app
