// ipm cert export --p12: an identity as a PKCS#12 file, for importers that take nothing else.
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <memory>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "ipm/cert/identity.h"
#include "ipm/cert/passphrase.h"
#include "ipm/commands.h"
#include "ipm/common/describe.h"
#include "pki/pkcs12.h"

namespace ipm::app {
namespace {

namespace fs = std::filesystem;

struct ExportOptions {
  std::string identity = "client";
  fs::path out;
  bool legacy = false;
  std::optional<fs::path> passphrase_file;
};

// Importers want the authority, too; it is among this machine's anchors.
void add_anchor(const Context& context, std::vector<pki::Certificate>& chain,
                const pki::Certificate& last) {
  const auto file = context.places().anchors();
  const auto bytes = find_file(file, kBundleFileBytesMax);
  if (!bytes) return;
  for (const auto& anchor : pki::Certificate::parse_all(*bytes, file.string())) {
    const bool issued_it = anchor.subject_der() == last.issuer_der() &&
                           anchor.subject_key_identifier().value.value_or("") ==
                               last.authority_key_identifier().value.value_or("");
    if (issued_it && !(anchor == last)) chain.push_back(anchor);
  }
}

int export_p12(const Context& context, const ExportOptions& options) {
  const auto files = find_identity_files(context, options.identity);
  finish_interrupted(files.certificate.has_parent_path() ? files.certificate.parent_path() : ".");
  auto chain =
      pki::Certificate::parse_all(read_file(files.certificate), files.certificate.string());
  const auto leaf = chain.front();
  const Secret bytes(read_file(files.key));
  const auto key = pki::PrivateKey::parse(bytes.reveal(), files.key.string());
  add_anchor(context, chain, pki::Certificate(chain.back()));
  chain.erase(chain.begin());
  const std::array one = {options.out};
  require_free(context, one);

  const auto passphrase =
      new_passphrase(options.passphrase_file, "Passphrase for the PKCS#12 file: ");
  pki::Pkcs12Options how;
  how.friendly_name = printable(leaf.display_name(), 100);
  how.legacy = options.legacy;
  const Secret p12(pki::make_pkcs12(key, leaf, chain, passphrase, how));
  write_file({options.out, p12.reveal(), os::Privacy::Owner});
  if (context.json) {
    auto document = certificate_json(leaf, context.now());
    document["p12_file"] = options.out.string();
    Context::print_json(document);
    return kOk;
  }
  context.say(
      fmt::format("Wrote {} (key, certificate and {} of its chain; only its owner can read it)",
                  options.out.string(), chain.size()));
  say_certificate(context, leaf);
  context.say(fmt::format("Next: import it, then remove it: rm {}", word(options.out)));
  return kOk;
}

}  // namespace

void add_cert_export(CLI::App& noun, Context& context) {
  CLI::App& command = add_command(
      noun, "export", "Write key and certificate as a PKCS#12 file",
      "  ipm cert export client --p12 client.p12\n"
      "  ipm cert export ./alice --p12 alice.p12 --passphrase-file secret.txt\n"
      "  ipm cert export ./alice --p12 alice.p12 --legacy      for importers of before 2020");
  auto options = std::make_shared<ExportOptions>();
  command.add_option("IDENTITY", options->identity,
                     "client or server (this machine's), or the STEM of --out; default client");
  command.add_option("--p12", options->out, "The file to write")->type_name("FILE")->required();
  command.add_flag("--legacy", options->legacy, "3DES and SHA-1, for old importers");
  add_passphrase_option(command, options->passphrase_file);
  on_run(command, context, [&context, options] { return export_p12(context, *options); });
}

}  // namespace ipm::app
