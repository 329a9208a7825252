// ipm cert: the noun; each verb has a file of its own.
#include "ipm/commands.h"

namespace ipm::app {

void add_cert(CLI::App& program, Context& context) {
  CLI::App& noun = add_noun(program, "cert", "Certificates: issue, look at, check, export");
  add_cert_issue(noun, context);
  add_cert_request(noun, context);
  add_cert_sign(noun, context);
  add_cert_check(noun, context);
  add_cert_show(noun, context);
  add_cert_verify(noun, context);
  add_cert_export(noun, context);
  add_cert_renew(noun, context);
  add_cert_import(noun, context);
}

}  // namespace ipm::app
