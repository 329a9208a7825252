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
    co_await progress_.accepted({job, job == 0 ? 0 : job_up_});
  } catch (const Error& error) {
    failure = error.happened();
  }
  if (failure.empty()) co_return std::nullopt;
  if (job != 0) co_await cancel_there();
  co_return Result{Outcome::DeviceAway, fmt::format("what {} has of the job cannot be recorded: {}",
                                                    device_.uri().authority(), failure)};
}

asio::awaitable<ippclient::Answer> IppDelivery::look() {
  auto ask = request(Operation::GetJobAttributes);
  ask.groups.front().add_integer("job-id", job_);
  ask.groups.front().add_keywords("requested-attributes",
                                  {"job-id", "job-state", "job-state-reasons", "job-state-message",
                                   "job-impressions-completed", "number-of-documents"});
  co_return co_await caller_->ask(std::move(ask));
}

// A job that an earlier attempt left there. Nothing: all is to be sent.
asio::awaitable<std::optional<Result>> IppDelivery::resume() {
  const Earlier& earlier = assignment_.earlier;
  if (earlier.device_job == 0 && !earlier.may_be_there) co_return std::nullopt;
  resumed_ = true;
  if (earlier.device_job == 0) {
    const auto found = co_await search(false);
    if (cancellation_.requested()) co_return co_await finish_requested();
    switch (found) {
      case Search::Unreachable: {
        Result away{
            Outcome::DeviceAway,
            fmt::format("{} may have the job, and does not answer", device_.uri().authority()),
            {"connecting-to-device"}};
        away.may_be_there = true;
        co_return away;
      }
      case Search::NotAsked:
      case Search::Unclear: {
        Result doubt{Outcome::Doubtful, fmt::format("{} may have the job, and does not tell",
                                                    device_.uri().authority())};
        doubt.may_be_there = true;
        co_return doubt;
      }
      case Search::Nothing:
        co_return std::nullopt;
      case Search::One:
        break;
    }
    if (auto lost = co_await note(job_)) co_return lost;
  } else {
    job_ = earlier.device_job;
    job_up_ = earlier.device_up;
  }
  // Without copies and documents of its own kind only a single job can be taken up again.
  whole_ = earlier.may_be_there;
  auto result = co_await follow(true);
  if (result.outcome == Outcome::JobFailed && job_ == 0) co_return std::nullopt;  // made anew
  if (plan().size() > 1 && result.outcome == Outcome::Delivered) {
    result.outcome = Outcome::Doubtful;
    result.may_be_there = true;
    result.text += "; it was one part of several, and what became of the others is not known";
  }
  co_return result;
}

// The answer to a document was lost: the device is asked.
asio::awaitable<Result> IppDelivery::settle_doubt(Result lost) {
  const bool all = whole_;
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
      if (auto ended = co_await judge(view)) co_return *std::move(ended);
      const auto now = SteadyClock::now();
      if (may_be_incoming && view.is_incoming()) {
        if (!incoming_since) incoming_since = now;
        // One that has all of it needs a moment to see that; another waits in vain.
        if (!whole_ || now - *incoming_since >= patience.incoming) {
          if (auto failed = co_await discard()) co_return *std::move(failed);
          job_ = 0;
          co_return Result{Outcome::JobFailed,
                           fmt::format("{} had only a part of it, which was cancelled there",
                                       device_.uri().authority())};
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
          away.may_be_there = whole_;
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
  const int documents = static_cast<int>(assignment_.documents.size());
  Result result;
  result.impressions = job.impressions;
  result.state_text = job.message;
  result.job_reasons = job.reasons;
  switch (job.state) {
    case JobState::Completed:
      if (resumed_ && job.documents == 0) break;
      result.outcome = Outcome::Delivered;
      result.text = text("printed by");
      if (copies_ignored_ && job.impressions == 0) result.text += " (one copy)";
      co_return result;
    case JobState::Canceled:
      // By us, when it had not come whole.
      if (resumed_ && (!whole_ || (job.documents && *job.documents < documents))) break;
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

// The device does not know the job (any more): printers forget what is done, and all at a restart.
asio::awaitable<Result> IppDelivery::not_found() {
  device_.forget_capabilities();
  auto ask = device_.request(Operation::GetPrinterAttributes, "");
  ask.groups.front().add_keywords("requested-attributes", {"printer-up-time"});
  const auto answer = co_await caller_->ask(std::move(ask));
  std::uint64_t up = 0;
  if (answer.successful()) up = capabilities_of(*answer.reply).device_up;
  const bool restarted = job_up_ != 0 && up > job_up_ + kRestartSlack;
  Result result{Outcome::Delivered,
                fmt::format("taken by {} as job {}", device_.uri().authority(), job_)};
  if (restarted || !whole_) {
    result.outcome = Outcome::Doubtful;
    result.may_be_there = true;
    result.text += restarted ? ", and forgotten: it was restarted since then"
                             : ", which it does not know any more";
  }
  co_return result;
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

// Whether the device has nothing more to do with it. One that does not answer keeps the job.
asio::awaitable<bool> IppDelivery::cancel_there() {
  if (job_ == 0) co_return true;
  caller_->wait_at_most(device_.patience().goodbye);
  auto cancel = request(Operation::CancelJob);
  cancel.groups.front().add_integer("job-id", job_);
  const auto answer = co_await caller_->ask(std::move(cancel));
  caller_->wait_at_most(device_.patience().answer);
  co_return answer.reply.has_value();
}

// A job that is not to be followed any more is cancelled there and forgotten here; where the device
// does not answer it stays noted, for the next attempt to find.
asio::awaitable<std::optional<Result>> IppDelivery::discard() {
  const bool gone = co_await cancel_there();
  if (!gone) co_return std::nullopt;
  co_return co_await note(0);
}

// Somebody wants the job's end, or this server stops.
asio::awaitable<Result> IppDelivery::finish_requested() {
  if (cancellation_.canceled()) {
    if (job_ == 0 && touched_ && whole_) co_await search(true);
    co_await cancel_there();
    Result canceled{Outcome::Canceled, "canceled"};
    canceled.may_be_there = touched_ || whole_;
    co_return canceled;
  }
  Result left{Outcome::Left, "left for the next start of this server"};
  if (job_ != 0 && (whole_ || resumed_)) {
    left.text = fmt::format("{} goes on with it as job {}", device_.uri().authority(), job_);
    left.may_be_there = whole_;
    co_return left;
  }
  if (job_ != 0) {
    // A half-made job there would print a part, or wait for a rest that never comes.
    if (auto failed = co_await discard()) co_return *std::move(failed);
  }
  left.may_be_there = touched_;
  co_return left;
}

}  // namespace ipm::output
