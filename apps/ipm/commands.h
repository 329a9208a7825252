#pragma once
// The nouns of the command line and their verbs, one function and one file (or a few) each. A noun
// adds itself and its verbs to the program; main() calls each noun once.

#include "ipm/common/context.h"

namespace ipm::app {

void add_ca(CLI::App& program, Context& context);
void add_ca_list(CLI::App& noun, Context& context);
void add_ca_revoke(CLI::App& noun, Context& context);
void add_ca_crl(CLI::App& noun, Context& context);
void add_ca_import(CLI::App& noun, Context& context);

void add_cert(CLI::App& program, Context& context);
void add_cert_issue(CLI::App& noun, Context& context);
void add_cert_request(CLI::App& noun, Context& context);
void add_cert_sign(CLI::App& noun, Context& context);
void add_cert_check(CLI::App& noun, Context& context);
void add_cert_show(CLI::App& noun, Context& context);
void add_cert_verify(CLI::App& noun, Context& context);
void add_cert_export(CLI::App& noun, Context& context);
void add_cert_renew(CLI::App& noun, Context& context);
void add_cert_import(CLI::App& noun, Context& context);

void add_tls(CLI::App& program, Context& context);
void add_tls_setup(CLI::App& noun, Context& context);
void add_tls_switch(CLI::App& noun, Context& context);

void add_explain(CLI::App& program, Context& context);
void add_trust(CLI::App& program, Context& context);

void add_print(CLI::App& program, Context& context);
void add_jobs(CLI::App& program, Context& context);
void add_job(CLI::App& program, Context& context);
void add_job_show(CLI::App& noun, Context& context);
void add_printer(CLI::App& program, Context& context);
void add_printer_add(CLI::App& noun, Context& context);
void add_printer_set(CLI::App& noun, Context& context);
void add_printer_list(CLI::App& noun, Context& context);
void add_printer_default(CLI::App& noun, Context& context);
void add_printer_delete(CLI::App& noun, Context& context);
void add_server(CLI::App& program, Context& context);

}  // namespace ipm::app
