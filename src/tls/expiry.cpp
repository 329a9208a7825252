#include "tls/expiry.h"

#include <fmt/format.h>

#include <algorithm>

#include "tls/limits.h"

namespace ipm::tls {
namespace {

void add_crl_notice(Notices& notices, const pki::Crl& crl, TimePoint now, bool stale_counts) {
  const auto next_update = crl.next_update();
  if (!next_update) return;
  if (now > *next_update) {
    notices.push_back(
        {Message::CrlExpired,
         fmt::format("the revocation list of {} was due to be replaced on {}: {} until "
                     "a new one is installed",
                     crl.issuer(), to_certificate_time(*next_update),
                     stale_counts ? "it is used all the same ([revocation] stale = \"warn\")"
                                  : "peers with certificates of this CA are refused")});
    return;
  }
  // Short-lived lists are re-signed at half time: only what is later than that is late.
  const auto half_life = (*next_update - crl.this_update()) / 2;
  if (*next_update - now >= std::min<std::chrono::seconds>(kCrlWarningTime, half_life)) return;
  notices.push_back({Message::CrlExpiresSoon,
                     fmt::format("the revocation list of {} must be replaced by {}{}", crl.issuer(),
                                 to_certificate_time(*next_update),
                                 stale_counts ? ""
                                              : ": after that, peers with certificates of this CA "
                                                "are refused")});
}

}  // namespace

std::string expiry_warning(const pki::Certificate& certificate) {
  return "The SSL/TLS certificate for InfoPrint Manager expires on " +
         to_certificate_time(certificate.not_after());
}

Notices expiry_notices(const Generation& generation) {
  Notices notices;
  const TimePoint now = generation.now();
  const int warn_days = generation.policy().warn_days;
  const auto& listen = generation.listen_identity();
  const auto& dial = generation.dial_identity();
  if (listen && pki::expires_soon(listen->leaf(), now, warn_days)) {
    notices.push_back({Message::CertificateExpires, expiry_warning(listen->leaf())});
  }
  const bool dials_with_another = dial && !(listen && listen->leaf() == dial->leaf());
  if (dials_with_another && pki::expires_soon(dial->leaf(), now, warn_days)) {
    notices.push_back(
        {Message::DialCertificateExpires,
         fmt::format("the certificate to dial with, {}, expires on {}", dial->leaf().subject(),
                     to_certificate_time(dial->leaf().not_after()))});
  }
  for (const auto& crl : generation.awaited_lists()) {
    add_crl_notice(notices, crl, now, generation.policy().stale_lists_count);
  }
  notices.insert(notices.end(), generation.standing_notices().begin(),
                 generation.standing_notices().end());
  return notices;
}

}  // namespace ipm::tls
