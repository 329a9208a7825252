// ipm trust install: a private CA's certificate becomes an anchor (S2, S5).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/files.h"
#include "base/text.h"
#include "ipm/common/installed.h"
#include "ipm/trust/system_store.h"
#include "ipm/trust/trust_commands.h"
#include "ipm/trust/trust_store.h"
#include "trust/public_roots.h"
#include "trust/relaxation.h"

namespace ipm::app {
namespace {

namespace fs = std::filesystem;

struct InstallOptions {
  fs::path file;
  std::string purpose = "both";
  bool system = false;
};

// What no anchor should be. An administrator may insist.
void check(const Context& context, const trust::Anchor& anchor) {
  if (context.force) return;
  const auto& certificate = anchor.certificate;
  const auto& constraints = certificate.basic_constraints();
  if (!constraints.value || !constraints.value->ca) {
    throw Error(Message::AnchorsUnusable,
                fmt::format("{} is not a CA's certificate", printable(certificate.subject())),
                "a certificate with basicConstraints CA:TRUE",
                "install the certificate of the CA that issued it; --force trusts this one alone");
  }
  if (certificate.not_after() < context.now()) {
    throw Error(Message::CertificateExpired,
                fmt::format("{} expired on {}", printable(certificate.subject()),
                            to_certificate_time(certificate.not_after())),
                "a certificate that is valid now", "ask its CA for the new one");
  }
}

void tell(const Context& context, const trust::Anchor& anchor) {
  const auto& certificate = anchor.certificate;
  context.say(
      fmt::format("{}\n  subject:     {}\n  SHA-256:     {}\n  expires:     {}\n"
                  "  vouches for: {}",
                  printable(certificate.display_name()), printable(certificate.subject()),
                  certificate.fingerprint(), to_certificate_time(certificate.not_after()),
                  trust::vouches_text(anchor)));
  if (anchor.is_public) {
    context.say("  It is publicly trusted: it vouches for servers alone (S18).");
  }
}

// What chains below it will be refused for, unless the configuration excepts it.
void tell_blemishes(const Context& context, const trust::Anchor& anchor) {
  if (anchor.is_public) return;
  trust::Verdict verdict;
  verdict.chain = {anchor.certificate};
  verdict.findings = trust::check_anchor(anchor.certificate);
  if (verdict.findings.empty()) return;
  context.say(fmt::format("  Its certificates will be refused, for it breaks a rule: {}",
                          pki::to_line(verdict.findings)));
  const std::array anchors{anchor};
  if (const auto advice = trust::relaxation_advice(verdict, anchors)) {
    context.say("  To trust it as it is, " + *advice);
  }
}

// Where those who will rely on it look.
std::vector<fs::path> target_files(const Context& context, const InstallOptions& options) {
  const auto installed = installed_files(context);
  std::vector<fs::path> files;
  const auto add = [&](const std::vector<fs::path>& more) {
    for (const auto& file : more) {
      if (std::ranges::find(files, file) == files.end()) files.push_back(file);
    }
  };
  if (options.purpose != "clients") add(installed.anchors);
  if (options.purpose != "servers") add(installed.client_anchors);
  return files;
}

int install(const Context& context, const InstallOptions& options) {
  auto given = load_store(options.file, context);
  for (auto& anchor : given) {
    check(context, anchor);
    anchor.vouches_for_servers = anchor.vouches_for_servers && options.purpose != "clients";
    anchor.vouches_for_clients =
        anchor.vouches_for_clients && options.purpose != "servers" && !anchor.is_public;
  }
  const auto files = target_files(context, options);
  std::vector<bool> changes;
  {
    const auto lock = lock_store(context);  // Not longer: the system's own store takes its time.
    for (const auto& file : files) changes.push_back(add_anchors(context, file, given));
  }
  const bool changed = std::ranges::find(changes, true) != changes.end();
  auto document = nlohmann::json{
      {"file", files.front().string()}, {"changed", changed}, {"anchors", nlohmann::json::array()}};
  for (const auto& file : files) document["files"].push_back(file.string());
  for (const auto& anchor : given) {
    tell(context, anchor);
    tell_blemishes(context, anchor);
    document["anchors"].push_back(to_json(anchor));
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    context.say(changes[i] ? fmt::format("written to {}", files[i].string())
                           : fmt::format("{}: it stands there already", files[i].string()));
  }
  context.say("Compare the fingerprint with what the CA's administrator tells you.");
  if (options.system) {
    for (const auto& anchor : given) {
      for (const auto& line : add_to_system(anchor)) {
        context.say("system: " + line);
        document["system"].push_back(line);
      }
    }
  }
  if (context.json) Context::print_json(document);
  context.next("ipm trust show");
  return kOk;
}

}  // namespace

void add_trust_install(CLI::App& noun, Context& context) {
  CLI::App& command = add_command(noun, "install", "Trust a CA of your own",
                                  "  ipm trust install ca-cert.pem\n"
                                  "  ipm trust install --for servers partner-ca.pem\n"
                                  "  sudo ipm trust install --system ca-cert.pem");
  const auto options = std::make_shared<InstallOptions>();
  command.add_option("FILE", options->file, "One or more CA certificates in PEM")->required();
  command.add_option("--for", options->purpose, "For whom it may vouch")
      ->check(CLI::IsMember({"servers", "clients", "both"}))
      ->capture_default_str();
  command.add_flag("--system", options->system,
                   "Also add it to the operating system's store and this user's browsers");
  on_run(command, context, [&context, options] { return install(context, *options); });
}

}  // namespace ipm::app
