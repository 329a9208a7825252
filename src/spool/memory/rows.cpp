#include "spool/memory/rows.h"

#include <fmt/format.h>

#include <variant>

#include "base/error.h"
#include "spool/memory/body.h"

namespace ipm::spool::memory {
namespace {

// Without a layer below, a row that goes leaves nothing.
template <typename Rows>
void merge_rows(Rows& rows, Rows& above, bool is_lowest) {
  for (auto& [key, row] : above) {
    if (is_lowest && !row) {
      rows.erase(key);
    } else {
      rows.insert_or_assign(key, std::move(row));
    }
  }
}

}  // namespace

struct Layer::Applier {
  Layer& layer;

  void operator()(const Submission& submission) const {
    const JobId id = submission.job.id;
    if (layer.find_job(id) != nullptr) {
      throw Error(Message::Unexpected, fmt::format("there is a job {} already", id), "a new id");
    }
    StoredJob& stored = layer.jobs_[id].emplace();
    stored.job = submission.job;
    stored.job.octets = 0;
    stored.job.documents = 0;
    for (const auto& document : submission.documents) add_document(stored, document);
  }

  void operator()(const Addition& addition) const {
    layer.update_job(addition.update);
    add_document(layer.job_to_change(addition.update.id), addition.document);
  }

  void operator()(const JobUpdate& update) const { layer.update_job(update); }
  void operator()(const JobRemoval& removal) const { layer.remove_job(removal.id); }
  void operator()(const Destination& destination) const {
    layer.destinations_[{destination.kind, destination.name}] = destination;
  }
  void operator()(const DestinationRemoval& removal) const {
    layer.destinations_[{removal.kind, removal.name}] = std::nullopt;
  }
  void operator()(const Setting& setting) const { layer.settings_[setting.key] = setting.value; }
};

void Layer::apply(const Change& change) {
  std::visit(Applier{*this}, change);
}

void Layer::merge(Layer&& above) {
  merge_rows(jobs_, above.jobs_, below_ == nullptr);
  merge_rows(destinations_, above.destinations_, below_ == nullptr);
  merge_rows(settings_, above.settings_, below_ == nullptr);
}

const StoredJob* Layer::find_job(JobId id) const {
  for (const Layer* layer = this; layer != nullptr; layer = layer->below_) {
    if (const auto at = layer->jobs_.find(id); at != layer->jobs_.end()) {
      return at->second ? &*at->second : nullptr;
    }
  }
  return nullptr;
}

StoredJob& Layer::job_to_change(JobId id) {
  if (const auto at = jobs_.find(id); at != jobs_.end() && at->second) return *at->second;
  const StoredJob* found = find_job(id);
  if (found == nullptr) {
    throw Error(Message::JobNotFound, fmt::format("there is no job {}", id),
                "the id of a job that is in the spool");
  }
  return jobs_[id].emplace(*found);
}

void Layer::update_job(const JobUpdate& update) {
  StoredJob& stored = job_to_change(update.id);
  stored.job.status = update.status;
  stored.damage.clear();
  if (update.attributes) stored.job.attributes = *update.attributes;
  if (update.destination) stored.job.destination = *update.destination;
  if (update.drop_documents) stored.documents.clear();
}

void Layer::add_document(StoredJob& job, const NewDocument& document) {
  const StoredDocument& stored = document.document;
  StoredFile file;
  file.info = document.info;
  file.info.bytes = stored.bytes();
  file.sums = stored.sums();
  if (stored.is_inline()) {
    file.bytes = std::make_shared<const std::string>(stored.inline_bytes());
  } else {  // Bodies come from this engine's sinks.
    file.bytes = static_cast<const MemoryBody&>(*stored.body()).bytes();
  }
  if (!job.documents.emplace(document.info.number, std::move(file)).second) {
    throw Error(Message::Unexpected,
                fmt::format("job {} has a document {} already", job.job.id, document.info.number),
                "a number of its own for each document");
  }
  job.job.octets += stored.bytes();
  ++job.job.documents;
}

}  // namespace ipm::spool::memory
