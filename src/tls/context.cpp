#include "tls/context.h"

#include <fmt/format.h>
#include <openssl/err.h>

#include <algorithm>
#include <string_view>

#include "base/error.h"
#include "tls/handshake.h"
#include "tls/lean_library.h"
#include "tls/limits.h"

namespace ipm::tls {
namespace {

constexpr const char* kSuites12 = "ECDHE+AESGCM:ECDHE+CHACHA20";
// All three are beyond attack; the first has the cheapest handshake and the fastest records,
// because most processors have instructions for SHA-256, and none for SHA-384.
constexpr const char* kSuites13 =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
// The last two are for certificates with such keys: in TLS 1.2 the groups bind those, too
// (RFC 8422, 5.1.1).
constexpr const char* kGroups = "X25519:P-256:P-384:P-521";
// OpenSSL 3.5 and later
constexpr const char* kHybridGroups = "X25519MLKEM768:X25519:P-256:P-384:P-521";

constexpr std::string_view kProtocol = "\x08http/1.1";  // RFC 7301, 3.1: length, name

const unsigned char* as_bytes(std::string_view text) {
  const void* const bytes = text.data();
  return static_cast<const unsigned char*>(bytes);
}

void require(int result, std::string_view call) {
  if (result != 1) pki::throw_openssl(Message::CryptoFailed, call, "the call to succeed");
}

// RFC 7301, 3.2: a client that names protocols, but not ours, is told so. One that names none is
// served: IPP clients are older than ALPN.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned offered_size, void*) noexcept {
  for (unsigned at = 0; at < offered_size;) {
    const unsigned size = offered[at];
    if (size >= offered_size - at) break;
    const unsigned char* const name = offered + at + 1;
    if (std::equal(name, name + size, kProtocol.begin() + 1, kProtocol.end())) {
      *chosen = name;
      *chosen_size = static_cast<unsigned char>(size);
      return SSL_TLSEXT_ERR_OK;
    }
    at += 1 + size;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

// OpenSSL's macro of this name casts const away in C's way.
bool set_groups(SSL_CTX* context, const char* names) {
  return SSL_CTX_ctrl(context, SSL_CTRL_SET_GROUPS_LIST, 0, const_cast<char*>(names)) == 1;
}

SslContextPtr make_context(const SSL_METHOD* method) {
  auto context =
      pki::own<SslContextPtr>(SSL_CTX_new_ex(lean_library(), nullptr, method), "SSL_CTX_new_ex");
  SSL_CTX* const raw = context.get();
  // Not what openssl.cnf says: the same on every system.
  require(SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION), "SSL_CTX_set_min_proto_version");
  require(SSL_CTX_set_max_proto_version(raw, 0), "SSL_CTX_set_max_proto_version");
  SSL_CTX_set_security_level(raw, 2);
  require(SSL_CTX_set_cipher_list(raw, kSuites12), "SSL_CTX_set_cipher_list");
  require(SSL_CTX_set_ciphersuites(raw, kSuites13), "SSL_CTX_set_ciphersuites");
  if (!set_groups(raw, kHybridGroups)) {
    pki::take_openssl_errors();
    require(set_groups(raw, kGroups) ? 1 : 0, "SSL_CTX_set1_groups_list");
  }
  SSL_CTX_clear_options(raw, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_LEGACY_SERVER_CONNECT |
                                 SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                               SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
  SSL_CTX_set_read_ahead(raw, 1);  // one call of the kernel for a record, not two
  SSL_CTX_set_max_cert_list(raw, static_cast<long>(kPeerChainBytesMax));
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  return context;
}

void use_identity(SSL_CTX* context, const Identity& identity) {
  const pki::Ptr<STACK_OF(X509), [](STACK_OF(X509) * stack) { sk_X509_free(stack); }> chain(
      sk_X509_new_null());
  for (std::size_t i = 1; i < identity.chain.size(); ++i) {
    sk_X509_push(chain.get(), identity.chain[i].handle());
  }
  if (SSL_CTX_use_cert_and_key(context, identity.leaf().handle(), identity.key.handle(),
                               chain.get(), 1) != 1) {
    pki::throw_openssl(
        Message::CertificateUnusable,
        fmt::format("the certificate of {} cannot be used for TLS", identity.leaf().subject()),
        "a key of at least RSA 2048 or P-256, and a chain that is signed alike");
  }
}

// The names of the CAs that we take, as a help for clients with several certificates. Beyond a
// hundred the list would make every handshake heavy and would help nobody.
void name_authorities(SSL_CTX* context, const Judge& clients) {
  const auto& anchors = clients.verifier().anchors();
  const auto vouches = [](const trust::Anchor& anchor) { return anchor.vouches_for_clients; };
  if (std::ranges::count_if(anchors, vouches) >
      static_cast<std::ptrdiff_t>(kClientAuthoritiesMax)) {
    return;
  }
  for (const auto& anchor : anchors) {
    if (!vouches(anchor)) continue;
    require(SSL_CTX_add_client_CA(context, anchor.certificate.handle()), "SSL_CTX_add_client_CA");
  }
}

}  // namespace

SslContextPtr make_listen_context(const Identity& identity, const Judge& clients,
                                  SessionMemory& sessions, bool mutual) {
  auto context = make_context(TLS_server_method());
  SSL_CTX* const raw = context.get();
  use_identity(raw, identity);
  SSL_CTX_set_alpn_select_cb(raw, choose_protocol, nullptr);
  require(SSL_CTX_set_session_id_context(raw, as_bytes("ipm"), 3),
          "SSL_CTX_set_session_id_context");
  require(SSL_CTX_set_max_early_data(raw, 0), "SSL_CTX_set_max_early_data");
  sessions.serve(raw);
  if (mutual) {
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    judge_peers(raw, clients);
    name_authorities(raw, clients);
  } else {
    SSL_CTX_set_verify(raw, SSL_VERIFY_NONE, nullptr);
  }
  pki::take_openssl_errors();
  return context;
}

SslContextPtr make_dial_context(const Identity* identity, const Judge& servers) {
  auto context = make_context(TLS_client_method());
  SSL_CTX* const raw = context.get();
  if (identity != nullptr) use_identity(raw, *identity);
  // This call alone of the library's returns 0 on success.
  require(SSL_CTX_set_alpn_protos(raw, as_bytes(kProtocol), kProtocol.size()) == 0 ? 1 : 0,
          "SSL_CTX_set_alpn_protos");
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
  judge_peers(raw, servers);
  note_requests(raw);
  pki::take_openssl_errors();
  return context;
}

}  // namespace ipm::tls
