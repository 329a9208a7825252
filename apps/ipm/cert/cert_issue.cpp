// ipm cert issue server | client: a new key and its certificate, signed by this machine's
// authority.
#include <fmt/format.h>

#include <array>
#include <memory>
#include <optional>

#include "base/files.h"
#include "ipm/cert/identity.h"
#include "ipm/cert/issuing.h"
#include "ipm/cert/passphrase.h"
#include "ipm/commands.h"
#include "ipm/tls/machine.h"

namespace ipm::app {
namespace {

namespace fs = std::filesystem;

struct IssueOptions {
  std::string name;
  std::vector<std::string> names;
  std::string key;
  std::optional<std::string> address;
  bool mutual = false;
  int days = static_cast<int>(pki::kLeafValidity.count());
  std::optional<fs::path> out;
  std::optional<fs::path> passphrase_file;
};

// What to do with the pair that was just written.
void say_next(const Context& context, const IssueOptions& options, const IssueWish& wish,
              const IdentityFiles& files) {
  const bool client = wish.role == pki::Role::Client;
  if (options.out) {
    const Places elsewhere = places();
    context.say(fmt::format(
        "Next: copy both to that computer as {} and {}, and {} there as {}",
        (client ? elsewhere.client_certificate() : elsewhere.server_certificate()).string(),
        (client ? elsewhere.client_key() : elsewhere.server_key()).string(),
        context.places().anchors().string(), elsewhere.anchors().string()));
    return;
  }
  context.next(fmt::format("ipm cert check {} --role {} --key {}", word(files.certificate),
                           wish.role == pki::Role::MutualServer ? "mutual"
                           : client                             ? "client"
                                                                : "server",
                           word(files.key)));
}

int issue(const Context& context, const IssueOptions& options, pki::Role role) {
  auto authority = open_authority(context, options.passphrase_file);
  IssueWish wish;
  wish.role = role;
  wish.key = pki::parse_key_kind(options.key);
  wish.days = std::chrono::days{options.days};
  wish.name = options.name;
  wish.names = parse_names(options.names);
  if (options.address) {
    wish.name = pki::IpAddress::parse(*options.address).text();
    wish.address_only = true;
  }
  wish.for_this_machine = !options.out;
  complete(context, authority, wish);

  const auto files = identity_files(context, role, options.out);
  const std::array both = {files.certificate, files.key};
  require_free(context, both);
  const auto issued = issue_identity(context, authority, wish);
  write_identity(files, issued.identity());
  if (context.json) {
    Context::print_json(identity_json(context, files, issued.identity()));
    return kOk;
  }
  say_identity(context, files, issued.identity());
  say_next(context, options, wish, files);
  return kOk;
}

void add_common(CLI::App& command, IssueOptions& options) {
  command
      .add_option("--names", options.names,
                  "Further names and addresses: \"alt1.example.com 10.0.0.1\" or \"DNS:…, IP:…\"")
      ->type_name("NAMES")
      ->expected(1)
      ->take_all();
  command.add_option("--key", options.key, "rsa2048, rsa3072, rsa4096, p256, p384 or ed25519")
      ->type_name("KIND")
      ->capture_default_str();
  command.add_option("--days", options.days, "Days of validity (default 397)");
  command.add_option("--out", options.out, "Write STEM-cert.pem and STEM-key.pem instead")
      ->type_name("STEM");
  add_passphrase_option(command, options.passphrase_file);
}

}  // namespace

void add_cert_issue(CLI::App& noun, Context& context) {
  CLI::App& issuing = add_noun(noun, "issue", "Make a key and have the authority certify it");

  CLI::App& server = add_command(
      issuing, "server", "A server's certificate (S7; with --mutual S9)",
      "  ipm cert issue server                              this computer, names and addresses "
      "found\n"
      "  ipm cert issue server ipmsrv.example.com --mutual --names \"10.0.0.1 fc00::1\"\n"
      "  ipm cert issue server other.example.com --out ./other --key p256\n"
      "  ipm cert issue server --address 10.0.0.7 --out ./printer7");
  auto server_options = std::make_shared<IssueOptions>();
  server_options->key = "rsa2048";
  auto* name = server.add_option("NAME", server_options->name,
                                 "Its full DNS name or *.DOMAIN; found when not given");
  server
      .add_option("--address", server_options->address,
                  "For a computer that has an address and no name: an exception to S10")
      ->type_name("ADDRESS")
      ->excludes(name);
  server.add_flag("--mutual", server_options->mutual,
                  "For mutual authentication: it is a client of other servers, too");
  add_common(server, *server_options);
  on_run(server, context, [&context, server_options] {
    return issue(context, *server_options,
                 server_options->mutual ? pki::Role::MutualServer : pki::Role::Server);
  });

  CLI::App& client = add_command(issuing, "client", "A client's certificate (S8)",
                                 "  ipm cert issue client alice@example.com --out ./alice\n"
                                 "  ipm cert issue client desk7.example.com --out ./desk7\n"
                                 "  ipm cert issue client          this computer's own");
  auto client_options = std::make_shared<IssueOptions>();
  client_options->key = "p256";
  client.add_option("NAME", client_options->name,
                    "A computer's full DNS name or a user's name; this computer's when not given");
  add_common(client, *client_options);
  on_run(client, context,
         [&context, client_options] { return issue(context, *client_options, pki::Role::Client); });
}

}  // namespace ipm::app
