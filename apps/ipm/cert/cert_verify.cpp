// ipm cert verify: whether a certificate chains to the anchors in a file, and if not, why.
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "base/files.h"
#include "base/text.h"
#include "ipm/commands.h"
#include "ipm/common/output.h"
#include "trust/path_rules.h"
#include "trust/verifier.h"

namespace ipm::app {
namespace {

namespace fs = std::filesystem;

// A file is looked at once, at leisure: more may be offered than in a handshake.
constexpr int kUntrustedMax = 10'000;
constexpr int kSignaturesMax = 1'000;
constexpr int kDepthMax = 1'000;

struct VerifyCommand {
  fs::path leaf;
  fs::path trust;
  std::optional<fs::path> untrusted;
  std::optional<fs::path> lists;
  std::string purpose = "server";
  std::optional<std::string> host;
  std::optional<std::string> address;
  std::optional<std::string> at;
  int depth_max = trust::VerifierLimits{}.depth_max;
  bool strict = false;
  std::vector<std::string> relaxed;
};

// A file without any block is an empty list: what is not there cannot help.
bool holds_blocks(const std::string& text) {
  return text.find("-----BEGIN") != std::string::npos;
}

std::string read_bundle(const fs::path& file) {
  return read_file(file, kBundleFileBytesMax);
}

std::vector<std::string> relaxed_rules(const VerifyCommand& command) {
  try {
    trust::applied_rules(command.strict, command.relaxed);
  } catch (const Error& error) {
    throw Error(Message::UsageWrong, "--relax: " + error.happened(), error.expected(),
                "correct the rule's name");
  }
  return command.relaxed;
}

trust::VerifierOptions verifier_options(const VerifyCommand& command) {
  trust::VerifierOptions options;
  const std::string anchors = read_bundle(command.trust);
  options.anchors = trust::parse_anchors(anchors, command.trust.string());
  options.distrusted = trust::parse_distrusted(anchors, command.trust.string());
  if (command.lists) {
    const std::string lists = read_bundle(*command.lists);
    if (holds_blocks(lists)) options.crls = pki::Crl::parse_all(lists, command.lists->string());
    options.crl_required = true;
  }
  options.strict = command.strict;
  options.relaxed = relaxed_rules(command);
  options.limits.depth_max = command.depth_max;
  options.limits.untrusted_max = kUntrustedMax;
  options.limits.signatures_max = kSignaturesMax;
  options.limits.cache_entries_max = 0;
  return options;
}

trust::ExpectedPeer expected_peer(const VerifyCommand& command) {
  if (command.address) return pki::IpAddress::parse(*command.address);
  if (!command.host) return {};
  if (const auto address = pki::IpAddress::find(*command.host)) return *address;
  return pki::DnsName::parse(*command.host);
}

TimePoint moment(const Context& context, const VerifyCommand& command) {
  if (!command.at) return context.now();
  const auto time = parse_rfc3339(*command.at);
  if (!time) {
    throw Error(Message::UsageWrong, fmt::format("--at {}", printable(*command.at)),
                "a moment as RFC 3339 writes it", "write it as 2029-05-21T10:33:41Z");
  }
  return *time;
}

void print_json(const trust::Verdict& verdict) {
  auto chain = nlohmann::json::array();
  for (const auto& certificate : verdict.chain) {
    chain.push_back({{"subject", printable(certificate.subject(), 1024)},
                     {"issuer", printable(certificate.issuer(), 1024)},
                     {"serial", certificate.serial()},
                     {"fingerprint", certificate.fingerprint()}});
  }
  auto findings = nlohmann::json::array();
  for (const auto& finding : verdict.findings) {
    findings.push_back({{"rule", finding.rule},
                        {"certificate", finding.subject},
                        {"found", finding.found},
                        {"wanted", finding.wanted},
                        {"mend", finding.mend},
                        {"reference", finding.reference}});
  }
  Context::print_json({{"valid", verdict.valid},
                       {"revoked", verdict.revoked},
                       {"expired", verdict.expired},
                       {"by_common_name_only", verdict.relies_on_common_name},
                       {"chain", chain},
                       {"findings", findings}});
}

void print_text(const trust::Verdict& verdict) {
  print_out("{}\n", verdict.valid ? "valid" : "invalid");
  if (verdict.valid && verdict.relies_on_common_name) {
    print_out(
        "  (by its common name only, which counts under a private CA between ipm and ipmd, and "
        "for no other client: S11)\n");
  }
  std::string indent = "  ";
  for (const auto& certificate : verdict.chain) {
    print_out("{}{}\n", indent, printable(certificate.subject()));
    indent += "  ";
  }
  for (const auto& finding : verdict.findings) {
    print_out("{}: {}\n  found:  {}\n  wanted: {}\n  mend:   {}\n", finding.rule, finding.subject,
              finding.found, finding.wanted, finding.mend);
    if (!finding.reference.empty()) print_out("  see:    {}\n", finding.reference);
  }
}

int verify(const Context& context, const VerifyCommand& command) {
  const TimePoint now = moment(context, command);
  const auto expected = expected_peer(command);
  const trust::Verifier verifier(verifier_options(command));
  auto offered = pki::Certificate::parse_all(read_bundle(command.leaf), command.leaf.string());
  const pki::Certificate leaf = offered.front();
  offered.erase(offered.begin());
  if (command.untrusted) {
    const std::string text = read_bundle(*command.untrusted);
    if (holds_blocks(text)) {
      const auto more = pki::Certificate::parse_all(text, command.untrusted->string());
      offered.insert(offered.end(), more.begin(), more.end());
    }
  }
  const auto purpose =
      command.purpose == "client" ? trust::Purpose::Client : trust::Purpose::Server;
  const auto verdict = verifier.verify(leaf, offered, purpose, expected, now);
  context.json ? print_json(verdict) : print_text(verdict);
  return verdict.valid ? kOk : kRuleBroken;
}

}  // namespace

void add_cert_verify(CLI::App& noun, Context& context) {
  CLI::App& verb = add_command(
      noun, "verify", "Whether a certificate chains to the anchors in a file, and if not, why",
      "  ipm cert verify --trust ca-cert.pem --host ipmsrv.example.com server-cert.pem\n"
      "  ipm cert verify --trust ca-cert.pem --purpose client --crl crl.pem client-cert.pem");
  auto command = std::make_shared<VerifyCommand>();
  verb.add_option("LEAF", command->leaf, "The certificate, PEM; its chain may follow it")
      ->required();
  verb.add_option("--trust", command->trust, "The anchors, PEM: any certificates")
      ->required()
      ->type_name("FILE");
  verb.add_option("--untrusted", command->untrusted,
                  "Other certificates that may be part of the chain, PEM, in any order")
      ->type_name("FILE");
  verb.add_option("--crl", command->lists,
                  "Revocation lists, PEM; that of the certificate's issuer must be among them")
      ->type_name("FILE");
  verb.add_option("--purpose", command->purpose, "What it is to be used as (server)")
      ->check(CLI::IsMember({"server", "client"}));
  auto* host = verb.add_option("--host", command->host, "The DNS name that it must stand for")
                   ->type_name("NAME");
  verb.add_option("--ip", command->address, "The address that it must stand for")
      ->type_name("ADDRESS")
      ->excludes(host);
  verb.add_option("--at", command->at, "The moment to judge at (now)")->type_name("RFC3339");
  verb.add_option("--max-depth", command->depth_max,
                  "How many intermediates a chain may have, self-issued ones not counted (8)")
      ->check(CLI::Range(0, kDepthMax));
  verb.add_option(
          "--relax", command->relaxed,
          "Rules beyond RFC 5280 that need not be kept, by name, as [[trust.relax]] excepts "
          "the CA of an old device")
      ->type_name("RULE,…")
      ->delimiter(',');
  verb.add_flag("--strict", command->strict,
                "RFC 9525 names (the common name never counts), and every rule of the Web PKI");
  on_run(verb, context, [&context, command] { return verify(context, *command); });
}

}  // namespace ipm::app
