#include "tls/identity.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "tls/limits.h"
#include "tls/sent_chain.h"

namespace ipm::tls {
namespace {

namespace fs = std::filesystem;

void finish_changes(const IdentityFiles& files) {
  finish_interrupted(files.certificate.parent_path());
  if (files.key.parent_path() != files.certificate.parent_path()) {
    finish_interrupted(files.key.parent_path());
  }
}

[[noreturn]] void refuse_mismatch(const IdentityFiles& files, const Identity& identity) {
  const auto key = identity.key.public_key();
  const auto fits = [&](const pki::Certificate& other) { return other.public_key() == key; };
  const bool leaf_is_elsewhere =
      std::any_of(identity.chain.begin() + 1, identity.chain.end(), fits);
  throw Error(
      Message::KeyMismatch,
      fmt::format("the key in {} ({}) does not belong to the first certificate in {} ({})",
                  files.key.string(), identity.key.describe(), files.certificate.string(),
                  identity.leaf().subject()),
      "the key whose public half the certificate carries (S12)",
      leaf_is_elsewhere
          ? "put the certificate that belongs to the key first in the file, its CAs after it"
          : "install the key and the certificate that were made together");
}

void check_rules(const IdentityFiles& files, const Identity& identity, pki::Role role,
                 TimePoint now) {
  const auto& leaf = identity.leaf();
  if (now > leaf.not_after()) {
    throw Error(Message::CertificateExpired,
                fmt::format("the certificate in {} ({}) expired on {}", files.certificate.string(),
                            leaf.subject(), to_certificate_time(leaf.not_after())),
                "a certificate that is valid today (S14)",
                fmt::format("renew it on the machine with the CA: ipm cert renew {}; or install a "
                            "new one: ipm cert import FILE",
                            role == pki::Role::Client ? "client" : "server"));
  }
  pki::CheckOptions options;
  options.now = now;
  options.key = &identity.key;
  const auto broken = pki::failures(pki::check(leaf, role, options));
  if (broken.empty()) return;
  std::string wanted;
  std::string mend;
  std::string found;
  const auto add = [](std::string& list, const std::string& part) {
    if (part.empty() || list.find(part) != std::string::npos) return;
    if (!list.empty()) list += " | ";
    list += part;
  };
  for (const auto& finding : broken) {
    add(found, fmt::format("{}: found {}", finding.rule, finding.found));
    add(wanted, finding.wanted);
    add(mend, finding.mend);
  }
  throw Error(Message::CertificateBreaksRule,
              fmt::format("the certificate in {} ({}) breaks the rules of a {}: {}",
                          files.certificate.string(), leaf.subject(), pki::role_name(role), found),
              wanted, mend);
}

std::string read_part(const fs::path& path, std::string_view wanted, pki::Role role) {
  if (auto bytes = find_file(path)) return *std::move(bytes);
  throw Error(
      Message::FileNotFound, fmt::format("{} is not there", path.string()), std::string(wanted),
      role == pki::Role::Client
          ? "make both: ipm cert issue client NAME, on the machine with the CA, and install "
            "them here"
          : fmt::format("make all that is missing: ipm tls setup{}; or install certificate "
                        "and key from your CA",
                        role == pki::Role::MutualServer ? " --mutual" : ""));
}

}  // namespace

Identity load_identity(const IdentityFiles& files, pki::Role role, TimePoint now,
                       Notices& notices) {
  finish_changes(files);
  const auto certificates = read_part(files.certificate, "the certificate in PEM (S12)", role);
  const Secret key(read_part(files.key, "its unencrypted private key in PEM (S12)", role));
  Identity identity{
      pki::PrivateKey::parse(key.reveal(), files.key.string()),
      pki::Certificate::parse_all(certificates, files.certificate.string(), kIdentityChainMax)};
  if (!(identity.leaf().public_key() == identity.key.public_key())) {
    refuse_mismatch(files, identity);
  }
  check_rules(files, identity, role, now);
  auto sent = sent_chain(identity.chain);
  identity.chain = std::move(sent.chain);
  if (!sent.left_out.empty()) {
    notices.push_back(
        {Message::Notice, fmt::format("of {} is not sent to other machines: {}",
                                      files.certificate.string(), fmt::join(sent.left_out, "; "))});
  }
  if (exposed_to(files.key) == "others") {
    notices.push_back({Message::KeyExposed,
                       fmt::format("everybody on this machine can read or change the key {}: "
                                   "chmod 600 it; if others may have read it, issue a new "
                                   "certificate with a new key (S13)",
                                   files.key.string())});
  }
  return identity;
}

}  // namespace ipm::tls
