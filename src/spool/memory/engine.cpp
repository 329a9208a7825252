#include "spool/memory/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "base/error.h"
#include "spool/memory/body.h"

namespace ipm::spool::memory {
namespace {

Error away() {
  return {Message::SpoolAway, "the spool's database cannot be reached", "a database that answers"};
}

Error no_room() {
  return {Message::SpoolWriteFailed, "the memory disk is full",
          "a disk with free space that works"};
}

LoadedJob loaded_of(const StoredJob& stored) {
  LoadedJob loaded{stored.job, {}, false};
  for (const auto& [number, file] : stored.documents) loaded.documents.push_back(file.info);
  return loaded;
}

class Source final : public DocumentSource {
 public:
  explicit Source(std::shared_ptr<const std::string> bytes) : bytes_(std::move(bytes)) {}

  std::size_t read_at(std::uint64_t offset, std::span<char> space) override {
    if (offset >= bytes_->size()) return 0;
    return bytes_->copy(space.data(), space.size(), static_cast<std::size_t>(offset));
  }

 private:
  std::shared_ptr<const std::string> bytes_;
};

bool fits(const HistoryQuery& query, const Job& job) {
  return (!query.destination || job.destination == *query.destination) &&
         (!query.owner || job.owner == *query.owner);
}

// The job that a change is about; none for destinations and settings.
struct JobOf {
  JobId operator()(const Submission& change) const { return change.job.id; }
  JobId operator()(const Addition& change) const { return change.update.id; }
  JobId operator()(const JobUpdate& change) const { return change.id; }
  JobId operator()(const JobRemoval& change) const { return change.id; }
  JobId operator()(const auto&) const { return 0; }
};

}  // namespace

// --- Disk ---

void Disk::set_full(bool full) {
  const std::lock_guard lock(mutex_);
  full_ = full;
}

void Disk::set_dead(bool dead) {
  const std::lock_guard lock(mutex_);
  dead_ = dead;
}

void Disk::set_away(bool away) {
  const std::lock_guard lock(mutex_);
  away_ = away;
}

void Disk::set_mute(bool mute) {
  const std::lock_guard lock(mutex_);
  mute_ = mute;
}

void Disk::lose_answer(bool durable) {
  const std::lock_guard lock(mutex_);
  answer_lost_ = durable;
}

void Disk::take_over(const std::vector<std::string>& queues) {
  const std::lock_guard lock(mutex_);
  taken_over_.insert(queues.begin(), queues.end());
}

void Disk::crash() {
  const std::lock_guard lock(mutex_);
  ++starts_;
}

void Disk::damage_document(JobId job, std::int64_t number) {
  const std::lock_guard lock(mutex_);
  StoredFile& file = rows_.jobs().at(job)->documents.at(number);
  std::string bytes = *file.bytes;
  bytes.at(bytes.size() / 2) = static_cast<char>(bytes.at(bytes.size() / 2) ^ 1);
  file.bytes = std::make_shared<const std::string>(std::move(bytes));
}

void Disk::damage_row(JobId job) {
  const std::lock_guard lock(mutex_);
  rows_.jobs().at(job)->damage = "its row was damaged";
}

std::size_t Disk::count_documents(std::size_t bytes) const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [id, stored] : rows_.jobs()) {
    count += static_cast<std::size_t>(std::ranges::count_if(
        stored->documents, [&](const auto& entry) { return entry.second.info.bytes > bytes; }));
  }
  return count;
}

// --- MemoryEngine ---

class MemoryEngine::Sink final : public DocumentSink {
 public:
  explicit Sink(const MemoryEngine& engine)
      : engine_(engine), bytes_(std::make_shared<std::string>()) {}

  void write(std::string_view bytes) override {
    check();
    bytes_->append(bytes);
  }

  std::unique_ptr<StoredBody> finish() override {
    check();
    return std::make_unique<MemoryBody>(std::move(bytes_));
  }

 private:
  void check() const {
    const std::lock_guard lock(engine_.disk_->mutex_);
    engine_.reach();
    if (engine_.disk_->full_ || engine_.disk_->dead_) throw no_room();
  }

  const MemoryEngine& engine_;
  std::shared_ptr<std::string> bytes_;
};

MemoryEngine::MemoryEngine(std::shared_ptr<Disk> disk, const Limits& limits)
    : disk_(std::move(disk)), limits_(limits) {
  const std::lock_guard lock(disk_->mutex_);
  start_ = ++disk_->starts_;
  disk_->taken_over_.clear();
}

void MemoryEngine::reach() const {
  if (disk_->away_ || start_ != disk_->starts_) throw away();
}

LoadedState MemoryEngine::load(const Queues& queues) {
  const std::lock_guard lock(disk_->mutex_);
  reach();
  LoadedState state;
  for (const auto& [id, stored] : disk_->rows_.jobs()) {
    if (is_finished(stored->job.status.state)) continue;
    LoadedJob loaded = loaded_of(*stored);
    if (!stored->damage.empty()) {
      loaded.job.status.state = JobState::Aborted;
      state.damaged.push_back({std::move(loaded.job), stored->damage});
      continue;
    }
    loaded.interrupted = loaded.job.status.state == JobState::Processing;
    if (loaded.interrupted) loaded.job.status.state = JobState::Pending;
    state.interrupted += loaded.interrupted ? 1 : 0;
    state.jobs.push_back(std::move(loaded));
  }
  state.destinations = destinations();
  for (const auto& [key, value] : disk_->rows_.settings()) state.settings.emplace(key, *value);
  if (queues) {
    for (const auto& queue : *queues) {
      disk_->taken_over_.erase(queue);
      told_.erase(queue);
    }
  }
  return take_queues(state, queues);
}

std::vector<Destination> MemoryEngine::destinations() const {
  std::vector<Destination> all;
  for (const auto& [key, destination] : disk_->rows_.destinations()) all.push_back(*destination);
  return all;
}

std::unique_ptr<DocumentSink> MemoryEngine::new_document() {
  return std::make_unique<Sink>(*this);
}

std::optional<FoundDocument> MemoryEngine::find_document(JobId job, std::int64_t number) {
  const std::lock_guard lock(disk_->mutex_);
  reach();
  const StoredJob* stored = disk_->rows_.find_job(job);
  if (stored == nullptr) return std::nullopt;
  const auto at = stored->documents.find(number);
  if (at == stored->documents.end()) return std::nullopt;
  FoundDocument found;
  found.info = at->second.info;
  found.sums = at->second.sums;
  if (found.info.bytes <= limits_.inline_bytes_max) {
    found.inline_bytes = *at->second.bytes;
  } else {
    found.source = std::make_unique<Source>(at->second.bytes);
  }
  return found;
}

HistoryPage MemoryEngine::history(const HistoryQuery& query,
                                  const std::optional<HistoryPlace>& after, std::size_t limit) {
  const std::lock_guard lock(disk_->mutex_);
  reach();
  HistoryPage page;
  auto at =
      after ? disk_->history_.lower_bound({after->finished_at, after->id}) : disk_->history_.end();
  while (at != disk_->history_.begin()) {
    if (page.jobs.size() == limit) {
      page.next = {at->first, at->second};
      break;
    }
    --at;
    const StoredJob* stored = disk_->rows_.find_job(at->second);
    if (fits(query, stored->job)) page.jobs.push_back(loaded_of(*stored));
  }
  return page;
}

std::optional<LoadedJob> MemoryEngine::find_finished(JobId id) {
  const std::lock_guard lock(disk_->mutex_);
  reach();
  const StoredJob* stored = disk_->rows_.find_job(id);
  if (stored == nullptr || !is_finished(stored->job.status.state)) return std::nullopt;
  return loaded_of(*stored);
}

IdBlock MemoryEngine::ids(std::size_t count) {
  const std::lock_guard lock(disk_->mutex_);
  reach();
  const JobId left = kJobIdMax - disk_->next_id_ + 1;
  const IdBlock block{disk_->next_id_, std::min(count, static_cast<std::size_t>(left))};
  disk_->next_id_ += static_cast<JobId>(block.count);
  return block;
}

// A queue that another server owns is none of ours: nothing is written for it.
void MemoryEngine::refuse_lost(HandIn& hand_in, const Layer& rows) const {
  const std::vector<Destination> all = destinations();
  for (const auto& change : hand_in.changes) {
    std::string queue;
    if (const auto* destination = std::get_if<Destination>(&change)) {
      if (destination->kind == DestinationKind::Queue) queue = destination->name;
    } else if (const auto* submission = std::get_if<Submission>(&change)) {
      queue = queue_of(all, submission->job.destination);
    } else if (const StoredJob* stored = rows.find_job(std::visit(JobOf{}, change))) {
      queue = queue_of(all, stored->job.destination);
    }
    if (!disk_->taken_over_.contains(queue)) continue;
    throw Error(Message::SpoolAway, fmt::format("another server has taken over {}", queue),
                "a queue of this server");
  }
}

std::size_t MemoryEngine::purge(Layer& group, TimePoint now) const {
  const bool any_age = limits_.history_age_max.count() == 0;
  const TimePoint since = any_age ? TimePoint::min() : now - limits_.history_age_max;
  std::size_t left = disk_->history_.size();
  std::size_t purged = 0;
  for (const auto& [finished, id] : disk_->history_) {
    const bool too_many = limits_.history_jobs_max != 0 && left > limits_.history_jobs_max;
    if (purged == kGroupPurgesMax || (!too_many && finished >= since)) break;
    group.remove_job(id);
    ++purged;
    --left;
  }
  return purged;
}

void MemoryEngine::make_durable(Layer&& group) {
  for (const auto& [id, stored] : group.jobs()) {
    if (const StoredJob* before = disk_->rows_.find_job(id)) {
      if (const auto finished = before->job.status.finished_at) {
        disk_->history_.erase({*finished, id});
      }
    }
    if (stored && stored->job.status.finished_at) {
      disk_->history_.emplace(*stored->job.status.finished_at, id);
    }
  }
  disk_->rows_.merge(std::move(group));
}

std::vector<std::string> MemoryEngine::newly_lost() {
  std::vector<std::string> lost;
  std::ranges::set_difference(disk_->taken_over_, told_, std::back_inserter(lost));
  told_.insert(lost.begin(), lost.end());
  return lost;
}

Outcome MemoryEngine::commit(std::span<HandIn> group, TimePoint now) {
  const std::lock_guard lock(disk_->mutex_);
  Outcome outcome;
  try {
    reach();
    Layer changes(&disk_->rows_);
    outcome.purged = purge(changes, now);
    bool any = outcome.purged > 0;
    for (auto& hand_in : group) {
      if (hand_in.failure || hand_in.changes.empty()) continue;
      if (disk_->dead_ || (disk_->full_ && !is_relief(hand_in))) throw no_room();
      try {
        Layer own(&changes);
        refuse_lost(hand_in, changes);
        for (const auto& change : hand_in.changes) own.apply(change);
        changes.merge(std::move(own));
        any = true;
      } catch (const Error&) {
        hand_in.failure = std::current_exception();
      }
    }
    outcome.lost = newly_lost();
    if (!any) return outcome;
    const std::optional<bool> lost = std::exchange(disk_->answer_lost_, std::nullopt);
    if (lost.value_or(true)) make_durable(std::move(changes));
    if (!lost) return outcome;
    in_doubt_ = lost;
    outcome.kind = Outcome::Kind::InDoubt;
  } catch (const Error&) {
    outcome = {Outcome::Kind::NotDone, std::current_exception(), newly_lost(), 0};
  }
  return outcome;
}

Outcome MemoryEngine::resolve() {
  const std::lock_guard lock(disk_->mutex_);
  Outcome outcome;
  if (!in_doubt_) return outcome;
  if (disk_->away_ || disk_->mute_ || start_ != disk_->starts_) {
    outcome.kind = Outcome::Kind::InDoubt;
  } else if (!*std::exchange(in_doubt_, std::nullopt)) {
    outcome.kind = Outcome::Kind::NotDone;
  }
  return outcome;
}

}  // namespace ipm::spool::memory
