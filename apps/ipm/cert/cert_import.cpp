// ipm cert import: a certificate from elsewhere, as it comes (PKCS#12, PKCS#7, DER, PEM with an
// encrypted key), checked and put where this machine looks for it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "ipm/cert/identity.h"
#include "ipm/cert/passphrase.h"
#include "ipm/commands.h"
#include "ipm/common/client_sources.h"
#include "ipm/common/describe.h"
#include "ipm/trust/trust_store.h"
#include "pki/bought.h"
#include "tls/sent_chain.h"
#include "trust/verifier.h"

namespace ipm::app {
namespace {

namespace fs = std::filesystem;

struct ImportOptions {
  std::vector<fs::path> files;
  std::string role;
  std::optional<fs::path> out;
  std::optional<fs::path> passphrase_file;
};

pki::Bought read_all(const ImportOptions& options) {
  pki::Bought all;
  for (const auto& file : options.files) {
    const Secret bytes(read_file(file, kBundleFileBytesMax));
    auto bought = pki::read_bought(bytes.reveal(), file.string(), [&] {
      return existing_passphrase(options.passphrase_file,
                                 fmt::format("Passphrase of {}: ", file.string()));
    });
    all.certificates.insert(all.certificates.end(), bought.certificates.begin(),
                            bought.certificates.end());
    if (!bought.key) continue;
    if (all.key) {
      throw Error(Message::KeyUnusable, "two private keys were given", "exactly one (S12)",
                  "leave the file with the other one out");
    }
    all.key = std::move(bought.key);
  }
  if (all.certificates.empty()) {
    throw Error(Message::CertificateUnusable, "there is a key, but no certificate",
                "the certificate that belongs to the key", "give its file too");
  }
  return all;
}

// Of a request made here the key is in its place already.
pki::PrivateKey key_in_place(const IdentityFiles& files) {
  const auto bytes = find_file(files.key);
  if (!bytes) {
    throw Error(Message::FileNotFound,
                fmt::format("no private key was given, and {} is not there", files.key.string()),
                "the key that was made with the certificate",
                "give its file too: ipm cert import CERTIFICATE KEY");
  }
  const Secret key(*bytes);
  return pki::PrivateKey::parse(key.reveal(), files.key.string());
}

// The certificate of the key, and behind it what leads on from it.
tls::SentChain in_order(const pki::Bought& bought) {
  auto chain = bought.certificates;
  const auto key = bought.key->public_key();
  const auto leaf = std::ranges::find_if(
      chain, [&](const pki::Certificate& one) { return one.public_key() == key; });
  if (leaf == chain.end()) {
    throw Error(
        Message::KeyMismatch,
        fmt::format("the key ({}) belongs to none of the {} certificate{} (the first is {})",
                    bought.key->describe(), chain.size(), chain.size() == 1 ? "" : "s",
                    printable(chain.front().subject(), 80)),
        "the certificate that was made for this key (S12)",
        "give the key that belongs to the certificate as a second file");
  }
  std::rotate(chain.begin(), leaf, leaf + 1);
  return tls::sent_chain(chain);
}

void require_rules(const Context& context, const pki::Certificate& leaf, pki::Role role) {
  pki::CheckOptions options;
  options.now = context.now();
  const auto findings = pki::check(leaf, role, options);
  if (pki::all_passed(findings)) return;
  throw Error(Message::CertificateBreaksRule,
              fmt::format("{} breaks the rules of a {}: {}", printable(leaf.subject(), 80),
                          pki::role_name(role), pki::to_line(findings)),
              fmt::format("a certificate that keeps every rule of a {}", pki::role_name(role)),
              "ask the CA that issued it for one that does; nothing was installed");
}

// Whether this machine's own anchors lead to it: others will ask the same.
void tell_chain(const Context& context, const std::vector<pki::Certificate>& chain,
                pki::Role role) {
  const auto complaint = [&]() -> std::string {
    try {
      const auto trust = load_client_trust(context);
      const auto purpose =
          role == pki::Role::Client ? trust::Purpose::Client : trust::Purpose::Server;
      const std::span others(chain.begin() + 1, chain.end());
      const auto verdict =
          trust->server_verifier().verify(chain.front(), others, purpose, {}, context.now());
      return verdict.valid ? "" : pki::to_line(verdict.findings);
    } catch (const Error& error) {
      return error.happened();
    }
  }();
  if (complaint.empty()) return;
  context.say("This machine does not trust its CA yet: " + complaint);
  context.say("  a CA of your own: ipm trust install FILE; a public one: ipm trust update");
}

// By the certificate of the key; where the key is in its place already, by the first that is no CA's.
pki::Role role_of(const ImportOptions& options, const pki::Bought& bought) {
  if (!options.role.empty()) return parse_role(options.role);
  for (const auto& one : bought.certificates) {
    if (bought.key && one.public_key() == bought.key->public_key()) return pki::guess_role(one);
  }
  for (const auto& one : bought.certificates) {
    if (pki::guess_role(one) != pki::Role::Authority) return pki::guess_role(one);
  }
  return pki::Role::Server;
}

int import(const Context& context, const ImportOptions& options) {
  auto bought = read_all(options);
  const auto role = role_of(options, bought);
  const auto files = identity_files(context, role, options.out);
  const bool brought_key = bought.key.has_value();
  if (!brought_key) bought.key = key_in_place(files);
  const auto sent = in_order(bought);
  const auto& chain = sent.chain;
  require_rules(context, chain.front(), role);
  if (brought_key) {
    const std::array both = {files.certificate, files.key};
    require_free(context, both);
  } else {
    const std::array one = {files.certificate};
    require_free(context, one);
  }
  const Identity identity{chain.front(), {chain.begin() + 1, chain.end()}, &*bought.key};
  write_identity(files, identity);
  if (context.json) {
    Context::print_json(identity_json(context, files, identity));
    return kOk;
  }
  say_identity(context, files, identity);
  for (const auto& what : sent.left_out) context.say("  left out     " + what);
  tell_chain(context, chain, role);
  context.next(fmt::format("ipm cert check {} --key {}", word(files.certificate), word(files.key)));
  return kOk;
}

}  // namespace

void add_cert_import(CLI::App& noun, Context& context) {
  CLI::App& command = add_command(
      noun, "import", "Check and install a certificate from elsewhere, as it comes",
      "  ipm cert import bought.pfx\n"
      "  ipm cert import bought.crt intermediates.p7b server.key\n"
      "  ipm cert import ipmsrv-cert.pem --force      signed for the key that is in its place\n"
      "PKCS#12, PKCS#7, DER and PEM; the key may be encrypted. It is written as PEM, the key "
      "unencrypted with mode 0600.");
  auto options = std::make_shared<ImportOptions>();
  command.add_option("FILE", options->files, "Certificates and the key, in any order and form")
      ->required();
  command
      .add_option("--role", options->role,
                  "server, mutual or client; told by the certificate when not given")
      ->type_name("ROLE");
  command.add_option("--out", options->out, "Write STEM-cert.pem and STEM-key.pem instead")
      ->type_name("STEM");
  add_passphrase_option(command, options->passphrase_file);
  on_run(command, context, [&context, options] { return import(context, *options); });
}

}  // namespace ipm::app
