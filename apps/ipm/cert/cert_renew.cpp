// ipm cert renew: the same names and role again, with a new key, from this machine's authority.
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <memory>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "ipm/cert/issuing.h"
#include "ipm/cert/passphrase.h"
#include "ipm/commands.h"
#include "ipm/common/describe.h"

namespace ipm::app {
namespace {

namespace fs = std::filesystem;

struct RenewOptions {
  std::string identity = "server";
  int days = static_cast<int>(pki::kLeafValidity.count());
  std::string key;
  std::optional<fs::path> passphrase_file;
};

// A third of its life is left, or less: long before S14 warns of a certificate of usual length.
bool is_due(const pki::Certificate& certificate, TimePoint now) {
  const auto life = certificate.not_after() - certificate.not_before();
  return certificate.not_after() - now <= life / 3;
}

pki::KeyKind same_kind(const pki::Certificate& certificate) {
  const std::string description = pki::key_description(certificate);
  struct Known {
    std::string_view description;
    pki::KeyKind kind;
  };
  constexpr Known kKnown[] = {
      {"RSA 2048", pki::KeyKind::Rsa2048}, {"RSA 3072", pki::KeyKind::Rsa3072},
      {"RSA 4096", pki::KeyKind::Rsa4096}, {"EC P-256", pki::KeyKind::P256},
      {"EC P-384", pki::KeyKind::P384},    {"Ed25519", pki::KeyKind::Ed25519},
  };
  for (const auto& known : kKnown) {
    if (known.description == description) return known.kind;
  }
  return pki::KeyKind::P256;
}

// Only what this authority issued itself is issued again; a revoked one is not.
void require_ours(authority::Authority& authority, const pki::Certificate& certificate,
                  const fs::path& file, TimePoint now) {
  if (!authority.issued(certificate)) {
    throw Error(Message::SerialUnknown,
                fmt::format("{} was not issued by {}", file.string(),
                            printable(authority.certificate().display_name(), 80)),
                "a certificate of this machine's authority",
                fmt::format("renew it on the machine where {} is, or ask who runs it for a new one",
                            printable(certificate.issuer(), 80)));
  }
  authority.take_in(certificate, now);
  const auto entry = authority.inventory().find(certificate.serial());
  if (entry && entry->revoked) {
    throw Error(Message::CertificateRevoked,
                fmt::format("{} was revoked ({})", file.string(), entry->reason),
                "a certificate that was not taken back",
                "issue a new one on purpose: ipm cert issue server|client NAME");
  }
}

int renew(const Context& context, const RenewOptions& options) {
  const auto files = find_identity_files(context, options.identity);
  finish_interrupted(files.certificate.has_parent_path() ? files.certificate.parent_path() : ".");
  const auto old =
      pki::Certificate::parse_all(read_file(files.certificate), files.certificate.string()).front();
  auto authority = open_authority(context, options.passphrase_file);
  require_ours(authority, old, files.certificate, context.now());
  if (!context.force && !is_due(old, context.now())) {
    context.say(fmt::format("{} expires on {}: nothing to do yet (--force renews it now)",
                            files.certificate.string(),
                            expiry_text(old.not_after(), context.now())));
    if (context.json) Context::print_json({{"renewed", false}});
    return kOk;
  }
  const std::array both = {files.certificate, files.key};
  require_writable(both);
  IssueWish wish;
  wish.role = pki::guess_role(old);
  wish.key = options.key.empty() ? same_kind(old) : pki::parse_key_kind(options.key);
  wish.days = std::chrono::days{options.days};
  wish.name = old.common_name().value_or("");
  const auto& names = old.subject_alternative_names().value;
  if (names) wish.names = names->valid();
  wish.address_only = pki::IpAddress::find(wish.name).has_value();
  const auto issued = issue_identity(context, authority, wish);
  write_identity(files, issued.identity());
  if (context.json) {
    auto document = identity_json(context, files, issued.identity());
    document["renewed"] = true;
    Context::print_json(document);
    return kOk;
  }
  say_identity(context, files, issued.identity());
  context.say(
      "A running server takes it up within two seconds; the old one stays valid until it ends.");
  context.next(fmt::format("ipm ca revoke {} --reason superseded    (only if its key may be known)",
                           old.serial()));
  return kOk;
}

}  // namespace

void add_cert_renew(CLI::App& noun, Context& context) {
  CLI::App& command = add_command(
      noun, "renew",
      "Issue a certificate of this authority again, when a third of its life is left",
      "  ipm cert renew                  this machine's server, if it is due (for a daily timer)\n"
      "  ipm cert renew client --force\n"
      "  ipm cert renew ./alice --days 90");
  auto options = std::make_shared<RenewOptions>();
  command.add_option(
      "IDENTITY", options->identity,
      "server, client or dial (this machine's, where its configuration has them), or "
      "the STEM of --out; default server");
  command.add_option("--days", options->days, "Days of validity (default 397)");
  command
      .add_option("--key", options->key, "Another kind of key; the same as before when not given")
      ->type_name("KIND");
  add_passphrase_option(command, options->passphrase_file);
  on_run(command, context, [&context, options] { return renew(context, *options); });
}

}  // namespace ipm::app
