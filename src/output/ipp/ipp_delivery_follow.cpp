// What became of a job at a device: asking, following, searching, cancelling. See ipp_delivery.h.
#include <fmt/format.h>
#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/text.h"
#include "os/clock.h"
#include "output/ipp/ipp_delivery.h"

namespace ipm::output {
namespace asio = boost::asio;
using ipp::GroupTag;
using ipp::JobState;
using ipp::Operation;
using ipp::Status;
using os::SteadyClock;
using std::chrono::milliseconds;
namespace {

// Devices cut long names.
bool is_cut_from(std::string_view told, std::string_view ours) {
  return told == ours || (!told.empty() && ours.starts_with(told));
}

}  // namespace

asio::awaitable<void> IppDelivery::pause(milliseconds wait) {
  if (cancellation_.requested()) co_return;
  timer_.expires_after(wait);
  co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
}

// The device's job-id on stable storage (0: it has none any more). A result where that cannot be:
// then nothing of it stays there either.
asio::awaitable<std::optional<Result>> IppDelivery::note(std::int32_t job) {
  if (!progress_.accepted) co_return std::nullopt;
  std::string failure;
  try {
    co_await progress_.accepted({job, job == 0 ? 0 : job_up_, part_});
    noted_ = {job, job_up_, part_};
  } catch (const Error& error) {
    failure = error.happened();
  }
  if (failure.empty()) co_return std::nullopt;
  Result away{Outcome::DeviceAway, fmt::format("what {} has of the job cannot be recorded: {}",
                                               device_.uri().authority(), failure)};
  if (job != 0) {
    const bool gone = co_await cancel_there();
    away.may_be_there = !gone;
  }
  co_return away;
}

asio::awaitable<ippclient::Answer> IppDelivery::look() {
  auto ask = request(Operation::GetJobAttributes);
  ask.groups.front().add_integer("job-id", job_);
  ask.groups.front().add_keywords(
      "requested-attributes",
      {"job-id", "job-state", "job-state-reasons", "job-state-message", "job-impressions-completed",
       "number-of-documents", "job-name", "job-originating-user-name", "job-printer-up-time",
       "time-at-creation"});
  co_return co_await caller_->ask(std::move(ask));
}

// What an earlier attempt left there. Nothing: part_ is to begin, and all behind it.
asio::awaitable<std::optional<Result>> IppDelivery::resume() {
  const Earlier& earlier = assignment_.earlier;
  part_ = earlier.part;
  if (earlier.device_job != 0 || earlier.may_be_there) {
    resumed_ = true;
    if (auto unfound = co_await find_earlier()) co_return *std::move(unfound);
  }
  if (job_ != 0) {
    whole_ = earlier.whole;
    went_whole_ = earlier.may_be_there;
    auto result = co_await follow(true);
    const bool done = result.outcome == Outcome::Delivered || result.outcome == Outcome::Sent;
    const bool anew = result.outcome == Outcome::JobFailed && job_ == 0;
    const auto next = done ? next_part(part_) : std::nullopt;
    if (done && !next && part_.is_all() && !first_part().is_all()) {
      // It made the copies then, or took all documents; now it says that it does not.
      result.outcome = Outcome::Doubtful;
      result.may_be_there = true;
      result.text += "; it may be one part of several, and what became of the others is not known";
    }
    if (!next && !anew) {
      if (!done && part_.follows_others()) {
        result.text = fmt::format("{}; {}", done_before(part_), result.text);
      }
      co_return result;
    }
    doubt_ = false;
    if (next) part_ = *next;
  }
  if (part_.is_all()) part_ = first_part();
  if (part_.copy > std::max(assignment_.copies, 1) ||
      static_cast<std::size_t>(part_.document) > assignment_.documents.size()) {
    // Fewer are wanted since then.
    const auto next = next_part(part_);
    if (!next) {
      co_return Result{Outcome::Delivered, fmt::format("printed by {}", device_.uri().authority())};
    }
    part_ = *next;
  }
  co_return std::nullopt;
}

// Its job becomes job_, or there is none (0). A result where nobody knows.
asio::awaitable<std::optional<Result>> IppDelivery::find_earlier() {
  const Earlier& earlier = assignment_.earlier;
  if (earlier.device_job != 0) {
    job_ = earlier.device_job;
    job_up_ = earlier.device_up;
    co_return std::nullopt;
  }
  const auto found = co_await search(false);
  if (cancellation_.requested()) co_return co_await finish_requested();
  Result unknown;
  unknown.may_be_there = true;
  switch (found) {
    case Search::Unreachable:
      unknown.outcome = Outcome::DeviceAway;
      unknown.text =
          fmt::format("{} may have the job, and does not answer", device_.uri().authority());
      unknown.printer_reasons = {"connecting-to-device"};
      co_return unknown;
    case Search::NotAsked:
    case Search::Unclear:
      unknown.outcome = Outcome::Doubtful;
      unknown.text =
          fmt::format("{} may have the job, and does not tell", device_.uri().authority());
      co_return unknown;
    case Search::Nothing:
      doubt_ = false;
      break;
    case Search::One:
      co_return co_await note(job_);
  }
  co_return std::nullopt;
}

// The answer to a document was lost: the device is asked.
asio::awaitable<Result> IppDelivery::settle_doubt(Result lost) {
  const bool all = went_whole_;
  if (job_ == 0) {
    const auto until = SteadyClock::now() + device_.patience().lost;
    Search found = Search::Unreachable;
    while (found == Search::Unreachable && !cancellation_.requested() &&
           SteadyClock::now() < until) {
      found = co_await search(true);
      if (found == Search::Unreachable) co_await pause(device_.patience().look);
    }
    if (cancellation_.requested()) co_return co_await finish_requested();
    lost.may_be_there = true;
    if (found == Search::One) {
      if (auto failed = co_await note(job_)) co_return *std::move(failed);
      co_return co_await follow(!all);
    }
    if (found == Search::Unreachable) {
      lost.outcome = Outcome::DeviceAway;
    } else if (found == Search::Nothing || !all) {
      lost.outcome = Outcome::JobFailed;
      lost.text += found == Search::Nothing ? "; asked, it does not have the job"
                                            : "; a part of the document had gone";
    } else {
      lost.outcome = Outcome::Doubtful;
      lost.text += "; asked, it does not tell whether it has the job";
    }
    co_return lost;
  }
  auto result = co_await follow(true);
  if (result.outcome == Outcome::JobFailed && job_ == 0) {
    result.text = lost.text + "; " + result.text;
    result.may_be_there = true;
  }
  co_return result;
}

// To the end of the job there. `may_be_incoming`: the device may not have the whole document; then a
// job that goes on waiting for it is cancelled (JobFailed, and job_ is 0).
asio::awaitable<Result> IppDelivery::follow(bool may_be_incoming) {
  const auto& patience = device_.patience();
  auto wait = patience.follow_first;
  std::optional<SteadyClock::time_point> lost_since;
  std::optional<SteadyClock::time_point> incoming_since;
  int strange = 0;
  for (;;) {
    if (cancellation_.requested()) co_return co_await finish_requested();
    const auto answer = co_await look();
    if (cancellation_.requested()) co_return co_await finish_requested();
    const auto* group = answer.successful() ? answer.reply->find_group(GroupTag::Job) : nullptr;
    const auto view = group == nullptr ? JobView{} : view_of(*group);
    if (group != nullptr && view.is_told()) {
      lost_since.reset();
      strange = 0;
      another_ = is_another(view);
      if (another_) co_return co_await not_found();
      seen_ = true;
      if (auto ended = co_await judge(view)) co_return *std::move(ended);
      const auto now = SteadyClock::now();
      if (may_be_incoming && view.is_incoming()) {
        if (!incoming_since) incoming_since = now;
        // One that has all of it needs a moment to see that; another waits in vain.
        if (!may_have_all() || now - *incoming_since >= patience.incoming) {
          auto discarded = co_await discard();
          if (discarded.failure) co_return *std::move(discarded.failure);
          Result failed{
              Outcome::JobFailed,
              fmt::format("{} had only a part of it, which {}", device_.uri().authority(),
                          discarded.gone ? "was cancelled there" : "it did not let be cancelled")};
          failed.may_be_there = !discarded.gone;
          if (discarded.gone) job_ = 0;
          co_return failed;
        }
      }
      tell(fmt::format("{} at {} as job {}{}{}", ipp::job_state_name(view.state),
                       device_.uri().authority(), job_, view.message.empty() ? "" : ": ",
                       view.message),
           view.reasons);
      last_state_ = view.message;
      last_reasons_ = view.reasons;
    } else if (answer.is(Status::NotFound) || answer.is(Status::Gone)) {
      co_return co_await not_found();
    } else {
      const auto meaning = meaning_of(answer);
      // A success without a job's state is as strange as a reply that cannot be read.
      const int looks = answer.successful() ? 5 : meaning.looks;
      if (looks > 0 && ++strange >= looks) {
        Result sent{
            Outcome::Sent,
            fmt::format("taken by {} as job {}, which does not tell what becomes of it ({})",
                        device_.uri().authority(), job_,
                        answer.successful() ? "no state of it in the reply"
                                            : words_of(answer, device_.uri()))};
        if (!whole_) {
          sent.outcome = Outcome::Doubtful;
          sent.may_be_there = true;
        }
        co_return sent;
      }
      if (looks == 0) {
        if (!lost_since) lost_since = SteadyClock::now();
        auto away = result_of(answer);
        away.text = fmt::format("job {} is at {}: {}", job_, device_.uri().authority(), away.text);
        if (SteadyClock::now() - *lost_since >= patience.lost) {
          away.outcome = Outcome::DeviceAway;
          away.may_be_there = may_have_all();
          co_return away;
        }
        tell(away.text, away.printer_reasons);
      }
    }
    co_await pause(wait);
    wait = std::min(wait * 2, patience.follow_longest);
  }
}

// Nothing while the job is still under way there.
asio::awaitable<std::optional<Result>> IppDelivery::judge(const JobView& job) {
  const std::string device = device_.uri().authority();
  const auto text = [&](std::string_view word) {
    return fmt::format("{} {} as job {}{}{}", word, device, job_, job.message.empty() ? "" : ": ",
                       job.message);
  };
  const int documents = static_cast<int>(unit_of(part_).documents.size());
  if (ipp::is_terminal(job.state)) doubt_ = false;
  Result result;
  result.impressions = job.impressions;
  result.state_text = job.message;
  result.job_reasons = job.reasons;
  switch (job.state) {
    case JobState::Completed:
      // Some end so what stopped coming.
      if (!whole_ && job.documents && *job.documents < documents &&
          (resumed_ || *job.documents > 0)) {
        if (*job.documents == 0) break;
        result.outcome = Outcome::Doubtful;
        result.text = text("a part is printed by");
        result.may_be_there = true;
        co_return result;
      }
      result.outcome = Outcome::Delivered;
      result.text = text("printed by");
      co_return result;
    case JobState::Canceled:
      // By us, when it had not come whole; but not where somebody at the device did it.
      if (resumed_ && !job.is_canceled_by_person() &&
          (!whole_ || (job.documents && *job.documents < documents))) {
        break;
      }
      result.outcome = Outcome::Canceled;
      result.text = text("canceled at");
      result.may_be_there = job.impressions > 0;
      if (!job.has_reason("job-canceled-at-device")) {
        result.job_reasons.insert(result.job_reasons.begin(), "job-canceled-at-device");
      }
      co_return result;
    case JobState::Aborted: {
      // Its documents never came whole, through no fault of theirs: that is no verdict on them.
      const bool unfinished = !whole_ || job.has_reason("submission-interrupted");
      const bool its_fault =
          std::any_of(job.reasons.begin(), job.reasons.end(), [](const auto& one) {
            return one.starts_with("document-") || one.starts_with("unsupported-") ||
                   one.starts_with("account-") || one == "compression-error";
          });
      if (unfinished && !its_fault) break;
      result.outcome = Outcome::JobRefused;
      result.text = text("aborted at");
      result.may_be_there = job.impressions > 0;
      co_return result;
    }
    case JobState::PendingHeld:
      // It waits for somebody to type its PIN; those behind it need not.
      if (!whole_ || !assignment_.operation_attributes.contains("job-password")) {
        co_return std::nullopt;
      }
      result.outcome = Outcome::Delivered;
      result.text = text("waits for its PIN at");
      co_return result;
    default:
      co_return std::nullopt;
  }
  // Ended there without having had the whole document.
  if (job.impressions > 0) {
    result.outcome = Outcome::Doubtful;
    result.text = text("a part is printed by");
    result.may_be_there = true;
    co_return result;
  }
  job_ = 0;
  if (auto failed = co_await note(0)) co_return failed;
  result.outcome = Outcome::JobFailed;
  result.text = fmt::format("{} did not get the whole document", device);
  co_return result;
}

// The device does not know the job (any more): printers forget what is done, and all at a restart;
// then another may have its number.
asio::awaitable<Result> IppDelivery::not_found() {
  device_.forget_capabilities();
  auto ask = device_.request(Operation::GetPrinterAttributes, "");
  ask.groups.front().add_keywords("requested-attributes", {"printer-up-time"});
  const auto answer = co_await caller_->ask(std::move(ask));
  if (cancellation_.requested()) co_return co_await finish_requested();
  std::uint64_t up = 0;
  if (answer.successful()) up = capabilities_of(*answer.reply).device_up;
  Result result{Outcome::Delivered,
                fmt::format("taken by {} as job {}", device_.uri().authority(), job_)};
  // Up-times are in seconds: one that began about when it took the job may have begun after it.
  const bool forgot = job_up_ != 0 && up + kRestartSlack >= job_up_;
  if (another_ || forgot || !whole_) {
    result.outcome = Outcome::Doubtful;
    result.may_be_there = true;
    result.text += forgot     ? ", and forgotten: it was restarted since then"
                   : another_ ? ", which is another job now"
                              : ", which it does not know any more";
  }
  co_return result;
}

bool IppDelivery::is_restarted(std::uint64_t up) const {
  return job_up_ != 0 && up > job_up_ + kRestartSlack;
}

// Whether a job under our job's number is none of ours. A number counts for as long as the device
// runs, whatever it makes of names; after a restart the names must say it.
bool IppDelivery::is_another(const JobView& job) const {
  const std::uint64_t up = job.up_time ? started_at(job.up_time) : able_.device_up;
  const bool same_name = job.name && is_cut_from(*job.name, job_name());
  const bool same_user = is_cut_from(job.user, user());
  if (is_restarted(up)) {
    const bool made_since = job.created && *job.created > 0;
    return !same_name || !same_user || made_since;
  }
  if (!resumed_ || !job.name || same_name) return false;
  return up == 0 || job_up_ == 0 || (!job.user.empty() && !same_user && job.user != "anonymous");
}

// For a job of ours by its name and its user; a found one becomes job_.
asio::awaitable<IppDelivery::Search> IppDelivery::search(bool since_the_start) {
  if (!able_.get_jobs) co_return Search::NotAsked;
  std::vector<JobView> active;
  std::vector<JobView> finished;
  bool nameless = false;
  bool keeps_history = false;
  const std::string name = job_name();
  for (const std::string_view which : {"not-completed", "completed"}) {
    auto ask = request(Operation::GetJobs);
    auto& group = ask.groups.front();
    group.add_keyword("which-jobs", which);
    group.add_integer("limit", kJobsListed);
    group.add_keywords("requested-attributes",
                       {"job-id", "job-name", "job-originating-user-name", "job-state",
                        "job-state-reasons", "time-at-creation", "number-of-documents"});
    const auto answer = co_await caller_->ask(std::move(ask));
    if (!answer.successful()) {
      if (meaning_of(answer).looks == 0) co_return Search::Unreachable;
      if (which == "completed") break;  // some list only what is not done
      co_return Search::NotAsked;
    }
    for (const auto& job : answer.reply->groups) {
      if (job.tag != GroupTag::Job) continue;
      auto view = view_of(job);
      if (which == "completed") keeps_history = true;
      if (!view.name) nameless = true;
      if (view.id <= 0 || view.name != name) continue;
      if (!view.user.empty() && view.user != user() && view.user != "anonymous") continue;
      // Its clock tells seconds; and what it has accepted before is another job.
      const bool older =
          (view.created && began_up_ > 0 && *view.created + kUpTimeSlack < began_up_) ||
          device_.has_accepted(view.id);
      if (since_the_start && older) continue;
      const bool ended = ipp::is_terminal(view.state);
      // Without a time one that has ended may be an earlier job of the same name.
      if (ended && !(since_the_start && view.created && began_up_ > 0)) {
        nameless = true;
        continue;
      }
      (ended ? finished : active).push_back(std::move(view));
    }
  }
  auto& found = active.empty() ? finished : active;
  if (found.empty()) {
    co_return nameless || !keeps_history ? Search::Unclear : Search::Nothing;
  }
  const auto latest = std::max_element(found.begin(), found.end(),
                                       [](const auto& a, const auto& b) { return a.id < b.id; });
  job_ = latest->id;
  job_up_ = device_.accepted(job_, able_);
  co_return Search::One;
}

// A job without documents that a lost answer may have left there.
asio::awaitable<void> IppDelivery::sweep() {
  const auto found = co_await search(true);
  if (found != Search::One) co_return;
  const auto answer = co_await look();
  const auto* group = answer.successful() ? answer.reply->find_group(GroupTag::Job) : nullptr;
  if (group != nullptr && view_of(*group).is_incoming()) co_await cancel_there();
  job_ = 0;
}

// Whether the device has nothing more to do with it. One that does not answer, or refuses, keeps it.
asio::awaitable<bool> IppDelivery::cancel_there() {
  if (job_ == 0) co_return true;
  caller_->wait_at_most(device_.patience().goodbye);
  if (resumed_ && !seen_) {
    // Since its number was noted the device may have given it to another's job.
    const auto shown = co_await look();
    const auto* group = shown.successful() ? shown.reply->find_group(GroupTag::Job) : nullptr;
    if (group != nullptr && is_another(view_of(*group))) co_return true;
  }
  auto cancel = request(Operation::CancelJob);
  cancel.groups.front().add_integer("job-id", job_);
  const auto answer = co_await caller_->ask(std::move(cancel));
  caller_->wait_at_most(device_.patience().answer);
  co_return answer.successful() || answer.is(Status::NotPossible) || answer.is(Status::NotFound) ||
      answer.is(Status::Gone);
}

asio::awaitable<IppDelivery::Discarded> IppDelivery::discard() {
  const bool gone = co_await cancel_there();
  if (!gone) co_return Discarded{};
  Discarded discarded{true};
  discarded.failure = co_await note(0);
  co_return discarded;
}

// Somebody wants the job's end, or this server stops.
asio::awaitable<Result> IppDelivery::finish_requested() {
  if (cancellation_.canceled()) {
    if (job_ == 0 && touched_ && went_whole_) co_await search(true);
    const bool gone = co_await cancel_there();
    Result canceled{Outcome::Canceled, "canceled"};
    canceled.may_be_there = touched_ || may_have_all() || !gone;
    if (!gone) {
      canceled.text +=
          fmt::format(", but not at {}, which has it as job {}", device_.uri().authority(), job_);
    }
    co_return canceled;
  }
  Result left{Outcome::Left, "left for the next start of this server"};
  if (job_ != 0 && (may_have_all() || resumed_)) {
    left.text = fmt::format("{} goes on with it as job {}", device_.uri().authority(), job_);
    left.may_be_there = may_have_all();
    co_return left;
  }
  left.may_be_there = touched_;
  if (job_ != 0) {
    // A half-made job there would print a part, or wait for a rest that never comes.
    auto discarded = co_await discard();
    if (discarded.failure) co_return *std::move(discarded.failure);
    left.may_be_there = touched_ || !discarded.gone;
  }
  co_return left;
}

// The same before the device was asked for what an earlier attempt left there.
asio::awaitable<Result> IppDelivery::finish_earlier() {
  if (assignment_.earlier.device_job == 0) co_return ended_by(cancellation_);
  job_ = assignment_.earlier.device_job;
  job_up_ = assignment_.earlier.device_up;
  resumed_ = went_whole_ = true;
  co_return co_await finish_requested();
}

}  // namespace ipm::output
