// ipm ca create | show: the authority that signs this site's certificates (S2).
#include <fmt/format.h>

#include <memory>

#include "authority/authority.h"
#include "base/text.h"
#include "ipm/cert/identity.h"
#include "ipm/cert/passphrase.h"
#include "ipm/commands.h"
#include "ipm/common/describe.h"
#include "ipm/common/installed.h"
#include "ipm/common/output.h"
#include "ipm/trust/anchors_file.h"
#include "ipm/trust/trust_store.h"

namespace ipm::app {
namespace {

namespace fs = std::filesystem;

struct CreateOptions {
  std::string name;
  std::string key = "rsa3072";
  int days = static_cast<int>(pki::kAuthorityValidity.count());
  std::string only;
  bool encrypt = false;
  std::optional<fs::path> passphrase_file;
};

// The authority that --force is about to move aside, if it can be read.
std::optional<pki::Certificate> find_current(const Context& context) {
  try {
    return authority::Authority::open(context.places().authority(), {}).certificate();
  } catch (const Error&) {
    return std::nullopt;
  }
}

int create(const Context& context, const CreateOptions& options) {
  const auto folder = context.places().authority();
  authority::Creation creation;
  creation.name = options.name;
  creation.key = pki::parse_key_kind(options.key);
  creation.constraints = pki::NameConstraints::parse(options.only);
  creation.validity = std::chrono::days{options.days};
  creation.now = context.now();
  creation.replace = context.force;
  // Asked for only where the rest can succeed.
  if (!context.force && authority::Authority::exists(folder)) {
    throw Error(Message::AuthorityExists,
                fmt::format("there is an authority in {} already", folder.string()),
                "a place without one");
  }
  for (const auto& file : installed_files(context).anchors) {
    read_present_store(file);  // What it cannot be added to is told before it is made.
  }
  if (options.encrypt || options.passphrase_file) {
    creation.passphrase = new_passphrase(options.passphrase_file, "Passphrase for the CA's key: ");
  }
  const auto replaced = context.force ? find_current(context) : std::nullopt;
  const bool encrypted = creation.passphrase.has_value();
  const auto authority = authority::Authority::create(folder, std::move(creation));
  const auto anchor = install_anchor(context, authority.certificate(), replaced);

  if (context.json) {
    auto document = certificate_json(authority.certificate(), context.now());
    document["certificate_file"] = authority.certificate_file().string();
    document["key_file"] = authority.key_file().string();
    document["key_encrypted"] = encrypted;
    document["anchors_file"] = installed_files(context).anchors.front().string();
    if (authority.replaced()) document["replaced"] = authority.replaced()->string();
    Context::print_json(document);
    return kOk;
  }
  if (authority.replaced()) {
    context.say(
        fmt::format("Moved the earlier authority to {}; what it issued is trusted no more "
                    "once its certificate leaves the anchors",
                    authority.replaced()->string()));
  }
  context.say(fmt::format("Wrote {} (the authority {})", authority.certificate_file().string(),
                          printable(options.name, 80)));
  context.say(fmt::format("      {} (its key{}: keep it private, and keep a copy)",
                          authority.key_file().string(), encrypted ? ", encrypted" : ""));
  context.say(anchor);
  if (!options.only.empty()) {
    context.say(
        fmt::format("  only         {} (computers and mailboxes; users' names such as alice are "
                    "not limited)",
                    pki::name_constraints_text(authority.certificate())));
  }
  say_certificate(context, authority.certificate());
  context.next("ipm cert issue server");
  return kOk;
}

int show(const Context& context) {
  const auto authority = authority::Authority::open(context.places().authority(), {});
  std::size_t valid = 0;
  std::size_t revoked = 0;
  const auto entries = authority.inventory().all();
  for (const auto& entry : entries) {
    valid += entry.state(context.now()) == authority::State::Valid ? 1U : 0U;
    revoked += entry.revoked ? 1U : 0U;
  }
  if (context.json) {
    auto document = certificate_json(authority.certificate(), context.now());
    document["folder"] = authority.folder().string();
    document["key_encrypted"] = authority.has_encrypted_key();
    document["issued"] = entries.size();
    document["valid"] = valid;
    document["revoked"] = revoked;
    Context::print_json(document);
    return kOk;
  }
  print_out("{}", certificate_text(authority.certificate(), context.now()));
  print_out("  {:<12} {}\n", "kept in", authority.folder().string());
  print_out("  {:<12} {}\n", "its key",
            authority.has_encrypted_key() ? "encrypted" : "unencrypted");
  print_out("  {:<12} {}, of which {} valid and {} revoked\n", "issued", entries.size(), valid,
            revoked);
  return kOk;
}

void add_create(CLI::App& noun, Context& context) {
  CLI::App& command =
      add_command(noun, "create", "Make this site's certificate authority",
                  "  ipm ca create \"Example Print CA\"\n"
                  "  ipm ca create \"Example Print CA\" --only example.com,10.0.0.0/8 --encrypt\n"
                  "  ipm ca create \"Trial CA\" --key p256 --days 365");
  auto options = std::make_shared<CreateOptions>();
  command.add_option("NAME", options->name, "What the authority is called, at most 64 characters")
      ->required();
  command
      .add_option("--key", options->key,
                  "rsa3072 (default), rsa4096, rsa2048, p256, p384 or ed25519")
      ->type_name("KIND");
  command.add_option("--days", options->days, "Days of validity (default 3650)");
  command
      .add_option("--only", options->only,
                  "Domains and networks that it may certify; all others, it cannot")
      ->type_name("NAMES");
  command.add_flag("--encrypt", options->encrypt,
                   "Encrypt its key; the passphrase is asked for now and at each signature");
  add_passphrase_option(command, options->passphrase_file);
  on_run(command, context, [&context, options] { return create(context, *options); });
}

}  // namespace

void add_ca(CLI::App& program, Context& context) {
  CLI::App& noun = add_noun(program, "ca", "This site's certificate authority");
  add_create(noun, context);
  CLI::App& shown = add_command(noun, "show", "Show the authority's certificate and what it issued",
                                "  ipm ca show\n  ipm ca show --json");
  on_run(shown, context, [&context] { return show(context); });
  add_ca_list(noun, context);
  add_ca_revoke(noun, context);
  add_ca_crl(noun, context);
  add_ca_import(noun, context);
}

}  // namespace ipm::app
