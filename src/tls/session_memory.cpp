#include "tls/session_memory.h"

#include <algorithm>
#include <utility>

#include "tls/handshake.h"
#include "tls/limits.h"

namespace ipm::tls {
namespace {

SessionMemory& memory_of(const SSL* connection) {
  return *static_cast<SessionMemory*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
}

// 1: the reference is ours now.
int keep_session(SSL* connection, SSL_SESSION* session) noexcept {
  try {
    std::shared_ptr<SSL_SESSION> owned(session, SSL_SESSION_free);
    memory_of(connection).keep(connection, std::move(owned));
  } catch (...) {
    // Without memory there is no resumption; `owned` has given the reference back.
  }
  return 1;
}

SSL_SESSION* find_session(SSL* connection, const unsigned char* id, int size,
                          int* wants_reference) noexcept {
  try {
    *wants_reference = 1;  // Ours may go at any time, by another thread.
    const auto found = memory_of(connection).find(connection, {id, static_cast<std::size_t>(size)});
    if (!found) return nullptr;
    SSL_SESSION_up_ref(found.get());
    *wants_reference = 0;
    return found.get();
  } catch (...) {
    return nullptr;
  }
}

int about_to_issue(SSL* connection, void*) noexcept {
  SSL_SESSION_set_timeout(SSL_get_session(connection), memory_of(connection).life_of(connection));
  return 1;
}

}  // namespace

SessionMemory::SessionMemory(Clock clock) : clock_(std::move(clock)), sessions_(kSessionsMax) {}

void SessionMemory::serve(SSL_CTX* context) {
  SSL_CTX_set_app_data(context, this);
  // In TLS 1.3 too, no ticket then carries a session; it is the session's number.
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);  // the stream sends it, with its first answer
  SSL_CTX_set_timeout(context, static_cast<long>(kSessionLife.count()));
  SSL_CTX_set_session_cache_mode(
      context, SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL | SSL_SESS_CACHE_NO_AUTO_CLEAR);
  SSL_CTX_sess_set_new_cb(context, keep_session);
  SSL_CTX_sess_set_get_cb(context, find_session);
  SSL_CTX_set_session_ticket_cb(context, about_to_issue, nullptr, nullptr);
}

void SessionMemory::keep(SSL* connection, std::shared_ptr<SSL_SESSION> session) {
  const Handshake* const record = record_of(connection);
  if (record == nullptr) return;
  unsigned size = 0;
  const unsigned char* const bytes = SSL_SESSION_get_id(session.get(), &size);
  Id id{};
  if (size != id.size()) return;
  std::copy_n(bytes, size, id.begin());
  const auto& ruling = record->ruling;
  const TimePoint until = ruling.certificate ? ruling.valid_until : TimePoint::max();
  const TimePoint from = ruling.certificate ? ruling.valid_from : TimePoint::min();
  sessions_.put(id, {std::move(session), ruling.certificate, ruling.sent_along, ruling.issuer_key,
                     from, until});
}

std::shared_ptr<SSL_SESSION> SessionMemory::find(SSL* connection,
                                                 std::span<const unsigned char> bytes) {
  Handshake* const record = record_of(connection);
  Id id{};
  if (record == nullptr || bytes.size() != id.size()) return nullptr;
  std::ranges::copy(bytes, id.begin());
  auto kept = sessions_.find(id);
  if (!kept) return nullptr;
  const TimePoint now = clock_();
  if (now < kept->admitted_from || now >= kept->admitted_until) return nullptr;
  const bool peer_wanted = (SSL_get_verify_mode(connection) & SSL_VERIFY_PEER) != 0;
  if (peer_wanted && !kept->certificate) return nullptr;
  record->ruling.certificate = std::move(kept->certificate);
  record->ruling.sent_along = std::move(kept->sent_along);
  record->ruling.issuer_key = kept->issuer_key;
  record->ruling.valid_from = kept->admitted_from;
  record->ruling.valid_until = kept->admitted_until;
  return std::move(kept->session);
}

long SessionMemory::life_of(const SSL* connection) const {
  const Handshake* const record = record_of(connection);
  if (record == nullptr || !record->ruling.certificate) return kSessionLife.count();
  const auto left = record->ruling.valid_until - clock_() - std::chrono::seconds(1);
  return std::clamp<long>(left.count(), 1, kSessionLife.count());
}

}  // namespace ipm::tls
