#include "ipm/cert/identity.h"

#include <fmt/format.h>

#include <array>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "ipm/cert/passphrase.h"
#include "ipm/common/describe.h"
#include "os/file.h"
#include "pki/name_constraints.h"
#include "pki/wanted.h"

namespace ipm::app {

namespace fs = std::filesystem;

IdentityFiles identity_files(const Context& context, pki::Role role,
                             const std::optional<fs::path>& stem) {
  if (stem) {
    if (stem->filename().empty()) {
      throw Error(Message::UsageWrong, fmt::format("--out {} names no file", stem->string()),
                  "a stem such as ./alice, for ./alice-cert.pem and ./alice-key.pem",
                  "change --out");
    }
    return {stem->string() + "-cert.pem", stem->string() + "-key.pem"};
  }
  const auto installed = installed_files(context);
  return role == pki::Role::Client ? installed.client : installed.server;
}

IdentityFiles find_identity_files(const Context& context, const std::string& identity) {
  if (identity == "client") return identity_files(context, pki::Role::Client, std::nullopt);
  if (identity == "server") return identity_files(context, pki::Role::Server, std::nullopt);
  if (identity == "dial") return installed_files(context).dial;
  return identity_files(context, pki::Role::Client, fs::path(identity));
}

namespace {

// The folder itself, or where it is yet to be made, the nearest one above it.
void require_writable_folder(const fs::path& file) {
  std::error_code ignored;
  fs::path folder = fs::absolute(file).parent_path();
  while (!fs::exists(folder, ignored) && folder.has_relative_path()) folder = folder.parent_path();
  if (os::may_change(folder) && !fs::is_directory(file, ignored)) return;
  throw Error(Message::FileUnwritable, fmt::format("{} cannot be written", file.string()),
              "a folder that this user may write to, and no folder of that name",
              "run it as the owner of the folder (or root), or choose another --root or --out");
}

}  // namespace

void require_writable(std::span<const fs::path> files) {
  for (const auto& file : files) require_writable_folder(file);
}

void require_free(const Context& context, std::span<const fs::path> files) {
  require_writable(files);
  if (context.force) return;
  std::string there;
  for (const auto& file : files) {
    finish_interrupted(file.has_parent_path() ? file.parent_path() : fs::path("."));
    std::error_code ignored;
    if (fs::exists(fs::symlink_status(file, ignored))) {
      there += (there.empty() ? "" : ", ") + file.string();
    }
  }
  if (there.empty()) return;
  throw Error(Message::FileExists, fmt::format("{} would be overwritten", there),
              "a place where nothing is",
              "add --force to replace it, or --out STEM to write elsewhere");
}

void write_identity(const IdentityFiles& files, const Identity& identity) {
  std::string certificates = identity.certificate.pem();
  for (const auto& issuer : identity.chain) certificates += issuer.pem();
  const Secret key = identity.key->pem();
  const std::array together = {
      NewFile{files.key, key.reveal(), os::Privacy::Owner, true},
      NewFile{files.certificate, certificates, os::Privacy::Everyone, true}};
  if (files.key.parent_path() == files.certificate.parent_path()) {
    write_files_together(together);
    return;
  }
  // A server that looks in between sees a pair that does not fit, and keeps the old one.
  for (const auto& file : together) write_file(file);
}

void say_identity(const Context& context, const IdentityFiles& files, const Identity& identity) {
  context.say(fmt::format("Wrote {} ({} certificate of {})", files.certificate.string(),
                          pki::role_name(pki::guess_role(identity.certificate)),
                          printable(identity.certificate.display_name(), 80)));
  context.say(fmt::format("      {} (its {} key, for its owner's eyes alone)", files.key.string(),
                          identity.key->describe()));
  say_certificate(context, identity.certificate);
}

nlohmann::json identity_json(const Context& context, const IdentityFiles& files,
                             const Identity& identity) {
  auto document = certificate_json(identity.certificate, context.now());
  document["certificate_file"] = files.certificate.string();
  document["key_file"] = files.key.string();
  return document;
}

namespace {

// The name of the CA that certified this machine, or that it trusts: that one is not here.
std::optional<std::string> find_distant_authority(const Context& context) {
  const auto installed = installed_files(context);
  for (const auto& file : {installed.client.certificate, installed.server.certificate}) {
    try {
      if (const auto bytes = find_file(file)) {
        return pki::Certificate::parse_all(*bytes, file.string()).front().issuer();
      }
    } catch (const Error&) {
      continue;  // What it is tells nothing here; those who use it say so.
    }
  }
  for (const auto& file : installed.anchors) {
    try {
      const auto bytes = find_file(file, kBundleFileBytesMax);
      if (!bytes) continue;
      const auto anchors = pki::Certificate::parse_all(*bytes, file.string());
      if (anchors.size() == 1) return anchors.front().subject();
    } catch (const Error&) {
      continue;
    }
  }
  return std::nullopt;
}

}  // namespace

authority::Authority open_authority(const Context& context,
                                    const std::optional<fs::path>& passphrase_file) {
  const auto folder = context.places().authority();
  if (!authority::Authority::exists(folder)) {
    if (const auto elsewhere = find_distant_authority(context)) {
      throw Error(
          Message::AuthorityMissing,
          fmt::format("there is no certificate authority in {}: that of this machine's "
                      "certificates is {}, on another machine",
                      folder.string(), printable(*elsewhere, 80)),
          "the machine with the authority's key",
          fmt::format("run this on the machine where {} is (or ask who runs it), and copy what "
                      "it writes here",
                      printable(*elsewhere, 80)));
    }
  }
  auto authority = authority::Authority::open(folder, [passphrase_file] {
    return existing_passphrase(passphrase_file, "Passphrase of the authority's key: ");
  });
  if (fs::exists(authority.key_file())) {
    if (const auto audience = exposed_to(authority.key_file()); !audience.empty()) {
      fmt::print(stderr, "S13 {} can be read by {}: {}\n", authority.key_file().string(), audience,
                 os::private_file_command(word(authority.key_file())));
    }
  }
  return authority;
}

pki::Names within_limits(const Context& context, const authority::Authority& authority,
                         const pki::Names& names) {
  const auto permitted = pki::permitted_names(authority.certificate(), names);
  if (permitted == names) return names;
  pki::Names left_out;
  for (const auto& name : names.dns) {
    if (!permitted.contains(name)) left_out.add(name);
  }
  for (const auto& address : names.addresses) {
    if (!permitted.contains(address)) left_out.add(address);
  }
  context.say(fmt::format("Left out, because the authority certifies only {}: {}",
                          pki::name_constraints_text(authority.certificate()), left_out.text()));
  return permitted;
}

std::string word(const fs::path& path) {
  return pki::shell_word(path.string());
}

}  // namespace ipm::app
