// ipm cert check: every rule, by its number, kept or broken, with the mend (S20).
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "ipm/cert/identity.h"
#include "ipm/cert/presented.h"
#include "ipm/commands.h"
#include "ipm/common/describe.h"
#include "ipm/common/output.h"
#include "pki/crl.h"

namespace ipm::app {
namespace {

namespace fs = std::filesystem;

constexpr int kWarnDays = 31;  // S14

struct CheckCommand {
  std::string what;
  std::string role;
  std::optional<fs::path> key;
  std::optional<fs::path> crl;
  int warn_days = kWarnDays;
};

pki::Finding broken(std::string rule, const Error& error) {
  pki::Finding finding;
  finding.rule = std::move(rule);
  finding.found = error.happened();
  finding.wanted = error.expected();
  finding.mend = error.mend();
  return finding;
}

// S13: the file's mode. A finding even when the key itself turns out to be unusable.
pki::Finding judge_exposure(const fs::path& key) {
  const auto audience = exposed_to(key);
  pki::Finding finding;
  finding.rule = "S13";
  finding.passed = audience.empty();
  finding.found = audience.empty() ? "a key file that only its owner can read"
                                   : fmt::format("a key file that {} can read", audience);
  finding.wanted = "mode 0600";
  if (!finding.passed) {
    finding.mend = fmt::format(
        "chmod 600 {}; if others may have read it, issue a new certificate with a new key",
        word(key));
  }
  return finding;
}

// The newest lists at hand: what this machine enforces.
std::vector<pki::Crl> find_lists(const Context& context, const CheckCommand& options) {
  const auto file = options.crl ? *options.crl : context.places().crl();
  const auto bytes =
      options.crl ? read_file(file, kBundleFileBytesMax) : find_file(file, kBundleFileBytesMax);
  if (!bytes) return {};
  return pki::Crl::parse_all(*bytes, file.string());
}

// Nothing where no list of the certificate's issuer is at hand.
std::optional<pki::Finding> judge_revocation(const pki::Certificate& leaf,
                                             const std::vector<pki::Crl>& lists) {
  std::optional<pki::Finding> finding;
  for (const auto& list : lists) {
    if (list.issuer_der() != leaf.issuer_der()) continue;
    finding.emplace();
    finding->rule = "B6";
    finding->wanted = "a certificate that its authority has not revoked";
    const auto revocation = list.find(leaf);
    finding->passed = !revocation.has_value();
    finding->found = revocation
                         ? fmt::format("revoked on {} ({})", to_certificate_time(revocation->when),
                                       printable(revocation->reason, 40))
                         : "not on its authority's revocation list";
    if (revocation) {
      finding->mend = "issue a new certificate with a new key: ipm cert issue server|client NAME";
      return finding;
    }
  }
  return finding;
}

std::optional<pki::Finding> judge_host(const pki::Certificate& leaf, const Host& host) {
  std::optional<pki::Finding> objection;
  if (const auto address = pki::IpAddress::find(host.name)) {
    objection = pki::check_address(leaf, *address);
  } else {
    // Whether its CA is a private one is for `ipm cert verify` to say.
    objection = pki::check_host(leaf, pki::DnsName::parse(host.name), true);
  }
  if (objection) return objection;
  pki::Finding finding;
  finding.rule = "S11";
  finding.passed = true;
  finding.found = fmt::format("a certificate that names {}", host.name);
  finding.wanted = finding.found;
  return finding;
}

struct Judgement {
  pki::Findings findings;
  int exit = kOk;
};

// A revocation outweighs all; a broken rule outweighs the date, because renewing would not mend it.
int exit_code(const pki::Findings& findings, const pki::Certificate& leaf, TimePoint now,
              int warn_days) {
  bool rule_broken = false;
  for (const auto& finding : findings) {
    if (finding.passed) continue;
    if (finding.rule == "B6") return kRevoked;
    rule_broken = rule_broken || finding.rule != "S14" || now < leaf.not_before();
  }
  if (rule_broken) return kRuleBroken;
  if (now > leaf.not_after()) return kExpired;
  return pki::expires_soon(leaf, now, warn_days) ? kExpiresSoon : kOk;
}

Judgement judge(const Context& context, const CheckCommand& options, const Presented& presented,
                pki::Role role) {
  const auto& leaf = presented.chain.front();
  Judgement judgement;
  pki::CheckOptions rules;
  rules.now = context.now();
  rules.warn_days = options.warn_days;
  std::optional<pki::PrivateKey> key;
  pki::Findings of_key;
  if (options.key) {
    const Secret bytes(read_file(*options.key));
    of_key.push_back(judge_exposure(*options.key));
    try {
      key.emplace(pki::PrivateKey::parse(bytes.reveal(), options.key->string()));
      rules.key = &*key;
    } catch (const Error& error) {
      of_key.push_back(broken("S12", error));
    }
  }
  judgement.findings = pki::check(leaf, role, rules);
  judgement.findings.insert(judgement.findings.end(), of_key.begin(), of_key.end());
  if (presented.host) {
    if (auto finding = judge_host(leaf, *presented.host)) {
      judgement.findings.push_back(*std::move(finding));
    }
  }
  if (auto finding = judge_revocation(leaf, find_lists(context, options))) {
    judgement.findings.push_back(*std::move(finding));
  }
  judgement.exit = exit_code(judgement.findings, leaf, context.now(), options.warn_days);
  return judgement;
}

void print_finding(const pki::Finding& finding) {
  const bool color = Context::has_color();
  const std::string_view mark = color ? (finding.passed ? "\033[32m✓\033[0m" : "\033[31m✗\033[0m")
                                      : (finding.passed ? "ok  " : "FAIL");
  print_out("{} {:<19} found: {}; wanted: {}", mark, finding.rule, finding.found, finding.wanted);
  if (!finding.passed) print_out("; to mend: {}", finding.mend);
  if (!finding.passed && !finding.reference.empty()) print_out(" ({})", finding.reference);
  print_out("\n");
}

std::string_view verdict(int exit) {
  switch (exit) {
    case kOk:
      return "keeps every rule";
    case kExpiresSoon:
      return "keeps every rule, and expires soon";
    case kExpired:
      return "has expired";
    case kRevoked:
      return "is revoked";
    default:
      return "breaks a rule";
  }
}

void print_json_judgement(const Judgement& judgement, const Presented& presented, pki::Role role,
                          TimePoint now) {
  auto rules = nlohmann::json::array();
  for (const auto& finding : judgement.findings) {
    rules.push_back({{"rule", finding.rule},
                     {"passed", finding.passed},
                     {"found", finding.found},
                     {"wanted", finding.wanted},
                     {"mend", finding.mend},
                     {"reference", finding.reference}});
  }
  Context::print_json({{"origin", presented.origin},
                       {"checked_as", pki::role_name(role)},
                       {"certificate", certificate_json(presented.chain.front(), now)},
                       {"rules", rules},
                       {"exit", judgement.exit}});
}

int check(const Context& context, const CheckCommand& options) {
  const auto presented = presented_by(options.what);
  const auto& leaf = presented.chain.front();
  const auto role = !options.role.empty() ? parse_role(options.role)
                    : presented.host      ? pki::Role::Server
                                          : pki::guess_role(leaf);
  const auto judgement = judge(context, options, presented, role);
  if (context.json) {
    print_json_judgement(judgement, presented, role, context.now());
    return judgement.exit;
  }
  print_out("{} ({}), as {}\n", presented.origin, printable(leaf.display_name(), 80),
             pki::role_name(role));
  for (const auto& finding : judgement.findings) print_finding(finding);
  print_out("{} {}\n", printable(leaf.display_name(), 80), verdict(judgement.exit));
  return judgement.exit;
}

}  // namespace

void add_cert_check(CLI::App& noun, Context& context) {
  CLI::App& command = add_command(
      noun, "check", "Check a certificate against every rule, before it is installed (S20)",
      "  ipm cert check /etc/ipm/server-cert.pem --key /etc/ipm/server-key.pem\n"
      "  ipm cert check bought.pem --role mutual\n"
      "  ipm cert check ipmsrv.example.com:631\n"
      "Exit: 0 keeps every rule, 1 breaks one, 4 expires soon, 5 expired, 6 revoked.");
  auto options = std::make_shared<CheckCommand>();
  command.add_option("WHAT", options->what, "A PEM file, or HOST:PORT")->required();
  command
      .add_option("--role", options->role,
                  "server, mutual, client or authority; told by the certificate when not given")
      ->type_name("ROLE");
  command.add_option("--key", options->key, "The private key that belongs to it (S12, S13)")
      ->type_name("FILE");
  command
      .add_option("--crl", options->crl, "Revocation lists; this machine's crl.pem when not given")
      ->type_name("FILE");
  command.add_option("--warn-days", options->warn_days, "Days that count as soon (default 31)");
  on_run(command, context, [&context, options] { return check(context, *options); });
}

}  // namespace ipm::app
