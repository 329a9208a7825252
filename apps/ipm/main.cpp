// The client, `ipm`: reads the command line, runs one command, and says how it ended.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <span>
#include <sstream>
#include <system_error>

#include "base/error.h"
#include "base/text.h"
#include "ipm/commands.h"
#include "ipm/common/context.h"
#include "ipm/common/output.h"
#include "ipm/common/usage.h"
#include "ipm/print/interruption.h"
#include "os/streams.h"

namespace ipm::app {
namespace {

void add_global_flags(CLI::App& program, Context& context) {
  program.fallthrough();  // Inherited by every command: the flags are accepted anywhere.
  program.require_subcommand(1);
  program.set_version_flag("--version", "ipm " IPM_VERSION);
  program
      .add_option("--root", context.root,
                  "Keep all files under DIR instead of the system's places (also: IPM_ROOT)")
      ->type_name("DIR");
  program.add_flag("--json", context.json, "Print data, and errors, as JSON");
  program.add_flag("--force", context.force, "Overwrite what is there");
  program.footer(
      "ipm.toml, in /etc/ipm (or etc/ipm under the root) for the machine, and in "
      "$XDG_CONFIG_HOME/ipm\n"
      "or ~/.config/ipm for a user, whose keys win; each key with its default:\n"
      "  [client]\n"
      "  server                     # HOST[:PORT]; this machine's own server\n"
      "  destination                # of ipm print without -d; the server's default\n"
      "  encryption = true          # false: plain IPP, for servers with encryption off\n"
      "  certificate, key           # client-cert.pem and client-key.pem: a user's own beside the\n"
      "                             # user's file, else the machine's\n"
      "  ca = \"ca-cert.pem\"         # anchors that vouch for servers; the machine's\n"
      "  crl = \"crl.pem\"            # revocation lists; need not be there\n"
      "  warn_days = 31             # tell when the client's certificate has fewer days left\n"
      "  common_name = true         # false: names count in the SAN only\n"
      "  relaxed = []               # names of rules not applied to servers of any CA\n"
      "  [trust]\n"
      "  deny = []                  # SHA-256 fingerprints of certificates never trusted here\n"
      "  [[trust.relax]]            # sha256 and rules of a CA of old devices: see ipmd --help\n"
      "Exit: 0 done; 1 refused or failed; 2 wrong usage; 3 something is not there.");
}

void add_commands(CLI::App& program, Context& context) {
  add_ca(program, context);
  add_cert(program, context);
  add_tls(program, context);
  add_explain(program, context);
  add_trust(program, context);
  add_print(program, context);
  add_jobs(program, context);
  add_job(program, context);
  add_printer(program, context);
  add_server(program, context);
}

// Reading stops at the first complaint, perhaps before the flag was reached.
bool asks_for_json(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  return std::any_of(arguments.begin(), arguments.end(),
                     [](const char* argument) { return std::string_view(argument) == "--json"; });
}

// The number of what the standard library throws; a file that may not be looked at is no defect.
Error as_error(const std::exception& failure) {
  const auto* const file = dynamic_cast<const std::filesystem::filesystem_error*>(&failure);
  if (file == nullptr) {
    return {Message::Unexpected, failure.what(), "the command to end in order"};
  }
  const std::string happened =
      fmt::format("{}: {}", printable(file->path1().string(), 600), file->code().message());
  if (file->code() == std::errc::permission_denied ||
      file->code() == std::errc::operation_not_permitted) {
    return {Message::FileUnreadable, happened, "a file that this user may look at",
            "run it as the owner of its folder, or as root"};
  }
  if (file->code() == std::errc::no_such_file_or_directory) {
    return {Message::FileNotFound, happened, "an existing file"};
  }
  return {Message::FileUnwritable, happened, "a file system that does what it is told"};
}

// What --help and --version print; a word that is no command is told before its help.
int show_help(const CLI::App& program, const CLI::Success& wanted, const Context& context) {
  if (lacks_verb(program)) return context.tell(usage_error(program, ""));
  std::ostringstream text;
  const int code = program.exit(wanted, text, text);
  context.remember_output_failure(write_output(text.str()));
  return code;
}

int run(int argc, char** argv, CLI::App& program, Context& context) {
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& wanted) {
    return show_help(program, wanted, context);
  } catch (const CLI::ParseError& error) {
    context.json = context.json || asks_for_json(argc, argv);
    return context.tell(usage_error(program, error.what()));
  }
  try {
    return context.action();
  } catch (const Error& error) {
    return context.tell(error);
  } catch (const OutputFailure& failure) {
    context.remember_output_failure(failure.number());
    return kRuleBroken;
  } catch (const Interrupted& interrupted) {
    static_cast<void>(context.finish(kRuleBroken));  // It closes standard output.
    os::end_by_signal(interrupted.signal);
  } catch (const std::exception& failure) {
    return context.tell(as_error(failure));
  }
}

}  // namespace
}  // namespace ipm::app

int main(int argc, char** argv) {
  using namespace ipm::app;
  ipm::os::keep_standard_streams();
  Context context;
  CLI::App program{"Prints, watches and administers, and looks after every certificate involved.",
                   "ipm"};
  add_global_flags(program, context);
  add_commands(program, context);
  context.program = &program;
  return context.finish(run(argc, argv, program, context));
}
