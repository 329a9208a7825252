#pragma once
// What an authority issued, revoked and listed: an SQLite file, one row a certificate.
//
// The serial is recorded, durably, before anything is signed under it: a crash leaves at worst a
// row without a certificate, never a certificate without a row.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "pki/certificate.h"
#include "pki/crl.h"
#include "pki/rules.h"
#include "sql/database.h"

namespace ipm::authority {

enum class State : std::uint8_t {
  Valid,
  Expired,
  Revoked,     // Stays so when it expires.
  Unfinished,  // The serial was recorded; the certificate was never handed out.
};
std::string_view state_name(State state);  // "valid", "expired", "revoked", "unfinished"

struct Entry {
  std::string serial;  // as Certificate::serial()
  std::string name;    // the subject's common name
  std::string names;   // the SAN, typed (S11)
  pki::Role role = pki::Role::Server;
  TimePoint recorded;
  std::optional<TimePoint> expires;
  std::string fingerprint;  // empty while unfinished
  std::optional<TimePoint> revoked;
  std::string reason;  // of the revocation (RFC 5280, 5.3.1)

  State state(TimePoint now) const;
};

// Belongs to one thread at a time; processes exclude each other by SQLite's lock.
class Inventory {
 public:
  // Throws Error{AuthorityDamaged}.
  explicit Inventory(const std::filesystem::path& file);

  // Throws Error{AuthorityDamaged} when the serial is there already.
  void record(const std::string& serial, const std::string& name, const std::string& names,
              pki::Role role, TimePoint now);
  void finish(const std::string& serial, const pki::Certificate& certificate);
  // Of a serial under which nothing was signed. Finished ones stay.
  void forget(const std::string& serial);

  // Oldest first.
  std::vector<Entry> all() const;
  std::optional<Entry> find(std::string_view serial) const;
  std::vector<Entry> find_by_name(std::string_view name) const;  // ASCII case does not count
  std::optional<pki::Certificate> find_certificate(std::string_view serial) const;

  // A revocation that a list of the authority's tells of; a serial that is not here is recorded. Whether
  // it was not known.
  bool take_in(const pki::Revocation& revocation, TimePoint now);

  // Nothing when it was revoked already: the first revocation stands.
  bool revoke(const std::string& serial, std::string_view reason, TimePoint now);

  // Everything that a list signed at `now` must carry. A certificate that expired is carried on for
  // a month, so that it stands on at least one list after its end (RFC 5280, 3.3).
  std::vector<pki::Revocation> revocations(TimePoint now) const;

  // A new CRL number, greater than every earlier one, durable before it is returned.
  std::uint64_t next_list_number(TimePoint now, TimePoint next_update);
  std::uint64_t newest_list_number() const;  // 0 before the first
  // How long the newest list is valid; nothing before the first.
  std::optional<std::chrono::days> newest_list_validity() const;
  // Later lists get numbers above `number`, that of a list with these times, and are valid as long as
  // it. Whether they would not have been above it anyway.
  bool raise_list_number(std::uint64_t number, TimePoint this_update, TimePoint next_update);

  // Runs `work` while no other process changes anything here.
  template <class Work>
  void exclusively(Work work) {
    sql::Transaction transaction(*database_);
    work();
    transaction.commit();
  }

 private:
  std::unique_ptr<sql::Database> database_;
};

}  // namespace ipm::authority
