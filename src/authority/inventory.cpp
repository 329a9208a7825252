#include "authority/inventory.h"

#include <fmt/format.h>

#include <array>

#include "base/error.h"
#include "base/text.h"

namespace ipm::authority {
namespace {

constexpr std::chrono::days kListedAfterExpiry{31};

// Times are seconds since 1970, UTC.
constexpr std::array<std::string_view, 1> kSchema = {R"(
  CREATE TABLE issued(
    number INTEGER PRIMARY KEY,
    serial TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL COLLATE NOCASE,
    names TEXT NOT NULL,
    role INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    not_after INTEGER,
    fingerprint TEXT,
    certificate BLOB,
    revoked INTEGER,
    reason TEXT
  ) STRICT;
  CREATE INDEX issued_by_name ON issued(name);
  CREATE TABLE lists(
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    signed INTEGER NOT NULL,
    next_update INTEGER NOT NULL
  ) STRICT;
)"};

constexpr std::string_view kColumns =
    "serial, name, names, role, recorded, not_after, fingerprint, revoked, reason";

std::int64_t seconds(TimePoint time) {
  return time.time_since_epoch().count();
}

TimePoint at(std::int64_t seconds_since_1970) {
  return TimePoint{std::chrono::seconds{seconds_since_1970}};
}

std::optional<TimePoint> find_time(const sql::Rows& rows, int column) {
  const auto found = rows.find_integer(column);
  return found ? std::optional(at(*found)) : std::nullopt;
}

Entry entry_of(const sql::Rows& rows) {
  Entry entry;
  entry.serial = rows.text(0);
  entry.name = rows.text(1);
  entry.names = rows.text(2);
  entry.role = static_cast<pki::Role>(rows.integer(3));
  entry.recorded = at(rows.integer(4));
  entry.expires = find_time(rows, 5);
  entry.fingerprint = rows.text(6);
  entry.revoked = find_time(rows, 7);
  entry.reason = rows.text(8);
  return entry;
}

std::vector<Entry> entries_of(sql::Rows rows) {
  std::vector<Entry> entries;
  while (rows.next()) entries.push_back(entry_of(rows));
  return entries;
}

// What a person copied, as Certificate::serial() writes it; other text stays as it is.
std::string normal_serial(std::string_view text) {
  const bool odd = text.size() % 2 == 1 && text.find(':') == std::string_view::npos;
  const auto octets = parse_hex(odd ? "0" + std::string(text) : std::string(text));
  return octets && !octets->empty() ? pki::serial_text(*octets) : std::string(text);
}

}  // namespace

std::string_view state_name(State state) {
  switch (state) {
    case State::Valid:
      return "valid";
    case State::Expired:
      return "expired";
    case State::Revoked:
      return "revoked";
    case State::Unfinished:
      return "unfinished";
  }
  return "unknown";
}

State Entry::state(TimePoint now) const {
  if (revoked) return State::Revoked;
  if (!expires) return State::Unfinished;
  return *expires < now ? State::Expired : State::Valid;
}

Inventory::Inventory(const std::filesystem::path& file) {
  sql::Options options;
  options.file = file;
  options.unusable = Message::AuthorityDamaged;
  options.write_failed = Message::FileUnwritable;
  database_ = std::make_unique<sql::Database>(options);
  database_->migrate(kSchema);
}

void Inventory::record(const std::string& serial, const std::string& name, const std::string& names,
                       pki::Role role, TimePoint now) {
  sql::Transaction transaction(*database_);
  if (find(serial)) {
    // 127 random bits do not repeat; a broken random generator would.
    throw Error(Message::AuthorityDamaged,
                fmt::format("the serial number {} was given out before", serial),
                "a serial number that is new");
  }
  database_
      ->prepare("INSERT INTO issued(serial, name, names, role, recorded) VALUES(?, ?, ?, ?, ?)")
      .run(serial, name, names, role, seconds(now));
  transaction.commit();
}

void Inventory::finish(const std::string& serial, const pki::Certificate& certificate) {
  sql::Transaction transaction(*database_);
  database_
      ->prepare(
          "UPDATE issued SET not_after = ?, fingerprint = ?, certificate = ? WHERE serial = ?")
      .run(seconds(certificate.not_after()), certificate.fingerprint(),
           sql::Blob{certificate.der()}, serial);
  transaction.commit();
}

void Inventory::forget(const std::string& serial) {
  sql::Transaction transaction(*database_);
  database_->prepare("DELETE FROM issued WHERE serial = ? AND certificate IS NULL").run(serial);
  transaction.commit();
}

std::vector<Entry> Inventory::all() const {
  auto select = database_->prepare(fmt::format("SELECT {} FROM issued ORDER BY number", kColumns));
  return entries_of(select.query());
}

std::optional<Entry> Inventory::find(std::string_view serial) const {
  auto select = database_->prepare(fmt::format("SELECT {} FROM issued WHERE serial = ?", kColumns));
  const auto entries = entries_of(select.query(normal_serial(serial)));
  if (entries.empty()) return std::nullopt;
  return entries.front();
}

std::vector<Entry> Inventory::find_by_name(std::string_view name) const {
  auto select = database_->prepare(
      fmt::format("SELECT {} FROM issued WHERE name = ? ORDER BY number", kColumns));
  return entries_of(select.query(name));
}

std::optional<pki::Certificate> Inventory::find_certificate(std::string_view serial) const {
  auto select = database_->prepare("SELECT certificate FROM issued WHERE serial = ?");
  auto rows = select.query(normal_serial(serial));
  if (!rows.next() || rows.is_null(0)) return std::nullopt;
  return pki::Certificate::parse_der(rows.blob(0), "the authority's inventory");
}

bool Inventory::revoke(const std::string& serial, std::string_view reason, TimePoint now) {
  sql::Transaction transaction(*database_);
  database_
      ->prepare("UPDATE issued SET revoked = ?, reason = ? WHERE serial = ? AND revoked IS NULL")
      .run(seconds(now), reason, normal_serial(serial));
  const bool changed = database_->changed_rows() > 0;
  transaction.commit();
  return changed;
}

bool Inventory::take_in(const pki::Revocation& revocation, TimePoint now) {
  const std::string serial = normal_serial(revocation.serial);
  const auto entry = find(serial);
  if (entry && entry->revoked) return false;
  if (!entry) record(serial, "", "", pki::Role::Client, now);
  const std::string reason = revocation.reason.empty() ? "unspecified" : revocation.reason;
  return revoke(serial, reason, revocation.when);
}

std::vector<pki::Revocation> Inventory::revocations(TimePoint now) const {
  auto select = database_->prepare(
      "SELECT serial, revoked, reason FROM issued WHERE revoked IS NOT NULL "
      "AND (not_after IS NULL OR not_after >= ?) ORDER BY number");
  auto rows = select.query(seconds(now - kListedAfterExpiry));
  std::vector<pki::Revocation> revocations;
  while (rows.next()) {
    revocations.push_back(
        {std::string(rows.text(0)), at(rows.integer(1)), std::string(rows.text(2))});
  }
  return revocations;
}

std::uint64_t Inventory::next_list_number(TimePoint now, TimePoint next_update) {
  sql::Transaction transaction(*database_);
  database_->prepare("INSERT INTO lists(signed, next_update) VALUES(?, ?)")
      .run(seconds(now), seconds(next_update));
  const std::uint64_t number = newest_list_number();
  transaction.commit();
  return number;
}

std::optional<std::chrono::days> Inventory::newest_list_validity() const {
  auto select =
      database_->prepare("SELECT next_update - signed FROM lists ORDER BY number DESC LIMIT 1");
  auto rows = select.query();
  if (!rows.next()) return std::nullopt;
  const auto days = std::chrono::floor<std::chrono::days>(std::chrono::seconds{rows.integer(0)});
  return days.count() > 0 ? std::optional(days) : std::nullopt;
}

bool Inventory::raise_list_number(std::uint64_t number, TimePoint this_update,
                                  TimePoint next_update) {
  if (number <= newest_list_number()) return false;
  sql::Transaction transaction(*database_);
  database_->prepare("INSERT OR IGNORE INTO lists(number, signed, next_update) VALUES(?, ?, ?)")
      .run(static_cast<std::int64_t>(number), seconds(this_update), seconds(next_update));
  const bool changed = database_->changed_rows() > 0;
  transaction.commit();
  return changed;
}

std::uint64_t Inventory::newest_list_number() const {
  auto select = database_->prepare("SELECT max(number) FROM lists");
  auto rows = select.query();
  return rows.next() ? static_cast<std::uint64_t>(rows.integer(0)) : 0;
}

}  // namespace ipm::authority
