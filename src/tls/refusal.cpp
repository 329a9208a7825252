#include "tls/refusal.h"

#include <fmt/format.h>
#include <openssl/err.h>

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "os/error.h"
#include "pki/rules.h"

namespace ipm::tls {
namespace {

// What the other side's alert says about a certificate of ours.
struct AlertRow {
  int number;
  std::string_view words;
  std::string_view wanted;
  std::string_view mend;
};
constexpr AlertRow kCertificateAlerts[] = {
    {SSL_AD_BAD_CERTIFICATE, "bad_certificate: it breaks a rule",
     "a certificate that keeps every rule of its role",
     "ipm cert check FILE names the rule; where it finds none, the other side's error log names "
     "the "
     "reason (its revocation list may be stale)"},
    {SSL_AD_UNSUPPORTED_CERTIFICATE, "unsupported_certificate: it is not for this purpose",
     "extended key usage and key usage of its role (S7, S8, S9)",
     "issue one for the role, on the machine with the CA: ipm cert issue client NAME, "
     "ipm cert issue server NAME --mutual"},
    {SSL_AD_CERTIFICATE_REVOKED, "certificate_revoked: its CA has revoked it (B6)",
     "a certificate that has not been revoked", "ask the administrator of the CA for a new one"},
    {SSL_AD_CERTIFICATE_EXPIRED, "certificate_expired: it is outside its validity",
     "a certificate within its validity",
     "renew it, on the machine with the CA: ipm cert renew STEM, by the STEM of its files there; "
     "check that both clocks are right"},
    {SSL_AD_CERTIFICATE_UNKNOWN, "certificate_unknown: it is not acceptable",
     "a certificate that the other side accepts", "the other side's error log names the rule"},
    {SSL_AD_UNKNOWN_CA, "unknown_ca: no CA that it trusts has signed it (S2)",
     "a certificate of a CA that the other side trusts",
     "install the CA's certificate there: ipm trust install; or use a certificate of its CA"},
    {SSL_AD_ACCESS_DENIED, "access_denied", "a certificate that is allowed in",
     "ask the administrator of the other side"},
};

struct ReasonRow {
  int reason;
  std::string_view words;
  std::string_view wanted;
};
constexpr ReasonRow kReasons[] = {
    {SSL_R_HTTP_REQUEST, "sent a plaintext HTTP request", "TLS"},
    {SSL_R_HTTPS_PROXY_REQUEST, "sent a plaintext proxy request", "TLS"},
    {SSL_R_WRONG_VERSION_NUMBER, "sent what is not TLS", "TLS"},
    {SSL_R_BAD_RECORD_TYPE, "sent what is not TLS", "TLS"},
    {SSL_R_UNSUPPORTED_PROTOCOL, "offers no version of TLS that is allowed", "TLS 1.2 or 1.3"},
    {SSL_R_VERSION_TOO_LOW, "offers no version of TLS that is allowed", "TLS 1.2 or 1.3"},
    {SSL_R_NO_SHARED_CIPHER, "offers no cipher suite that is allowed",
     "an AEAD suite with ephemeral keys (AES-GCM, ChaCha20-Poly1305)"},
    {SSL_R_NO_SUITABLE_KEY_SHARE, "offers no group that is allowed",
     "X25519, P-256, P-384 or P-521"},
    {SSL_R_NO_SUITABLE_GROUPS, "offers no group that is allowed", "X25519, P-256, P-384 or P-521"},
    {SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, "offers no signature algorithm that fits the key",
     "SHA-256 or better with RSA-PSS, ECDSA or Ed25519"},
    {SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, "offers no signature algorithm that fits the key",
     "SHA-256 or better with RSA-PSS, ECDSA or Ed25519"},
    {SSL_R_NO_APPLICATION_PROTOCOL, "offers no protocol that is spoken here", "ALPN http/1.1"},
    {SSL_R_EXCESSIVE_MESSAGE_SIZE, "sent a handshake message beyond its limit",
     "a certificate chain of at most 64 KiB"},
    {SSL_R_BAD_SIGNATURE, "does not hold the private key of its certificate",
     "a signature by the certificate's key"},
};

std::string identify(const pki::Certificate& certificate) {
  return fmt::format("{}, serial {}, issued by {}", printable(certificate.subject()),
                     certificate.serial(), printable(certificate.issuer()));
}

std::string join(const pki::Findings& findings, std::string pki::Finding::* part) {
  std::string text;
  for (const auto& finding : findings) {
    if ((finding.*part).empty()) continue;
    if (!text.empty()) text += " | ";
    text += finding.*part;
  }
  return text;
}

// "S8: found … | not-after: found … (of Some Sub CA)"
std::string rules_of(const pki::Findings& findings, const pki::Certificate& leaf) {
  const auto leaf_name = printable(leaf.display_name());
  std::string text;
  for (const auto& finding : findings) {
    if (!text.empty()) text += " | ";
    text += fmt::format("{}: found {}", finding.rule, finding.found);
    if (!finding.subject.empty() && finding.subject != leaf_name) {
      text += fmt::format(" (of {})", finding.subject);
    }
  }
  return text;
}

Error explain_our_refusal(const std::string& remote, const Ruling& ruling) {
  return Error(
      Message::PeerRefused,
      fmt::format("{}: the certificate of {} was refused: {}", remote,
                  identify(*ruling.certificate), rules_of(ruling.findings, *ruling.certificate)),
      join(ruling.findings, &pki::Finding::wanted), join(ruling.findings, &pki::Finding::mend));
}

const AlertRow* find_certificate_alert(std::optional<int> alert) {
  const auto* const found = std::ranges::find_if(
      kCertificateAlerts, [&](const AlertRow& entry) { return entry.number == alert; });
  return found == std::end(kCertificateAlerts) ? nullptr : found;
}

// The other side gave only an alert. What our own rules say of our own certificate names the rule.
Error explain_their_refusal(Message message, const std::string& remote, const Identity& ours,
                            pki::Role role, const AlertRow& alert, TimePoint now) {
  const auto findings = pki::check_peer(ours.leaf(), role, now);
  auto happened =
      fmt::format("{} refused our certificate {}: {}", remote, identify(ours.leaf()), alert.words);
  if (findings.empty()) {
    return Error(message, std::move(happened), std::string(alert.wanted), std::string(alert.mend));
  }
  happened += "; by our own rules " + rules_of(findings, ours.leaf());
  return Error(message, std::move(happened), join(findings, &pki::Finding::wanted),
               join(findings, &pki::Finding::mend));
}

Error explain_missing_certificate(const std::string& remote, const Generation& generation) {
  return Error(Message::PeerCertificateMissing,
               generation.dial_identity()
                   ? fmt::format("{} asks for a client certificate and did not take ours", remote)
                   : fmt::format("{} asks for a client certificate and there is none here", remote),
               "client-cert.pem and client-key.pem (mutual authentication)",
               "ipm cert issue client NAME, on the machine with the CA, and install both files");
}

Error explain_broken(const FailedHandshake& handshake) {
  if (handshake.record.failure) {
    return Error(Message::HandshakeFailed,
                 fmt::format("{}: the peer could not be judged: {}", handshake.remote,
                             describe(handshake.record.failure)),
                 "enough memory");
  }
  if (const auto alert = handshake.failure.alert()) {
    return Error(Message::HandshakeFailed,
                 fmt::format("{} broke off the handshake: it says {}", handshake.remote,
                             SSL_alert_desc_string_long(*alert)),
                 "a handshake that both sides agree on");
  }
  const auto* const known = std::ranges::find_if(
      kReasons, [&](const ReasonRow& entry) { return entry.reason == handshake.failure.reason; });
  if (known != std::end(kReasons)) {
    return Error(Message::HandshakeFailed, fmt::format("{} {}", handshake.remote, known->words),
                 std::string(known->wanted));
  }
  if (handshake.ended) {
    return Error(Message::HandshakeFailed,
                 fmt::format("{} closed the connection during the handshake", handshake.remote),
                 "a whole TLS handshake");
  }
  if (handshake.error) {
    return Error(Message::HandshakeFailed,
                 fmt::format("{}: the connection broke during the handshake: {}", handshake.remote,
                             os::text_of(handshake.error)),
                 "a whole TLS handshake");
  }
  return Error(Message::HandshakeFailed,
               fmt::format("{}: {}", handshake.remote, handshake.failure.text),
               "a handshake by RFC 8446 or RFC 5246");
}

}  // namespace

std::optional<int> LibraryFailure::alert() const {
  if (reason < SSL_AD_REASON_OFFSET || reason >= SSL_AD_REASON_OFFSET + 256) return {};
  return reason - SSL_AD_REASON_OFFSET;
}

LibraryFailure take_library_failure() {
  LibraryFailure failure;
  const unsigned long code = ERR_peek_last_error();
  if (ERR_GET_LIB(code) == ERR_LIB_SSL) failure.reason = ERR_GET_REASON(code);
  failure.text = pki::take_openssl_errors();
  return failure;
}

Error explain_failed_accept(const FailedHandshake& handshake) {
  const auto& ruling = handshake.record.ruling;
  if (!ruling.findings.empty()) return explain_our_refusal(handshake.remote, ruling);
  if (handshake.failure.reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
    return Error(Message::PeerCertificateMissing,
                 fmt::format("{} presented no certificate", handshake.remote),
                 "a client certificate (mutual authentication is on)",
                 "ipm cert issue client NAME, and install it on that client");
  }
  const auto* const alert = find_certificate_alert(handshake.failure.alert());
  if (alert != nullptr && handshake.generation.listen_identity()) {
    return explain_their_refusal(Message::HandshakeFailed, handshake.remote,
                                 *handshake.generation.listen_identity(), pki::Role::Server, *alert,
                                 handshake.generation.now());
  }
  return explain_broken(handshake);
}

Error explain_failed_connect(const FailedHandshake& handshake) {
  const auto& ruling = handshake.record.ruling;
  if (!ruling.findings.empty()) return explain_our_refusal(handshake.remote, ruling);
  if (auto refused = explain_refused_client(handshake)) return *refused;
  if (handshake.failure.reason == SSL_R_WRONG_VERSION_NUMBER) {
    return Error(Message::HandshakeFailed, fmt::format("{} answers in plaintext", handshake.remote),
                 "a server whose encryption is on",
                 "turn it on there: ipm tls setup; or dial another port");
  }
  return explain_broken(handshake);
}

std::optional<Error> explain_refused_client(const FailedHandshake& handshake) {
  const auto alert = handshake.failure.alert();
  if (!alert) return {};
  const auto& ours = handshake.generation.dial_identity();
  // TLS 1.2 has no certificate_required: a server that asked and got nothing says
  // handshake_failure.
  if (*alert == SSL_AD_CERTIFICATE_REQUIRED ||
      (*alert == SSL_AD_HANDSHAKE_FAILURE && handshake.record.certificate_asked && !ours)) {
    return explain_missing_certificate(handshake.remote, handshake.generation);
  }
  const auto* const row = find_certificate_alert(alert);
  if (row == nullptr || !ours) return {};
  return explain_their_refusal(Message::PeerRefused, handshake.remote, *ours, pki::Role::Client,
                               *row, handshake.generation.now());
}

}  // namespace ipm::tls
