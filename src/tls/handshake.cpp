#include "tls/handshake.h"

#include <algorithm>
#include <string_view>

#include "tls/limits.h"

namespace ipm::tls {
namespace {

// Null once the handshake is over; no callback that proves anybody comes after that.
Handshake* record_of(const SSL* connection) {
  return static_cast<Handshake*>(SSL_get_app_data(connection));
}

bool breaks(const Ruling& ruling, std::initializer_list<std::string_view> rules) {
  return std::ranges::any_of(ruling.findings, [&](const pki::Finding& finding) {
    return std::ranges::find(rules, finding.rule) != rules.end();
  });
}

// OpenSSL chooses the alert by its own error number.
int error_number(const Ruling& ruling) {
  if (ruling.findings.empty()) return X509_V_OK;
  if (ruling.revoked) return X509_V_ERR_CERT_REVOKED;      // certificate_revoked
  if (ruling.expired) return X509_V_ERR_CERT_HAS_EXPIRED;  // certificate_expired
  if (breaks(ruling, {"S7", "S8", "S9"}))
    return X509_V_ERR_INVALID_PURPOSE;  // unsupported_certificate
  if (breaks(ruling, {"anchor"}))
    return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;  // unknown_ca
  return X509_V_ERR_CERT_REJECTED;                        // bad_certificate
}

int verify_peer(X509_STORE_CTX* store, void* argument) noexcept {
  const void* const connection =
      X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
  Handshake* const record = record_of(static_cast<const SSL*>(connection));
  if (record == nullptr) return 0;
  try {
    const auto& judge = *static_cast<const Judge*>(argument);
    record->ruling = judge.rule(X509_STORE_CTX_get0_untrusted(store), record->expected);
    X509_STORE_CTX_set_error(store, error_number(record->ruling));
    return record->ruling.findings.empty() ? 1 : 0;
  } catch (...) {
    record->failure = std::current_exception();
    X509_STORE_CTX_set_error(store, X509_V_ERR_OUT_OF_MEM);
    return 0;
  }
}

// The judge of a context's tickets, as a callback's argument.
const Judge& ticket_judge(void* argument) {
  return *static_cast<const Judge*>(argument);
}

int about_to_issue(SSL* connection, void* argument) noexcept {
  try {
    SSL_SESSION* const session = SSL_get_session(connection);
    auto life = kTicketLife;
    if (SSL_SESSION_get0_peer(session) != nullptr) {
      const Handshake* const record = record_of(connection);
      if (record == nullptr || !record->ruling.certificate) return 0;
      const auto& certificate = record->ruling.certificate;
      life = std::min(life, certificate->not_after() - ticket_judge(argument).now());
    }
    SSL_SESSION_set_timeout(session, std::max<long>(life.count(), 1));
    return 1;
  } catch (...) {
    return 0;
  }
}

SSL_TICKET_RETURN about_to_resume(SSL* connection, SSL_SESSION* session, const unsigned char*,
                                  std::size_t, SSL_TICKET_STATUS status, void* argument) noexcept {
  if (status == SSL_TICKET_EMPTY || status == SSL_TICKET_NO_DECRYPT) {
    return SSL_TICKET_RETURN_IGNORE_RENEW;
  }
  if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW) {
    return SSL_TICKET_RETURN_ABORT;
  }
  try {
    const bool wanted = (SSL_get_verify_mode(connection) & SSL_VERIFY_PEER) != 0;
    if (wanted) {
      Handshake* const record = record_of(connection);
      const X509* const peer = SSL_SESSION_get0_peer(session);
      if (record == nullptr || peer == nullptr) return SSL_TICKET_RETURN_IGNORE_RENEW;
      auto certificate = ticket_judge(argument).find_admitted(peer);
      if (!certificate) return SSL_TICKET_RETURN_IGNORE_RENEW;
      record->ruling.certificate = std::move(certificate);
    }
    return SSL_TICKET_RETURN_USE_RENEW;
  } catch (...) {
    return SSL_TICKET_RETURN_IGNORE_RENEW;
  }
}

int certificate_requested(SSL* connection, void*) noexcept {
  if (Handshake* const record = record_of(connection)) record->certificate_asked = true;
  return 1;
}

void* as_argument(const Judge& judge) {
  return const_cast<Judge*>(&judge);
}

}  // namespace

void attach(SSL* connection, Handshake* record) {
  SSL_set_app_data(connection, record);
}

void judge_peers(SSL_CTX* context, const Judge& judge) {
  SSL_CTX_set_cert_verify_callback(context, verify_peer, as_argument(judge));
}

void judge_tickets(SSL_CTX* context, const Judge& judge) {
  SSL_CTX_set_session_ticket_cb(context, about_to_issue, about_to_resume, as_argument(judge));
}

void note_requests(SSL_CTX* context) {
  SSL_CTX_set_cert_cb(context, certificate_requested, nullptr);
}

}  // namespace ipm::tls
