#pragma once
// A certificate with its chain and its key, loaded from files and found to belong together.

#include <filesystem>
#include <vector>

#include "base/clock.h"
#include "pki/certificate.h"
#include "pki/key.h"
#include "pki/rules.h"
#include "tls/notice.h"

namespace ipm::tls {

struct Identity {
  pki::PrivateKey key;
  std::vector<pki::Certificate> chain;  // Leaf first, then what is sent with it (sent_chain.h).

  const pki::Certificate& leaf() const { return chain.front(); }
};

struct IdentityFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;

  bool operator==(const IdentityFiles&) const = default;
};

// Finishes an interrupted change first. Throws Error{KeyUnusable, KeyMismatch, CertificateUnusable,
// CertificateExpired, CertificateBreaksRule (naming every broken rule of `role`), FileNotFound,
// FileUnreadable}. A key that everybody can read is used, and `notices` says so (S13).
Identity load_identity(const IdentityFiles& files, pki::Role role, TimePoint now, Notices& notices);

}  // namespace ipm::tls
