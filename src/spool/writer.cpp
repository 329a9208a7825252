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
    : engine_(engine), stock_(stock), options_(std::move(options)), log_(log), thread_([this] {
        run();
      }) {}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
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
  wake_.notify_one();
}

void Writer::refill_stock() {
  {
    const std::lock_guard lock(mutex_);
    stock_is_low_ = true;
  }
  wake_.notify_one();
}

std::uint64_t Writer::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size() + in_group_;
}

void Writer::run() {
  Group group;
  purge();
  while (take(group)) {
    fill_stock();
    if (group.empty()) {
      rest();
      continue;
    }
    write(group);
    group.clear();
  }
}

bool Writer::take(Group& group) {
  std::chrono::milliseconds pause = stock_failed_ ? kDoubtPause : kHistoryPause;
  if (const auto rest = engine_.rest_after()) pause = std::min(pause, *rest);
  const std::size_t bytes_max = engine_.group_bytes_max();
  std::unique_lock lock(mutex_);
  in_group_ = 0;
  wake_.wait_for(lock, pause, [this] {
    return ending_ || !queue_.empty() || (stock_is_low_ && !stock_failed_);
  });
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
    std::swap(group, queue_);  // Both keep their room.
  } else {
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
    group.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
    queue_.erase(queue_.begin(), end);
  }
  queued_bytes_ -= bytes;
  in_group_ = group.size();
  return true;
}

void Writer::fill_stock() {
  {
    const std::lock_guard lock(mutex_);
    stock_is_low_ = false;
  }
  stock_failed_ = false;
  try {
    while (stock_.wants_more()) stock_.add(engine_.ids(kIdBlock));
  } catch (const Error&) {  // Whoever finds no id in hand says so.
    stock_failed_ = true;
  }
}

// Nothing has come for a while.
void Writer::rest() {
  engine_.rest();
  purge();
}

// Removes finished jobs whose time is over, until somebody has work.
void Writer::purge() {
  Group none;
  while (write(none) == kGroupPurgesMax) {
    const std::lock_guard lock(mutex_);
    if (ending_ || !queue_.empty()) return;
  }
}

std::size_t Writer::write(Group& group) {
  if (!std::ranges::all_of(group, is_relief)) {
    if (const auto refusal = engine_.refusal()) fail(group, refusal, true);
  }
  Outcome outcome = commit(group);
  if (outcome.kind == Outcome::Kind::NotDone) {
    note_failure(outcome.failure);
    engine_.after_failure();
    // Where there is no room for new work, what settles and deletes may still find some.
    if (fail(group, outcome.failure, true)) {
      do {
        const auto lost = std::move(outcome.lost);
        outcome = commit(group);
        outcome.lost.insert(outcome.lost.end(), lost.begin(), lost.end());
      } while (outcome.kind == Outcome::Kind::NotDone && engine_.make_way());
      if (outcome.kind == Outcome::Kind::NotDone) fail(group, outcome.failure, false);
    }
  } else if (outcome.kind == Outcome::Kind::Durable && (!group.empty() || outcome.purged > 0)) {
    note_success();
  }
  settle(group, outcome);
  engine_.after_group();
  return outcome.purged;
}

Outcome Writer::commit(Group& group) {
  Outcome outcome = engine_.commit(group, options_.clock());
  std::chrono::milliseconds waited{0};
  while (outcome.kind == Outcome::Kind::InDoubt) {
    {
      const std::lock_guard lock(mutex_);
      if (ending_) waited += kDoubtPause;
    }
    if (waited > kDoubtAtEndMax) return outcome;
    std::this_thread::sleep_for(kDoubtPause);
    auto lost = std::move(outcome.lost);
    outcome = engine_.resolve();
    if (outcome.kind == Outcome::Kind::NotDone && !outcome.failure) {
      outcome = engine_.commit(group, options_.clock());
    }
    outcome.lost.insert(outcome.lost.end(), lost.begin(), lost.end());
  }
  return outcome;
}

bool Writer::fail(Group& group, const std::exception_ptr& failure, bool relief_spared) {
  bool any_left = false;
  for (auto& hand_in : group) {
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
void Writer::settle(Group& group, const Outcome& outcome) {
  bool any = outcome.purged > 0;
  const bool in_doubt = outcome.kind == Outcome::Kind::InDoubt;
  for (auto& hand_in : group) {
    if (!hand_in.failure) {
      // In doubt to the end: their row may be there.
      keep_documents(hand_in);
      if (in_doubt && !is_barrier(hand_in)) hand_in.failure = std::make_exception_ptr(unknown());
    }
    if (!hand_in.failure && !is_barrier(hand_in)) {
      changes_ += hand_in.changes.size();
      any = true;
    }
  }
  if (any) ++groups_;
  for (auto& hand_in : group) complete(hand_in);
  if (!outcome.lost.empty() && options_.lost) guard([&] { options_.lost(outcome.lost); });
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
