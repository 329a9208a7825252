#include "output/ipp/ipp_delivery.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

#include "base/text.h"

namespace ipm::output {
namespace asio = boost::asio;
using ipp::GroupTag;
using ipp::Operation;
using ipp::Status;

IppDelivery::IppDelivery(const IppDevice& device, const Assignment& assignment,
                         Cancellation& cancellation, const Progress& progress,
                         asio::any_io_executor executor)
    : device_(device),
      assignment_(assignment),
      cancellation_(cancellation),
      progress_(progress),
      executor_(std::move(executor)),
      timer_(executor_),
      part_(assignment.earlier.part),
      noted_{assignment.earlier.device_job, assignment.earlier.device_up, assignment.earlier.part},
      doubt_(assignment.earlier.may_be_there),
      whole_(assignment.earlier.whole) {}

asio::awaitable<Result> IppDelivery::run() {
  const Cancellation::Action action(cancellation_, [this] {
    timer_.cancel();
    if (caller_) caller_->abort();
  });
  Result result;
  std::optional<Error> failure;
  try {
    caller_ = co_await device_.make_caller();
    result = co_await deliver();
    device_.keep(caller_->habits());
  } catch (const Error& error) {
    failure = error;
  }
  if (failure) {
    result = {Outcome::DeviceAway, failure->happened(), {"other-warning"}};
    if (!failure->mend().empty()) result.text += "; " + failure->mend();
    result.may_be_there = touched_;
  }
  if (result.outcome != Outcome::Delivered && result.outcome != Outcome::Sent) {
    // Whatever ended this delivery: what it did not find out is to be found out by the next.
    if (doubt_) result.may_be_there = true;
    result.whole = whole_;
  }
  if (result.state_text.empty()) result.state_text = last_state_;
  if (result.printer_reasons.empty()) result.printer_reasons = last_reasons_;
  if (result.outcome == Outcome::Delivered) result.printer_reasons.clear();
  co_return result;
}

asio::awaitable<Result> IppDelivery::deliver() {
  if (cancellation_.requested()) co_return co_await finish_earlier();
  if (auto result = refuse_pin()) co_return *std::move(result);
  if (auto away = co_await learn()) co_return *std::move(away);
  if (auto result = co_await resume()) co_return *std::move(result);
  int impressions = 0;
  for (;;) {
    auto result = co_await begin_part();
    if (!result) result = co_await deliver_unit(unit_of(part_));
    if (!result) {
      part_ = {1, part_.copy};
      continue;
    }
    impressions += result->impressions;
    const bool done = result->outcome == Outcome::Delivered || result->outcome == Outcome::Sent;
    const auto next = done ? next_part(part_) : std::nullopt;
    if (!next) {
      if (!done && part_.follows_others()) {
        result->text = fmt::format("{}; {}", done_before(part_), result->text);
      }
      result->impressions = impressions;
      co_return *std::move(result);
    }
    part_ = *next;
  }
}

// One of several is noted before anything of it goes: after a crash those before it are done.
asio::awaitable<std::optional<Result>> IppDelivery::begin_part() {
  job_ = 0;
  resumed_ = seen_ = whole_ = went_whole_ = read_all_ = false;
  if (part_.is_all() || (noted_.id == 0 && noted_.part == part_)) co_return std::nullopt;
  co_return co_await note(0);
}

// A document that is to wait for its PIN must not lie in the output tray, nor its PIN on the wire.
std::optional<Result> IppDelivery::refuse_pin() const {
  if (!assignment_.operation_attributes.contains("job-password")) return std::nullopt;
  Result refused{Outcome::JobRefused};
  refused.job_reasons = {"job-password-wait"};
  if (device_.uri().scheme != "ipps") {
    Uri secure = device_.uri();
    secure.scheme = "ipps";
    refused.text = fmt::format(
        "the job has a PIN, which is passed on over TLS only: ipm printer set NAME --to {}",
        to_string(secure));
    return refused;
  }
  if (caller_ != nullptr && able_.known && !able_.pin) {
    refused.text = fmt::format("the job has a PIN, and {} cannot keep documents for one",
                               device_.uri().authority());
    return refused;
  }
  return std::nullopt;
}

// What the device can; asked once in a while. A result where it is away.
asio::awaitable<std::optional<Result>> IppDelivery::learn() {
  auto known = device_.capabilities();
  // Whether it is still the run of the device that gave the job its number only the device says.
  const bool numbered = assignment_.earlier.device_job != 0 && assignment_.earlier.device_up != 0;
  if (known) able_ = *std::move(known);
  if (!known || numbered) {
    auto ask = device_.request(Operation::GetPrinterAttributes, "");
    ask.groups.front().add_keywords(
        "requested-attributes",
        {"operations-supported", "multiple-document-jobs-supported", "copies-supported",
         "job-password-supported", "printer-up-time", "printer-state", "printer-state-reasons"});
    const auto answer = co_await caller_->ask(std::move(ask));
    if (cancellation_.requested()) co_return co_await finish_earlier();
    if (answer.successful()) {
      able_ = capabilities_of(*answer.reply);
      if (able_.known) device_.keep(able_);
    } else if (meaning_of(answer).outcome == Outcome::DeviceAway &&
               !answer.is(Status::OperationNotSupported)) {
      // Of a device that does not answer, or not to anybody, no more is asked.
      co_return result_of(answer);
    }
  }
  if (able_.device_up != 0) {
    began_up_ = static_cast<std::int32_t>(seconds_now() - able_.device_up);
  }
  co_return refuse_pin();
}

bool IppDelivery::makes_copies() const {
  return !able_.copies_max || *able_.copies_max >= assignment_.copies;
}

Part IppDelivery::first_part() const {
  const bool singly = assignment_.documents.size() > 1 && able_.known && !able_.several_documents;
  return {singly ? 1 : 0, makes_copies() ? 0 : 1};
}

std::optional<Part> IppDelivery::next_part(const Part& part) const {
  if (part.copy > 0 && part.copy < assignment_.copies) return Part{part.document, part.copy + 1};
  const auto documents = static_cast<int>(assignment_.documents.size());
  if (part.document == 0 || part.document >= documents) return std::nullopt;
  return Part{part.document + 1, makes_copies() ? 0 : 1};
}

std::string IppDelivery::done_before(const Part& part) const {
  std::string done;
  if (part.document > 1) {
    done = fmt::format("{} of {} documents", part.document - 1, assignment_.documents.size());
  }
  if (part.copy > 1) {
    done += fmt::format("{}{} of {} copies{}", done.empty() ? "" : " and ", part.copy - 1,
                        assignment_.copies, done.empty() ? "" : " of the next");
  }
  return done + " are printed";
}

IppDelivery::Unit IppDelivery::unit_of(const Part& part) const {
  Unit unit;
  unit.copies = part.copy == 0 ? std::max(assignment_.copies, 1) : 0;
  for (std::size_t at = 0; at < assignment_.documents.size(); ++at) {
    if (part.document == 0 || static_cast<std::size_t>(part.document) == at + 1) {
      unit.documents.push_back(&assignment_.documents[at]);
    }
  }
  return unit;
}

asio::awaitable<std::optional<Result>> IppDelivery::deliver_unit(const Unit& unit) {
  if (cancellation_.requested()) co_return co_await finish_requested();
  const bool several = unit.documents.size() > 1;
  if (able_.create_job || (!able_.known && several)) {
    if (auto result = co_await create(unit)) co_return *std::move(result);
    if (job_ != 0) co_return co_await send_documents(unit);
  }
  if (!several) co_return co_await print_job(unit);
  if (part_.copy <= 1) co_return std::nullopt;
  // The copies before this one went as one job each, with all documents in it.
  co_return Result{
      Outcome::JobFailed,
      fmt::format("{} takes one document a job, and did not before", device_.uri().authority())};
}

asio::awaitable<std::optional<Result>> IppDelivery::create(const Unit& unit) {
  auto ask = request(Operation::CreateJob);
  ask.groups.front().add_name("job-name", job_name());
  add_job_attributes(ask, unit);
  const auto answer = co_await caller_->ask(std::move(ask));
  if (answer.is(Status::OperationNotSupported) ||
      answer.is(Status::MultipleDocumentJobsNotSupported)) {
    able_.create_job = able_.several_documents = false;
    device_.keep(able_);
    co_return std::nullopt;
  }
  if (answer.successful()) {
    const auto* group = answer.reply->find_group(GroupTag::Job);
    job_ = group == nullptr ? 0 : group->find_integer("job-id").value_or(0);
    if (job_ == 0) {
      // There is a job that nobody can name: documents go with Print-Job.
      able_.create_job = able_.several_documents = false;
      co_return std::nullopt;
    }
    job_up_ = device_.accepted(job_, able_);
    const auto refused = check_unsupported(*answer.reply, unit);
    if (auto lost = co_await note(job_)) co_return lost;
    if (refused) co_await cancel_there();  // it has no document
    co_return refused;
  }
  if (cancellation_.requested()) co_return co_await finish_requested();
  // It may have made a job and not been able to say so: that would wait there for documents.
  if (!answer.reply && answer.silence != ippclient::Silence::Unreachable) co_await sweep();
  co_return result_of(answer);
}

asio::awaitable<Result> IppDelivery::send_documents(const Unit& unit) {
  for (std::size_t at = 0; at < unit.documents.size(); ++at) {
    if (cancellation_.requested()) co_return co_await finish_requested();
    const Document& document = *unit.documents[at];
    auto ask = request(Operation::SendDocument);
    auto& group = ask.groups.front();
    group.add_integer("job-id", job_);
    group.add_boolean("last-document", at + 1 == unit.documents.size());
    const auto answer = co_await send(std::move(ask), document);
    if (beside_) co_return *std::exchange(beside_, std::nullopt);
    const bool last = at + 1 == unit.documents.size();
    if (answer.successful()) {
      whole_ = last;
      continue;
    }
    went_whole_ = last && read_all_;
    if (cancellation_.requested()) {
      co_return co_await finish_requested();
    }
    if (answer.silence == ippclient::Silence::Ours) {
      auto result = result_of(answer);
      const bool gone = co_await cancel_there();
      result.may_be_there = !gone;
      co_return result;
    }
    const bool lost = !answer.reply && (answer.http_status == 0 || answer.http_status < 300);
    if (lost) co_return co_await settle_doubt(result_of(answer));
    // Refused: what is there of it must not wait there for more.
    auto result = result_of(answer);
    auto discarded = co_await discard();
    if (discarded.failure) co_return *std::move(discarded.failure);
    result.may_be_there = at > 0 || !discarded.gone;
    co_return result;
  }
  co_return co_await follow(false);
}

asio::awaitable<Result> IppDelivery::print_job(const Unit& unit) {
  auto ask = request(Operation::PrintJob);
  ask.groups.front().add_name("job-name", job_name());
  add_job_attributes(ask, unit);
  touched_ = false;
  const auto answer = co_await send(std::move(ask), *unit.documents.front());
  if (beside_) co_return *std::exchange(beside_, std::nullopt);
  if (answer.successful()) {
    whole_ = true;
    const auto* group = answer.reply->find_group(GroupTag::Job);
    job_ = group == nullptr ? 0 : group->find_integer("job-id").value_or(0);
    job_up_ = job_ != 0 ? device_.accepted(job_, able_) : 0;
    auto refused = check_unsupported(*answer.reply, unit);
    if (job_ != 0) {
      if (auto lost = co_await note(job_)) co_return *std::move(lost);
    }
    if (refused) {
      const bool gone = co_await cancel_there();
      refused->may_be_there = !gone;
      co_return *std::move(refused);
    }
    if (job_ == 0) {
      co_return Result{Outcome::Sent, fmt::format("taken by {}, which gave it no job-id",
                                                  device_.uri().authority())};
    }
    co_return co_await follow(false);
  }
  went_whole_ = read_all_;
  if (cancellation_.requested()) co_return co_await finish_requested();
  const bool lost = !answer.reply && (answer.http_status == 0 || answer.http_status < 300) &&
                    answer.silence != ippclient::Silence::Ours;
  // A refusal, or nothing of the document went: nothing is there.
  if (!lost || !touched_) co_return result_of(answer);
  co_return co_await settle_doubt(result_of(answer));
}

}  // namespace ipm::output
