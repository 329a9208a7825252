#include "tls/handshake.h"

#include <algorithm>
#include <string_view>

#include "tls/limits.h"

namespace ipm::tls {
namespace {

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
  if (breaks(ruling, {"S2"})) return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;  // unknown_ca
  return X509_V_ERR_CERT_REJECTED;  // bad_certificate
}

// OpenSSL goes on with the certificate as the judge knows it, whose key has been read. What it read
// itself has none, and lives on in the record: OpenSSL still points to it.
void put_known(STACK_OF(X509) * presented, Handshake& record) {
  X509* const known = record.ruling.certificate->handle();
  X509_up_ref(known);
  record.presented.reset(sk_X509_value(presented, 0));
  sk_X509_set(presented, 0, known);
}

int verify_peer(X509_STORE_CTX* store, void* argument) noexcept {
  const void* const connection =
      X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
  Handshake* const record = record_of(static_cast<const SSL*>(connection));
  if (record == nullptr) return 0;
  try {
    const auto& judge = *static_cast<const Judge*>(argument);
    STACK_OF(X509)* const presented = X509_STORE_CTX_get0_untrusted(store);
    record->ruling = judge.rule(presented, record->expected);
    X509_STORE_CTX_set_error(store, error_number(record->ruling));
    if (!record->ruling.findings.empty()) return 0;
    put_known(presented, *record);
    return 1;
  } catch (...) {
    record->failure = std::current_exception();
    X509_STORE_CTX_set_error(store, X509_V_ERR_OUT_OF_MEM);
    return 0;
  }
}

int certificate_requested(SSL* connection, void*) noexcept {
  if (Handshake* const record = record_of(connection)) record->certificate_asked = true;
  return 1;
}

}  // namespace

void attach(SSL* connection, Handshake* record) {
  SSL_set_app_data(connection, record);
}

Handshake* record_of(const SSL* connection) {
  return static_cast<Handshake*>(SSL_get_app_data(connection));
}

void judge_peers(SSL_CTX* context, const Judge& judge) {
  SSL_CTX_set_cert_verify_callback(context, verify_peer, const_cast<Judge*>(&judge));
}

void note_requests(SSL_CTX* context) {
  SSL_CTX_set_cert_cb(context, certificate_requested, nullptr);
}

}  // namespace ipm::tls
