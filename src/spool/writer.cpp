#include "spool/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>
#include <variant>

#include "base/error.h"

namespace ipm::spool {
namespace {

bool is_barrier(const HandIn& hand_in) {
  return hand_in.changes.empty();
}

void keep_documents(HandIn& hand_in) {
  for (auto& change : hand_in.changes) {
    if (auto* submission = std::get_if<Submission>(&change)) {
      for (auto& document : submission->documents) document.document.keep();
    } else if (auto* addition = std::get_if<Addition>(&change)) {
      addition->document.document.keep();
    }
  }
}

Error busy(std::size_t changes, std::size_t bytes) {
  return {Message::SpoolBusy,
          fmt::format("{} changes of {} bytes wait to be written", changes, bytes),
          "a spool that keeps up with its clients"};
}

Error unknown() {
  return {Message::SpoolAway, "the spool was closed before its database said what became of this",
          "a database that answers"};
}

}  // namespace

Writer::Writer(Engine& engine, IdStock& stock, Options options, const Log& log)
    : engine_(engine), stock_(stock), options_(std::move(options)), log_(log) {
  pace_ = make_pace([this](bool undisturbed) { return work(undisturbed); });
}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  pace_->wake();
  pace_->join();  // What ends now may hand in more: pace_ stays until then.
}

void Writer::post(HandIn hand_in) {
  hand_in.bytes = bytes_of(hand_in);
  {
    const std::lock_guard lock(mutex_);
    if (!hand_in.failure && !is_relief(hand_in) &&
        (queue_.size() >= options_.limits.waiting_changes_max ||
         queued_bytes_ + hand_in.bytes > options_.limits.waiting_bytes_max)) {
      hand_in.failure = std::make_exception_ptr(busy(queue_.size(), queued_bytes_));
    }
    queued_bytes_ += hand_in.bytes;
    queue_.push_back(std::move(hand_in));
  }
  pace_->wake();
}

void Writer::refill_stock() {
  pace_->wake();
}

std::uint64_t Writer::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size() + in_group_;
}

std::optional<Rest> Writer::work(bool undisturbed) {
  if (in_doubt_) {
    go_on(engine_.resolve());
  } else {
    if (!take()) return std::nullopt;
    fill_stock();
    const bool idle = group_.empty();
    if (idle && undisturbed) engine_.rest();
    if (!idle || undisturbed || more_is_overdue_) write();
  }
  if (in_doubt_) return Rest{kDoubtPause, false};
  group_.clear();
  const Rest rest{pause()};
  const std::lock_guard lock(mutex_);
  const bool more = more_is_overdue_ || !queue_.empty() || ending_;
  return more ? Rest{} : rest;
}

std::chrono::milliseconds Writer::pause() const {
  const std::chrono::milliseconds most = stock_failed_ ? kDoubtPause : kHistoryPause;
  return std::min(most, engine_.rest_after().value_or(most));
}

bool Writer::take() {
  const std::size_t bytes_max = engine_.group_bytes_max();
  const std::lock_guard lock(mutex_);
  in_group_ = 0;
  if (queue_.empty()) return !ending_;
  std::size_t bytes = 0;
  std::size_t changes = 0;
  std::size_t count = 0;
  while (count < queue_.size() && changes < kGroupChangesMax && bytes < bytes_max) {
    bytes += queue_[count].bytes;
    changes += std::max<std::size_t>(queue_[count].changes.size(), 1);
    ++count;
  }
  if (count == queue_.size()) {
    std::swap(group_, queue_);  // Both keep their room.
  } else {
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
    group_.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
    queue_.erase(queue_.begin(), end);
  }
  queued_bytes_ -= bytes;
  in_group_ = group_.size();
  return true;
}

void Writer::fill_stock() {
  stock_failed_ = false;
  try {
    while (stock_.wants_more()) stock_.add(engine_.ids(kIdBlock));
  } catch (const Error&) {  // Whoever finds no id in hand says so.
    stock_failed_ = true;
  }
}

void Writer::write() {
  only_relief_ = false;
  if (!std::ranges::all_of(group_, is_relief)) {
    if (const auto refusal = engine_.refusal()) fail(refusal, true);
  }
  go_on(engine_.commit(group_, options_.clock()));
}

// From one outcome to the next, until the group is decided or the engine has to be asked later.
void Writer::go_on(Outcome outcome) {
  bool asked = std::exchange(in_doubt_, false);
  for (;;) {
    lost_.insert(lost_.end(), outcome.lost.begin(), outcome.lost.end());
    if (outcome.kind == Outcome::Kind::InDoubt) {
      if (!must_end()) {
        in_doubt_ = true;
        return;
      }
    } else if (outcome.kind == Outcome::Kind::NotDone && !outcome.failure && asked) {
      asked = false;
      outcome = engine_.commit(group_, options_.clock());
      continue;
    } else if (outcome.kind == Outcome::Kind::NotDone && only_relief_) {
      if (engine_.make_way()) {
        outcome = engine_.commit(group_, options_.clock());
        continue;
      }
      fail(outcome.failure, false);
    } else if (outcome.kind == Outcome::Kind::NotDone) {
      note_failure(outcome.failure);
      engine_.after_failure();
      // Where there is no room for new work, what settles and deletes may still find some.
      if (fail(outcome.failure, true)) {
        only_relief_ = true;
        outcome = engine_.commit(group_, options_.clock());
        continue;
      }
    } else if (!only_relief_ && (!group_.empty() || outcome.purged > 0)) {
      note_success();
    }
    break;
  }
  more_is_overdue_ = outcome.purged == kGroupPurgesMax;
  settle(outcome);
  engine_.after_group();
}

// An engine that does not know is not waited for much longer when the spool ends.
bool Writer::must_end() {
  const std::lock_guard lock(mutex_);
  if (ending_) doubted_ += kDoubtPause;
  return doubted_ > kDoubtAtEndMax;
}

bool Writer::fail(const std::exception_ptr& failure, bool relief_spared) {
  bool any_left = false;
  for (auto& hand_in : group_) {
    if (hand_in.failure) continue;
    if (relief_spared && is_relief(hand_in)) {
      any_left = any_left || !is_barrier(hand_in);
    } else if (!is_barrier(hand_in)) {
      hand_in.failure = failure;
    }
  }
  return any_left;
}

// All of it is decided: only now may anybody hear of it.
void Writer::settle(const Outcome& outcome) {
  bool any = outcome.purged > 0;
  const bool in_doubt = outcome.kind == Outcome::Kind::InDoubt;
  for (auto& hand_in : group_) {
    if (hand_in.failure) {
      hand_in.changes.clear();  // Its documents go before anybody hears of it.
      continue;
    }
    // In doubt to the end: their row may be there.
    keep_documents(hand_in);
    if (is_barrier(hand_in)) continue;
    if (in_doubt) {
      hand_in.failure = std::make_exception_ptr(unknown());
    } else {
      changes_ += hand_in.changes.size();
      any = true;
    }
  }
  if (any) ++groups_;
  for (auto& hand_in : group_) complete(hand_in);
  const auto lost = std::exchange(lost_, {});
  if (!lost.empty() && options_.lost) guard([&] { options_.lost(lost); });
}

void Writer::complete(HandIn& hand_in) {
  if (hand_in.failure) ++failures_;
  if (hand_in.completion) guard([&] { hand_in.completion(hand_in.failure); });
}

template <typename Function>
void Writer::guard(const Function& function) {
  try {
    function();
  } catch (const std::exception&) {
    log_.write(Message::Unexpected, describe(std::current_exception()));
  }
}

void Writer::note_failure(const std::exception_ptr& failure) {
  if (std::exchange(failing_, true)) return;  // Once, not for each client that tries again.
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    log_.write(error);
  } catch (const std::exception&) {
    log_.write(Message::Unexpected, describe(failure));
  }
}

void Writer::note_success() {
  if (!std::exchange(failing_, false)) return;
  log_.write(Message::Notice, "The spool can write again.");
}

}  // namespace ipm::spool
