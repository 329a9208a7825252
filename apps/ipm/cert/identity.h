#pragma once
// A certificate and its key as a pair of files: where they go, that nothing is overwritten by
// accident, and what is said about them.

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "authority/authority.h"
#include "ipm/common/context.h"
#include "ipm/common/installed.h"
#include "pki/certificate.h"
#include "pki/key.h"
#include "pki/rules.h"

namespace ipm::app {

// This machine's own place for the role, as its configuration says, or STEM-cert.pem and STEM-key.pem.
IdentityFiles identity_files(const Context& context, pki::Role role,
                             const std::optional<std::filesystem::path>& stem);

// "server", "client" and "dial" (the server's to dial with) are this machine's; anything else is a
// STEM.
IdentityFiles find_identity_files(const Context& context, const std::string& identity);

// Throws Error{FileUnwritable} where a folder does not let us write: asked before anything is
// issued.
void require_writable(std::span<const std::filesystem::path> files);

// The same, and Error{FileExists} that names every file that is there, unless --force was given.
void require_free(const Context& context, std::span<const std::filesystem::path> files);

struct Identity {
  pki::Certificate certificate;
  std::vector<pki::Certificate> chain;  // intermediates; without the root, which peers have
  const pki::PrivateKey* key = nullptr;
};

// Both together, atomically where they stand in one folder, the key with mode 0600. A key that is
// replaced hands on its owner, its group, and the group's right to read it.
void write_identity(const IdentityFiles& files, const Identity& identity);

// "Wrote …" with names, fingerprint and expiry; nothing with --json.
void say_identity(const Context& context, const IdentityFiles& files, const Identity& identity);
nlohmann::json identity_json(const Context& context, const IdentityFiles& files,
                             const Identity& identity);

// This machine's authority; where there is none, the mend says on which machine it is, as far as
// what is installed here tells: another one made here would be no help. Its passphrase comes from `passphrase_file` or is asked for. Says on
// standard error when others can read the key (S13).
authority::Authority open_authority(const Context& context,
                                    const std::optional<std::filesystem::path>& passphrase_file);

// Those of `names` that the authority may certify; says which were left out.
pki::Names within_limits(const Context& context, const authority::Authority& authority,
                         const pki::Names& names);

// A file name as one word of a command line.
std::string word(const std::filesystem::path& path);

}  // namespace ipm::app
