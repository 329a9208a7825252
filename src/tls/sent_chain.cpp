#include "tls/sent_chain.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "pki/signature.h"
#include "trust/distinguished_name.h"

namespace ipm::tls {
namespace {

bool certifies(const pki::Certificate& issuer, const pki::Certificate& subject) {
  return trust::same_name(issuer.subject_der(), subject.issuer_der()) &&
         pki::signature_holds(subject, issuer);
}

bool is_root(const pki::Certificate& certificate) {
  return certificate.is_self_issued() && pki::signature_holds(certificate, certificate);
}

// Depth first: a whole path stands together before what branches off it.
void add_issuers(const std::vector<pki::Certificate>& file, const pki::Certificate& subject,
                 std::vector<pki::Certificate>& chain) {
  for (const auto& issuer : file) {
    if (std::ranges::find(chain, issuer) != chain.end() || is_root(issuer)) continue;
    if (!certifies(issuer, subject)) continue;
    chain.push_back(issuer);
    add_issuers(file, issuer, chain);
  }
}

}  // namespace

SentChain sent_chain(const std::vector<pki::Certificate>& file) {
  SentChain sent;
  const pki::Certificate leaf = file.front();
  sent.chain.push_back(leaf);
  add_issuers(file, leaf, sent.chain);
  for (std::size_t i = 1; i < file.size(); ++i) {
    const auto earlier = std::ranges::find(file, file[i]) - file.begin();
    const bool twice = static_cast<std::size_t>(earlier) != i;
    if (!twice && std::ranges::find(sent.chain, file[i]) != sent.chain.end()) continue;
    sent.left_out.push_back(fmt::format("{} ({})", printable(file[i].subject()),
                                        twice              ? "it stands there twice"
                                        : is_root(file[i]) ? "a root, which peers have"
                                                           : "on no path from the first one"));
  }
  return sent;
}

}  // namespace ipm::tls
