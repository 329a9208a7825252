// ipm cert check: every rule, by its number, kept or broken, with the mend (S20).
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <memory>
#include <span>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "ipm/cert/identity.h"
#include "ipm/cert/presented.h"
#include "ipm/commands.h"
#include "ipm/common/client_sources.h"
#include "ipm/common/describe.h"
#include "ipm/common/output.h"
#include "ipm/trust/trust_store.h"
#include "pki/crl.h"
#include "tls/judge.h"
#include "tls/lists_in_force.h"
#include "tls/sent_chain.h"
#include "trust/path_rules.h"
#include "trust/revocation.h"
#include "trust/verifier.h"

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
  // A group may be the service that runs with this key.
  finding.passed = audience != "others";
  finding.found = audience.empty()
                      ? "a key file that only its owner can read"
                      : fmt::format("a key file that {} can read",
                                    audience == "group" ? "its owner and its group" : audience);
  finding.wanted = "mode 0600, or 0640 for the group of the service";
  if (!finding.passed) {
    finding.mend = fmt::format(
        "chmod 600 {}; if others may have read it, issue a new certificate with a new key",
        word(key));
  }
  return finding;
}

// The newest lists at hand: what this machine enforces.
std::vector<pki::Crl> find_lists(const Context& context, const CheckCommand& options) {
  if (options.crl) {
    return pki::Crl::parse_all(read_file(*options.crl, kBundleFileBytesMax), options.crl->string());
  }
  std::vector<pki::Crl> lists;
  for (const auto& file : installed_files(context).lists) {
    const auto bytes = find_file(file, kBundleFileBytesMax);
    if (!bytes) continue;
    const auto more = tls::read_lists(*bytes, file.string()).lists;
    lists.insert(lists.end(), more.begin(), more.end());
  }
  return lists;
}

// What this machine trusts, as far as it can be read: to tell who signed what.
std::vector<trust::Anchor> find_anchors(const Context& context) {
  std::vector<trust::Anchor> anchors;
  for (const auto& file : installed_files(context).anchors) {
    try {
      if (!fs::exists(file)) continue;
      const auto more = load_store(file, context);
      anchors.insert(anchors.end(), more.begin(), more.end());
    } catch (const Error& error) {
      context.say(fmt::format("Not looked at: {}", error.happened()));
    }
  }
  return anchors;
}

pki::Finding passed(std::string_view rule, std::string found, std::string wanted) {
  pki::Finding finding;
  finding.rule = rule;
  finding.passed = true;
  finding.found = std::move(found);
  finding.wanted = std::move(wanted);
  return finding;
}

// Nothing where no list of the certificate's issuer is at hand, unless one is `required`, as
// `ipm cert verify --crl` does.
pki::Findings judge_revocation(const Presented& presented,
                               const std::vector<trust::Anchor>& anchors,
                               const std::vector<pki::Crl>& lists, bool required, TimePoint now) {
  std::vector<pki::Certificate> issuers(presented.chain.begin() + 1, presented.chain.end());
  for (const auto& anchor : anchors) issuers.push_back(anchor.certificate);
  auto standing = trust::check_revocation(presented.chain.front(), issuers, lists, now);
  if (!standing && required) {
    return {trust::to_finding({trust::Rule::CrlMissing, "no list of its issuer"},
                              printable(presented.chain.front().display_name()))};
  }
  if (!standing) return {};
  if (!standing->findings.empty()) return std::move(standing->findings);
  return {passed("B6", "not on its authority's revocation list",
                 "a certificate that its authority has not revoked")};
}

trust::ExpectedPeer expected_of(const Host& host) {
  if (const auto address = pki::IpAddress::find(host.name)) return *address;
  return pki::DnsName::parse(host.name);
}

pki::Finding names_host(const Host& host) {
  const std::string wanted = fmt::format("a certificate that names {}", host.name);
  return passed("S11", wanted, wanted);
}

pki::Findings judge_host(const pki::Certificate& leaf, const Host& host) {
  auto findings = trust::check_names(leaf, expected_of(host));
  if (findings.empty()) findings.push_back(names_host(host));
  return findings;
}

// What this machine's clients would say of a server: the verdict of a connection, from the same place.
// What the configuration excepts leaves `of_role`.
pki::Findings judge_server(const tls::Generation& trust, const Presented& presented,
                           const Host& host, pki::Findings& of_role, TimePoint now) {
  const auto& verifier = trust.server_verifier();
  const auto& leaf = presented.chain.front();
  const std::span others(presented.chain.begin() + 1, presented.chain.end());
  auto verdict = verifier.verify(leaf, others, trust::Purpose::Server, expected_of(host), now);
  std::erase_if(of_role, [&](const pki::Finding& finding) {
    return !finding.passed && tls::is_relaxed(finding, verdict, verifier);
  });
  if (verdict.valid) {
    return {names_host(host),
            passed("S2",
                   fmt::format("a chain to {}", printable(verdict.chain.back().display_name(), 80)),
                   "a chain to a CA that this machine trusts")};
  }
  const auto leaf_name = printable(leaf.display_name());
  std::erase_if(verdict.findings, [&](const pki::Finding& finding) {
    // S14 has said it.
    return finding.subject == leaf_name &&
           (finding.rule == "not-after" || finding.rule == "not-before");
  });
  return std::move(verdict.findings);
}

// Absent where there is nothing to judge by; what keeps it from being read is told.
std::shared_ptr<const tls::Generation> find_client_trust(const Context& context) {
  try {
    return load_client_trust(context);
  } catch (const Error& error) {
    context.say(fmt::format("Not looked at: {}", error.happened()));
    return nullptr;
  }
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

// The key of a pair, with what is wrong with the file.
std::optional<pki::PrivateKey> read_key(const fs::path& file, pki::Findings& findings) {
  const Secret bytes(read_file(file));
  findings.push_back(judge_exposure(file));
  try {
    return pki::PrivateKey::parse(bytes.reveal(), file.string());
  } catch (const Error& error) {
    findings.push_back(broken("S12", error));
    return std::nullopt;
  }
}

// A file that has a CA before the certificate of the key: nothing else is wrong with it, so that one is
// judged, and the order is what is told.
void put_leaf_first(Presented& presented, const pki::PrivateKey& key, pki::Findings& findings) {
  auto& chain = presented.chain;
  const auto fits = [&](const pki::Certificate& one) {
    return one.public_key() == key.public_key();
  };
  const auto leaf = std::ranges::find_if(chain, fits);
  if (leaf == chain.begin() || leaf == chain.end()) return;
  pki::Finding finding;
  finding.rule = "S12";
  finding.found = fmt::format("the certificate of the key behind that of {}",
                              printable(chain.front().display_name(), 80));
  finding.wanted = "the certificate that belongs to the key first, its CAs after it";
  finding.mend = "put the certificate that belongs to the key first in the file, its CAs after it";
  finding.reference = "RFC 8446, 4.4.2";
  findings.push_back(std::move(finding));
  std::rotate(chain.begin(), leaf, leaf + 1);
}

Judgement judge(const Context& context, const CheckCommand& options, const Presented& presented,
                pki::Role role, const pki::PrivateKey* key, pki::Findings of_key) {
  const auto& leaf = presented.chain.front();
  Judgement judgement;
  pki::CheckOptions rules;
  rules.now = context.now();
  rules.warn_days = options.warn_days;
  rules.key = key;
  const auto add = [&](pki::Findings more) {
    std::ranges::move(more, std::back_inserter(judgement.findings));
  };
  auto of_role = pki::check(leaf, role, rules);
  pki::Findings of_server;
  if (presented.host) {
    const auto trust = find_client_trust(context);
    of_server = trust ? judge_server(*trust, presented, *presented.host, of_role, context.now())
                      : judge_host(leaf, *presented.host);
  }
  add(std::move(of_role));
  add(std::move(of_key));
  add(std::move(of_server));
  const auto anchors = find_anchors(context);
  add(judge_revocation(presented, anchors, find_lists(context, options), options.crl.has_value(),
                       context.now()));
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
  auto presented = presented_by(options.what);
  pki::Findings of_key;
  std::optional<pki::PrivateKey> key;
  if (options.key) key = read_key(*options.key, of_key);
  if (key) put_leaf_first(presented, *key, of_key);
  const auto& leaf = presented.chain.front();
  const auto role = !options.role.empty() ? parse_role(options.role)
                    : presented.host      ? pki::Role::Server
                                          : pki::guess_role(leaf);
  const auto judgement =
      judge(context, options, presented, role, key ? &*key : nullptr, std::move(of_key));
  if (context.json) {
    print_json_judgement(judgement, presented, role, context.now());
    return judgement.exit;
  }
  print_out("{} ({}), as {}\n", presented.origin, printable(leaf.display_name(), 80),
            pki::role_name(role));
  for (const auto& finding : judgement.findings) print_finding(finding);
  for (const auto& what : tls::sent_chain(presented.chain).left_out) {
    print_out("not sent to other machines: {}\n", what);
  }
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
