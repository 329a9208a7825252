#pragma once
// The tables of spool.db, as the steps that lead from each version to the next. A step that has
// been released is never changed: add one.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "spool/job.h"

namespace ipm::spool::sqlite {

// Documents are keyed by job and number in one integer, so that both tables grow at their end
// alone. Bytes stand apart from their description: a scan over jobs and documents never meets them.
inline constexpr std::array<std::string_view, 4> kSchema = {R"sql(
CREATE TABLE jobs(
  id INTEGER PRIMARY KEY,
  destination TEXT NOT NULL,
  owner TEXT NOT NULL,
  name TEXT NOT NULL,
  created INTEGER NOT NULL,          -- seconds since 1970, as all times here
  state INTEGER NOT NULL,            -- RFC 8011, 5.3.7
  reasons TEXT NOT NULL,
  message TEXT NOT NULL,
  open INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  documents_done INTEGER NOT NULL,
  units_done INTEGER NOT NULL,
  not_before INTEGER,
  processing INTEGER,
  finished INTEGER,
  attributes BLOB NOT NULL
) STRICT;
CREATE TABLE documents(
  id INTEGER PRIMARY KEY,            -- job * 65536 + number
  format TEXT NOT NULL,
  name TEXT NOT NULL,
  digest BLOB NOT NULL,
  attributes BLOB NOT NULL,
  bytes INTEGER NOT NULL,
  file TEXT                          -- in documents/; NULL: the bytes are in bodies
) STRICT;
CREATE TABLE bodies(
  id INTEGER PRIMARY KEY,            -- the document's
  bytes BLOB NOT NULL
) STRICT;
CREATE TABLE destinations(
  kind INTEGER NOT NULL,
  name TEXT NOT NULL,
  feeds TEXT NOT NULL,               -- names, a line each
  device_uri TEXT NOT NULL,
  paused INTEGER NOT NULL,
  accepting INTEGER NOT NULL,
  message TEXT NOT NULL,
  created INTEGER NOT NULL,
  attributes BLOB NOT NULL,
  PRIMARY KEY(kind, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE settings(key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
-- The highest id of a job whose row is gone: no id is given twice.
CREATE TABLE last_job(id INTEGER NOT NULL) STRICT;
INSERT INTO last_job VALUES(0);
)sql",
                                                            R"sql(
ALTER TABLE jobs ADD COLUMN cancel_wanted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN device_job INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN device_up INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN doubtful INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN octets INTEGER NOT NULL DEFAULT 0;     -- of all documents it ever had
ALTER TABLE jobs ADD COLUMN documents INTEGER NOT NULL DEFAULT 0;  -- likewise
ALTER TABLE jobs DROP COLUMN not_before;
ALTER TABLE documents DROP COLUMN digest;
ALTER TABLE documents DROP COLUMN attributes;
ALTER TABLE documents ADD COLUMN sums BLOB;  -- CRC32C of each 64 KiB, 4 bytes each, the least first
UPDATE jobs SET octets = d.octets, documents = d.documents
  FROM (SELECT id / 65536 AS job, sum(bytes) AS octets, count(*) AS documents
        FROM documents GROUP BY 1) AS d
  WHERE jobs.id = d.job;
-- Each ends with the row's id by itself.
CREATE INDEX jobs_unfinished ON jobs(id) WHERE finished IS NULL;
CREATE INDEX jobs_finished ON jobs(finished) WHERE finished IS NOT NULL;
CREATE INDEX jobs_of_owner ON jobs(owner, finished) WHERE finished IS NOT NULL;
CREATE INDEX jobs_of_destination ON jobs(destination, finished) WHERE finished IS NOT NULL;
)sql",
                                                            R"sql(
-- 1 from a start to its orderly end: whoever finds it so finds a log beside the database.
CREATE TABLE running(value INTEGER NOT NULL) STRICT;
INSERT INTO running VALUES(0);
)sql",
                                                            R"sql(
CREATE INDEX jobs_of_owner_at ON jobs(owner, destination, finished) WHERE finished IS NOT NULL;
)sql"};

constexpr std::int64_t document_key(JobId job, std::int64_t number) {
  return job * 65536 + number;
}
constexpr JobId job_of_key(std::int64_t key) {
  return key / 65536;
}
constexpr std::int64_t number_of_key(std::int64_t key) {
  return key % 65536;
}

inline std::int64_t to_row(TimePoint time) {
  return time.time_since_epoch().count();
}
inline std::optional<std::int64_t> to_row(const std::optional<TimePoint>& time) {
  if (!time) return std::nullopt;
  return time->time_since_epoch().count();
}
inline TimePoint from_row(std::int64_t seconds) {
  return TimePoint(std::chrono::seconds(seconds));
}

}  // namespace ipm::spool::sqlite
