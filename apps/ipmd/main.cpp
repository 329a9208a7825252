// The server, `ipmd`: reads the command line and ipmd.toml, and runs in the foreground until
// SIGTERM.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "base/error.h"
#include "base/log.h"
#include "base/places.h"
#include "ipmd/server.h"
#include "settings/server.h"

namespace ipm::app {
namespace {

int report(const Error& error) {
  fmt::print(stderr, "{}", error.for_terminal());
  return statuses(error.reaction()).exit;
}

int run(int argc, char** argv) {
  CLI::App program{
      "The Imprimatur print server. It runs in the foreground until SIGTERM or Ctrl-C;\n"
      "ipmd.toml and the certificates that it names are taken up as they change; SIGHUP reads "
      "them\n"
      "at once and reopens the log.",
      "ipmd"};
  std::optional<std::filesystem::path> root;
  bool check = false;
  program
      .add_option("--root", root,
                  "Keep all files under DIR instead of the system's places (also: IPM_ROOT)")
      ->type_name("DIR");
  program.add_flag("--check", check,
                   "Look whether the configuration and the certificates are in order, and end");
  program.set_version_flag("--version", "ipmd " IPM_VERSION);
  program.footer(
      "Examples:\n"
      "  ipmd\n"
      "  ipmd --check\n"
      "  ipmd --root /srv/trial\n"
      "First time? ipm tls setup --mutual\n"
      "\n"
      "ipmd.toml (in /etc/ipm, or etc/ipm under the root), each key with its default:\n"
      "  [server]\n"
      "  name = \"...\"               # this machine's name, as clients reach it\n"
      "  listen = [\"[::]:631\"]      # addresses and ports\n"
      "  [encryption]\n"
      "  enabled = false            # TLS on: plaintext clients are refused\n"
      "  mutual = false             # clients prove themselves with certificates\n"
      "  certificate, key           # server-cert.pem, server-key.pem beside this file\n"
      "  dial_certificate, dial_key # for printers and other servers: the same pair\n"
      "  ca = \"ca-cert.pem\"         # anchors that vouch for servers, and for clients\n"
      "  client_ca                  # anchors that vouch for clients alone\n"
      "  crl = \"crl.pem\"            # revocation lists; need not be there\n"
      "  warn_days = 31             # 5010-907 with fewer days left\n"
      "  public_ca_clients = \"refuse\"  # \"allow\": public CAs may vouch for clients\n"
      "  common_name = true         # false: names count in the SAN alone\n"
      "  relaxed = []               # names of rules not applied to peers of any CA\n"
      "  [revocation]\n"
      "  required = false           # true: refuse whose CA has no list here\n"
      "  stale = \"refuse\"           # \"warn\": use a list past its nextUpdate all the same\n"
      "  [trust]\n"
      "  deny = []                  # SHA-256 fingerprints of certificates never trusted here\n"
      "  [[trust.relax]]            # old devices, by their CA; one section for each (none)\n"
      "  sha256 = \"...\"             # of the CA's certificate: ipm trust show --json\n"
      "  rules = [\"weak-key\"]       # ipm explain RULE; not for publicly trusted CAs\n"
      "  [access]\n"
      "  administrators = []        # names of certificates; *.example.com is allowed\n"
      "  operators = []\n"
      "  [history]\n"
      "  jobs = 10000               # finished jobs that are kept at most\n"
      "  days = 30                  # and none that ended longer ago\n"
      "  [spool]\n"
      "  reserve_bytes = 67108864   # kept free, so that jobs can end and be cancelled on a\n"
      "                             # full disk; at most a sixteenth of the disk; 0: nothing\n"
      "  [limits]\n"
      "  document_bytes = 0         # of one document; 0: as large as the disk takes\n"
      "  connections = 10000\n"
      "  connections_per_address = 1000");
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& wanted) {
    return program.exit(wanted);
  } catch (const CLI::ParseError& error) {
    return report(
        {Message::UsageWrong, error.what(), "ipmd [--root DIR] [--check]", "ipmd --help"});
  }
  const Places all = places(chosen_root(root));
  try {
    const settings::ServerSettings settings = settings::load_server_settings(all);
    if (check) {
      const Log log({{}, true, system_clock()});
      check_server(settings, all, log);
      fmt::print("{} and what it names are in order\n", all.server_configuration().string());
      return 0;
    }
    Log log({all.error_log(), true, system_clock()});
    try {
      run_server(settings, all, log);
    } catch (const Error& error) {
      // Into the file alone: the terminal gets its three lines below.
      Log({all.error_log(), false, system_clock()}).write(error);
      throw;
    }
    return 0;
  } catch (const Error& error) {
    report(error);
    return 1;  // Whatever the reason: the server did not start.
  }
}

}  // namespace
}  // namespace ipm::app

int main(int argc, char** argv) {
  try {
    return ipm::app::run(argc, argv);
  } catch (const std::exception& failure) {
    return ipm::app::report({ipm::Message::Unexpected, failure.what(), "the server to run"});
  }
}
