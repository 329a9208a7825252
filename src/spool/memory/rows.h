#pragma once
// The in-memory engine's tables, and changes to them that are made or dropped as one.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "spool/change.h"
#include "spool/job.h"

namespace ipm::spool::memory {

struct StoredFile {
  DocumentInfo info;
  std::string sums;
  std::shared_ptr<const std::string> bytes;
};

struct StoredJob {
  Job job;
  std::map<std::int64_t, StoredFile> documents;
  std::string damage;  // Written by a test; empty: none.
};

using DestinationKey = std::pair<DestinationKind, std::string>;

// Rows over other rows: what is not here is as it is below; an empty optional is a row that goes.
// A change is tried in a layer of its own and merged when it could be made.
class Layer {
 public:
  explicit Layer(const Layer* below = nullptr) : below_(below) {}

  // Throws Error{JobNotFound, Unexpected}; then this layer is of no further use.
  void apply(const Change& change);
  void remove_job(JobId id) { jobs_[id] = std::nullopt; }

  // Takes over the rows of a layer that stands upon this one.
  void merge(Layer&& above);

  const StoredJob* find_job(JobId id) const;

  // The rows of this layer itself: all of them, in the lowest.
  const std::map<JobId, std::optional<StoredJob>>& jobs() const { return jobs_; }
  std::map<JobId, std::optional<StoredJob>>& jobs() { return jobs_; }
  const std::map<DestinationKey, std::optional<Destination>>& destinations() const {
    return destinations_;
  }
  const std::map<std::string, std::optional<std::string>>& settings() const { return settings_; }

 private:
  struct Applier;

  StoredJob& job_to_change(JobId id);
  void update_job(const JobUpdate& update);
  static void add_document(StoredJob& job, const NewDocument& document);

  const Layer* below_;
  std::map<JobId, std::optional<StoredJob>> jobs_;
  std::map<DestinationKey, std::optional<Destination>> destinations_;
  std::map<std::string, std::optional<std::string>> settings_;
};

}  // namespace ipm::spool::memory
