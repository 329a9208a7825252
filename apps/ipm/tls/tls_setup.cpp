// ipm tls setup: everything that this machine needs to print under TLS, in one step.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "ipm/cert/issuing.h"
#include "ipm/cert/passphrase.h"
#include "ipm/commands.h"
#include "ipm/common/describe.h"
#include "ipm/server/server_configuration.h"
#include "ipm/tls/machine.h"
#include "ipm/trust/anchors_file.h"
#include "ipm/trust/trust_store.h"
#include "settings/server.h"
#include "trust/verifier.h"

namespace ipm::app {
namespace {

namespace fs = std::filesystem;

struct SetupOptions {
  std::string name;
  std::vector<std::string> names;
  std::string authority_name;
  std::string key = "rsa2048";
  std::string authority_key = "rsa3072";
  bool mutual = false;
  bool dry_run = false;
  std::optional<fs::path> passphrase_file;
};

// What there is to do; made whole before anything is done.
struct Plan {
  std::string name;
  // A pair and anchors are there, and no authority is: another machine made them, or they were bought.
  // None is made here (it would vouch for clients), and nothing is issued in the pair's place.
  bool brought = false;
  std::string authority_name;  // Empty: the one that is there is used.
  bool anchor = false;         // The certificate of the one that is there is no anchor yet.
  bool server = false;         // Issue it; else the one that is there stays.
  bool client = false;
  std::optional<ConfigurationChange> configuration;
  std::vector<fs::path> anchor_files;
  IdentityFiles server_files;
  IdentityFiles client_files;
  pki::Role server_role = pki::Role::Server;
};

// The name that this machine goes by so far: its configuration's, else its certificate's, else what
// the operating system tells.
std::string known_name(const Context& context, const IdentityFiles& files, bool replaced) {
  const auto configured = settings::load_server_settings(context.places()).name;
  if (!configured.empty()) return configured;
  if (!replaced) {
    if (const auto bytes = find_file(files.certificate)) {
      const auto chain = pki::Certificate::parse_all(*bytes, files.certificate.string());
      if (const auto name = chain.front().common_name()) return *name;
    }
  }
  return find_machine().name.text();
}

bool is_any_there(const IdentityFiles& files) {
  return fs::exists(files.certificate) || fs::exists(files.key);
}

// Whether the authority that is here issued the certificate of a pair, or one that it replaced.
bool is_of_this_machine(const Context& context, const IdentityFiles& files) {
  const auto bytes = find_file(files.certificate);
  if (!bytes) return false;
  const auto leaf = pki::Certificate::parse_all(*bytes, files.certificate.string()).front();
  return authority::Authority::any_issued(context.places().authority(), leaf);
}

// Whether an identity that does its work is there. One that is there and does not is refused with
// the reason, unless --force lets it be replaced; one that was brought along is never replaced.
bool must_issue(const Context& context, const IdentityFiles& files, pki::Role role,
                const std::string& name, bool brought) {
  finish_interrupted(files.certificate.parent_path());
  if (!is_any_there(files) || (context.force && !brought)) return true;
  const auto refuse = [&](const std::string& happened) {
    throw Error(
        Message::FileExists, happened,
        fmt::format("no files there, or the certificate and key of a {}", pki::role_name(role)),
        is_of_this_machine(context, files)
            ? "add --force to issue a new pair in their place"
            : fmt::format("get the certificate of a {} for {} from the CA that this one is from, "
                          "and install it: ipm cert import CERTIFICATE KEY --force",
                          pki::role_name(role), name));
  };
  if (!fs::exists(files.certificate) || !fs::exists(files.key)) {
    refuse(fmt::format("of {} and {} only one is there", files.certificate.string(),
                       files.key.string()));
  }
  const auto leaf =
      pki::Certificate::parse_all(read_file(files.certificate), files.certificate.string()).front();
  const Secret bytes(read_file(files.key));
  const auto key = pki::PrivateKey::parse(bytes.reveal(), files.key.string());
  pki::CheckOptions options;
  options.now = context.now();
  options.key = &key;
  const auto findings = pki::check(leaf, role, options);
  if (!pki::all_passed(findings)) {
    refuse(fmt::format("{} is there and breaks a rule: {}", files.certificate.string(),
                       pki::to_line(findings)));
  }
  const auto host = pki::DnsName::find(name);
  if (host && !host->is_wildcard() && !trust::check_names(leaf, *host).empty()) {
    refuse(fmt::format("{} is there and is for {}, not for {}", files.certificate.string(),
                       printable(leaf.display_name(), 80), name));
  }
  return false;
}

std::string default_authority_name(const std::string& machine) {
  const std::string name = "Print CA of " + machine;
  return pki::common_name_complaint(pki::Role::Authority, name) ? "Print CA" : name;
}

WantedConfiguration wanted_of(const Plan& plan) {
  return {plan.name, true, plan.server_role == pki::Role::MutualServer};
}

// Where a private CA is trusted already, one made here would be a second one, and vouch for clients.
void require_no_distant_authority(const Context& context, const Plan& plan,
                                  const SetupOptions& options) {
  for (const auto& file : plan.anchor_files) {
    if (read_present_store(file).anchors.empty()) continue;
    for (const auto& anchor : load_store(file, context)) {
      if (anchor.is_public) continue;
      const auto name = printable(anchor.certificate.display_name(), 80);
      throw Error(
          Message::AuthorityMissing,
          fmt::format("{} trusts {}, which is not on this machine, and no certificate from it is "
                      "here for this server",
                      file.string(), name),
          fmt::format("a certificate for {} from {}", plan.name, name),
          fmt::format(
              "on the machine with the CA: ipm cert issue server {}{} --out STEM; then here, "
              "with both files: ipm cert import CERTIFICATE KEY; only where this machine "
              "shall have a CA of its own beside that one: ipm ca create NAME",
              plan.name, options.mutual ? " --mutual" : ""));
    }
  }
}

// --force issues new pairs, too: it is no advice where there are any.
std::string switch_advice(const Plan& plan, const SetupOptions& options) {
  const std::string flags = options.mutual ? " --mutual" : "";
  const bool pairs_stay = plan.brought || !(plan.server && plan.client);
  if (plan.configuration->differs_in_name) {
    return pairs_stay
               ? fmt::format("write name = \"{}\" under [server] by hand", plan.name)
               : fmt::format("ipm tls setup {}{} --force (all other keys stay)", plan.name, flags);
  }
  if (!plan.server && plan.configuration->is_mutual_only && !options.mutual) {
    return "keep it, and say so: ipm tls setup --mutual; or let clients in without a certificate: "
           "ipm tls off --mutual";
  }
  if (!plan.server) return fmt::format("ipm tls on{}", flags);
  return pairs_stay ? "write enabled = true under [encryption] by hand"
                    : fmt::format("ipm tls setup{} --force (all other keys stay)", flags);
}

Plan make_plan(const Context& context, const SetupOptions& options) {
  const Places places = context.places();
  Plan plan;
  plan.server_role = options.mutual ? pki::Role::MutualServer : pki::Role::Server;
  plan.server_files = identity_files(context, plan.server_role, std::nullopt);
  plan.client_files = identity_files(context, pki::Role::Client, std::nullopt);
  const bool authority_here = authority::Authority::exists(places.authority());
  plan.anchor_files = installed_files(context).anchors;
  plan.brought =
      !authority_here && is_any_there(plan.server_files) &&
      std::ranges::any_of(plan.anchor_files, [](const fs::path& file) { return fs::exists(file); });
  plan.name = options.name.empty()
                  ? known_name(context, plan.server_files, context.force && !plan.brought)
                  : options.name;
  if (!authority_here && !plan.brought) {
    require_no_distant_authority(context, plan, options);
    plan.authority_name =
        options.authority_name.empty() ? default_authority_name(plan.name) : options.authority_name;
  }
  for (const auto& file : plan.anchor_files) {
    const auto present = read_present_store(file);
    if (authority_here) {
      const auto own = authority::Authority::open(places.authority(), {}).certificate();
      plan.anchor = plan.anchor || !present.holds(own);
    }
  }
  plan.server = must_issue(context, plan.server_files, plan.server_role, plan.name, plan.brought);
  plan.client =
      !plan.brought && must_issue(context, plan.client_files, pki::Role::Client, plan.name, false);
  plan.configuration = plan_configuration(places, wanted_of(plan));
  if (plan.configuration && !plan.configuration->is_new && !context.force) {
    throw Error(Message::FileExists,
                fmt::format("{} is there and says otherwise: {}",
                            places.server_configuration().string(), plan.configuration->found),
                fmt::format("a server named {} with encryption on and mutual = {}", plan.name,
                            options.mutual),
                switch_advice(plan, options));
  }
  return plan;
}

std::vector<std::string> steps_of(const Context& context, const Plan& plan) {
  const Places places = context.places();
  const auto make = [](bool fresh) { return fresh ? "make" : "keep"; };
  std::string anchors;
  for (const auto& file : plan.anchor_files) {
    anchors += (anchors.empty() ? "" : " and ") + file.string();
  }
  std::vector<std::string> steps;
  steps.push_back(plan.brought
                      ? fmt::format("make no authority: a certificate and the anchors in {} are "
                                    "there",
                                    anchors)
                  : plan.authority_name.empty()
                      ? fmt::format("keep the authority in {}", places.authority().string())
                      : fmt::format("make the authority \"{}\" in {}, and its certificate the "
                                    "anchor in {}",
                                    plan.authority_name, places.authority().string(), anchors));
  if (plan.anchor) steps.push_back("add its certificate to the anchors in " + anchors);
  steps.push_back(fmt::format(
      "{} the {} certificate of {}: {} and {}", make(plan.server), pki::role_name(plan.server_role),
      plan.name, plan.server_files.certificate.string(), plan.server_files.key.string()));
  if (!plan.brought) {
    steps.push_back(fmt::format("{} the client certificate of {}: {} and {}", make(plan.client),
                                plan.name, plan.client_files.certificate.string(),
                                plan.client_files.key.string()));
  }
  steps.push_back(fmt::format("{} {}",
                              !plan.configuration          ? "keep"
                              : plan.configuration->is_new ? "write"
                                                           : "change",
                              places.server_configuration().string()));
  return steps;
}

void create_authority(const Context& context, const SetupOptions& options, const Plan& plan,
                      nlohmann::json& document) {
  authority::Creation creation;
  creation.name = plan.authority_name;
  creation.key = pki::parse_key_kind(options.authority_key);
  creation.now = context.now();
  if (options.passphrase_file) {
    creation.passphrase = new_passphrase(options.passphrase_file, "Passphrase for the CA's key: ");
  }
  const auto made = authority::Authority::create(context.places().authority(), std::move(creation));
  context.say(fmt::format("Wrote {} (the authority {})", made.certificate_file().string(),
                          printable(plan.authority_name, 80)));
  context.say(fmt::format("      {} (its key: keep it private, and keep a copy)",
                          made.key_file().string()));
  context.say(install_anchor(context, made.certificate(), std::nullopt));
  say_certificate(context, made.certificate());
  document["authority"] = certificate_json(made.certificate(), context.now());
}

void issue_pair(const Context& context, authority::Authority& authority, IssueWish wish,
                const IdentityFiles& files, nlohmann::json& document) {
  complete(context, authority, wish);
  const auto issued = issue_identity(context, authority, wish);
  write_identity(files, issued.identity());
  say_identity(context, files, issued.identity());
  document = identity_json(context, files, issued.identity());
}

// What is there and was kept may yet not do: the server has the last word.
void require_server_agrees(const Context& context, const Plan& plan) {
  const Places places = context.places();
  const auto text = find_file(places.server_configuration());
  try {
    check_configuration(
        context, plan.brought && plan.configuration ? plan.configuration->text : text.value_or(""));
  } catch (const Error& error) {
    const bool may_issue = !plan.brought && error.message() == Message::ChainInvalid &&
                           is_of_this_machine(context, plan.server_files);
    throw Error(error.message(), error.happened(), error.expected(),
                may_issue
                    ? fmt::format("issue new pairs by the authority that is here: ipm tls setup "
                                  "{}{}--force",
                                  plan.name + " ",
                                  plan.server_role == pki::Role::MutualServer ? "--mutual " : "")
                    : error.mend());
  }
}

int setup(const Context& context, const SetupOptions& options) {
  const auto plan = make_plan(context, options);
  const auto steps = steps_of(context, plan);
  nlohmann::json document = {{"plan", steps}, {"dry_run", options.dry_run}};
  if (options.dry_run) {
    context.say("This would:");
    for (const auto& step : steps) context.say("  " + step);
    if (context.json) Context::print_json(document);
    return kOk;
  }
  if (plan.brought) require_server_agrees(context, plan);
  if (!plan.authority_name.empty()) create_authority(context, options, plan, document);
  std::optional<authority::Authority> authority;
  if (plan.anchor || plan.server || plan.client) {
    authority.emplace(open_authority(context, options.passphrase_file));
  }
  if (plan.anchor) context.say(install_anchor(context, authority->certificate(), std::nullopt));
  if (plan.server) {
    IssueWish wish;
    wish.role = plan.server_role;
    wish.key = pki::parse_key_kind(options.key);
    wish.name = plan.name;
    wish.names = parse_names(options.names);
    issue_pair(context, *authority, std::move(wish), plan.server_files, document["server"]);
  }
  if (plan.client) {
    IssueWish wish;
    wish.role = pki::Role::Client;
    wish.key = pki::KeyKind::P256;
    wish.name = plan.name;
    issue_pair(context, *authority, std::move(wish), plan.client_files, document["client"]);
  }
  if (plan.configuration) write_configuration(context, *plan.configuration, wanted_of(plan));
  require_server_agrees(context, plan);
  if (context.json) {
    Context::print_json(document);
    return kOk;
  }
  if (!plan.anchor && !plan.server && !plan.client && !plan.configuration)
    context.say("Everything is there already.");
  if (plan.brought && !fs::exists(plan.client_files.certificate)) {
    context.say(
        "There is no client certificate for this machine; on the machine with the CA: ipm cert "
        "issue "
        "client NAME");
  }
  context.next("ipmd");
  return kOk;
}

}  // namespace

void add_tls_setup(CLI::App& noun, Context& context) {
  CLI::App& command = add_command(
      noun, "setup", "Make everything that this machine needs: authority, certificates, ipmd.toml",
      "  ipm tls setup --mutual\n"
      "  ipm tls setup --mutual --dry-run\n"
      "  ipm tls setup ipmsrv.example.com --names \"DNS:alt1.example.com, IP:10.0.0.1\"\n"
      "What is there already and does its work is kept; --force issues it anew. Where certificate, "
      "key "
      "and\nanchors were brought along, no authority is made, and they stay: ipm tls on.");
  auto options = std::make_shared<SetupOptions>();
  command.add_option("NAME", options->name, "This machine's full DNS name; found when not given");
  command
      .add_option("--names", options->names, "Further names and addresses; found when not given")
      ->type_name("NAMES")
      ->expected(1)
      ->take_all();
  command.add_flag("--mutual", options->mutual,
                   "Clients prove themselves with certificates, too (S9)");
  command.add_flag("--dry-run", options->dry_run, "Print the plan, and do nothing");
  command.add_option("--key", options->key, "Kind of the server's key")
      ->type_name("KIND")
      ->capture_default_str();
  command.add_option("--ca-name", options->authority_name, "Name of the authority, if one is made")
      ->type_name("NAME");
  command.add_option("--ca-key", options->authority_key, "Kind of the authority's key")
      ->type_name("KIND")
      ->capture_default_str();
  add_passphrase_option(command, options->passphrase_file);
  on_run(command, context, [&context, options] { return setup(context, *options); });
}

}  // namespace ipm::app
