// ipm tls on and off: the one switch (S1), and mutual authentication (S9), in ipmd.toml.
#include <fmt/format.h>

#include <memory>

#include "base/files.h"
#include "ipm/commands.h"
#include "ipm/server/server_configuration.h"
#include "settings/server.h"

namespace ipm::app {
namespace {

std::string state_text(bool encrypted, bool mutual) {
  if (!encrypted) return "off: the traffic can be read and forged";
  return mutual ? "on, mutual" : "on";
}

// Encryption is turned on only with files that the server takes: what is missing is told, and
// nothing is written.
int switch_encryption(const Context& context, bool on, bool mutual) {
  const Places places = context.places();
  const auto now = settings::load_server_settings(places);
  WantedConfiguration wanted;
  if (on) {
    wanted.encrypted = true;
    wanted.mutual = mutual || (now.encrypted && now.mutual);
  } else {
    wanted.encrypted = mutual && now.encrypted;
    wanted.mutual = false;
  }
  const auto change = plan_configuration(places, wanted);
  const auto text = find_file(places.server_configuration());
  check_configuration(context, change ? change->text : text.value_or(""));
  const std::string state = state_text(wanted.encrypted, wanted.mutual);
  if (change) {
    write_configuration(context, *change, wanted);
  } else {
    context.say(fmt::format("Encryption is {} already", state));
  }
  if (context.json) {
    Context::print_json({{"encryption", wanted.encrypted},
                         {"mutual", wanted.mutual},
                         {"changed", change.has_value()}});
    return kOk;
  }
  std::error_code ignored;
  if (!std::filesystem::exists(places.socket(), ignored)) {
    context.next("ipmd");
    return kOk;
  }
  if (change) {
    context.say(on ? "A server that runs here takes it up within two seconds."
                   : "A server that runs here goes on as before until it is started again.");
  }
  context.next("ipm server status");
  return kOk;
}

void add_verb(CLI::App& noun, Context& context, bool on, const char* description,
              const char* mutual_description) {
  const std::string verb = on ? "on" : "off";
  CLI::App& command = add_command(noun, verb, description,
                                  fmt::format("  ipm tls {0}\n  ipm tls {0} --mutual", verb));
  auto mutual = std::make_shared<bool>(false);
  command.add_flag("--mutual", *mutual, mutual_description);
  on_run(command, context,
         [&context, on, mutual] { return switch_encryption(context, on, *mutual); });
}

}  // namespace

void add_tls_switch(CLI::App& noun, Context& context) {
  add_verb(noun, context, true,
           "Turn this machine's server to TLS, with the certificates that are there",
           "Clients prove themselves with certificates, too (S9); else that stays as it is");
  add_verb(noun, context, false, "Turn encryption off on this machine's server",
           "Only let clients in without a certificate; the traffic stays encrypted");
}

}  // namespace ipm::app
