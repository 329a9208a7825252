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
      timer_(executor_) {}

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
  if (result.state_text.empty()) result.state_text = last_state_;
  if (result.printer_reasons.empty()) result.printer_reasons = last_reasons_;
  if (result.outcome == Outcome::Delivered) result.printer_reasons.clear();
  co_return result;
}

asio::awaitable<Result> IppDelivery::deliver() {
  if (cancellation_.requested() && assignment_.earlier.device_job == 0) {
    co_return ended_by(cancellation_);
  }
  if (auto result = refuse_pin()) co_return *std::move(result);
  if (auto away = co_await learn()) co_return *std::move(away);
  if (auto result = co_await resume()) co_return *std::move(result);
  auto units = plan();
  Result result;
  int impressions = 0;
  for (std::size_t at = 0; at < units.size(); ++at) {
    job_ = 0;
    resumed_ = whole_ = read_all_ = copies_ignored_ = false;
    const Unit unit = units[at];
    result = co_await deliver_unit(unit);
    impressions += result.impressions;
    if (result.outcome != Outcome::Delivered && result.outcome != Outcome::Sent) {
      if (at > 0) {
        result.may_be_there = true;
        result.text = fmt::format("{} of {} parts are printed; {}", at, units.size(), result.text);
      }
      break;
    }
    if (!copies_ignored_) continue;
    // It makes one at a time: the others are jobs of their own, now and for what is behind.
    const auto singly = [](std::vector<Unit> list) {
      std::vector<Unit> out;
      for (auto& one : list) {
        const int copies = std::max(std::exchange(one.copies, 0), 1);
        out.insert(out.end(), static_cast<std::size_t>(copies), one);
      }
      return out;
    };
    std::vector<Unit> rest(units.begin() + static_cast<std::ptrdiff_t>(at) + 1, units.end());
    Unit again = unit;
    again.copies = unit.copies - 1;
    rest.insert(rest.begin(), again);
    rest = singly(std::move(rest));
    units.resize(at + 1);
    units.insert(units.end(), rest.begin(), rest.end());
  }
  result.impressions = impressions;
  co_return result;
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
  if (auto known = device_.capabilities()) {
    able_ = *std::move(known);
  } else {
    auto ask = device_.request(Operation::GetPrinterAttributes, "");
    ask.groups.front().add_keywords(
        "requested-attributes",
        {"operations-supported", "multiple-document-jobs-supported", "copies-supported",
         "job-password-supported", "printer-up-time", "printer-state", "printer-state-reasons"});
    const auto answer = co_await caller_->ask(std::move(ask));
    if (cancellation_.requested() && assignment_.earlier.device_job == 0) {
      co_return ended_by(cancellation_);
    }
    if (answer.successful()) {
      able_ = capabilities_of(*answer.reply);
      if (able_.known) device_.keep(able_);
    } else if (meaning_of(answer).outcome == Outcome::DeviceAway &&
               !answer.is(Status::OperationNotSupported)) {
      // Of a device that does not answer, or not to anybody, no more is asked.
      auto away = result_of(answer);
      away.may_be_there = assignment_.earlier.may_be_there;
      co_return away;
    }
  }
  if (able_.device_up != 0) {
    began_up_ = static_cast<std::int32_t>(seconds_now() - able_.device_up);
  }
  co_return refuse_pin();
}

std::vector<IppDelivery::Unit> IppDelivery::plan() const {
  const int copies = std::max(assignment_.copies, 1);
  const bool by_us = copies > 1 && able_.copies_max && *able_.copies_max < copies;
  const bool singly = assignment_.documents.size() > 1 && able_.known && !able_.several_documents;
  std::vector<Unit> round;
  if (singly) {
    for (const auto& document : assignment_.documents) round.push_back({{&document}, copies});
  } else {
    Unit all{{}, copies};
    for (const auto& document : assignment_.documents) all.documents.push_back(&document);
    round.push_back(std::move(all));
  }
  if (!by_us) return round;
  std::vector<Unit> units;
  for (int copy = 0; copy < copies; ++copy) {
    for (auto unit : round) {
      unit.copies = 0;
      units.push_back(std::move(unit));
    }
  }
  return units;
}

asio::awaitable<Result> IppDelivery::deliver_unit(const Unit& unit) {
  if (cancellation_.requested()) co_return co_await finish_requested();
  const bool several = unit.documents.size() > 1;
  if (able_.create_job || (!able_.known && several)) {
    if (auto result = co_await create(unit)) co_return *std::move(result);
    if (job_ != 0) co_return co_await send_documents(unit);
  }
  if (!several) co_return co_await print_job(unit);
  // It takes one document a job.
  Result result;
  for (const Document* document : unit.documents) {
    const Unit one{{document}, unit.copies};
    job_ = 0;
    whole_ = read_all_ = false;
    result = co_await print_job(one);
    if (result.outcome != Outcome::Delivered && result.outcome != Outcome::Sent) break;
  }
  co_return result;
}

asio::awaitable<std::optional<Result>> IppDelivery::create(const Unit& unit) {
  auto ask = request(Operation::CreateJob);
  ask.groups.front().add_name("job-name", job_name());
  add_job_attributes(ask, unit);
  const auto answer = co_await caller_->ask(std::move(ask));
  if (answer.is(Status::OperationNotSupported) ||
      answer.is(Status::MultipleDocumentJobsNotSupported)) {
    able_.create_job = false;
    device_.keep(able_);
    co_return std::nullopt;
  }
  if (answer.successful()) {
    const auto* group = answer.reply->find_group(GroupTag::Job);
    job_ = group == nullptr ? 0 : group->find_integer("job-id").value_or(0);
    if (job_ == 0) {
      // There is a job that nobody can name: documents go with Print-Job.
      able_.create_job = false;
      co_return std::nullopt;
    }
    job_up_ = job_ != 0 ? device_.accepted(job_, able_) : 0;
    if (auto lost = co_await note(job_)) co_return lost;
    if (auto refused = check_unsupported(*answer.reply, unit)) {
      co_await cancel_there();
      co_return refused;
    }
    co_return std::nullopt;
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
    if (cancellation_.requested()) {
      whole_ = last && read_all_;
      co_return co_await finish_requested();
    }
    if (answer.silence == ippclient::Silence::Ours) {
      co_await cancel_there();
      co_return result_of(answer);
    }
    const bool lost = !answer.reply && (answer.http_status == 0 || answer.http_status < 300);
    if (lost) {
      whole_ = last && read_all_;
      co_return co_await settle_doubt(result_of(answer));
    }
    // Refused: what is there of it must not wait there for more.
    auto result = result_of(answer);
    result.may_be_there = at > 0;
    if (auto failed = co_await discard()) co_return *std::move(failed);
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
    if (job_ != 0) {
      if (auto lost = co_await note(job_)) co_return *std::move(lost);
    }
    if (auto refused = check_unsupported(*answer.reply, unit)) {
      co_await cancel_there();
      co_return *std::move(refused);
    }
    if (job_ == 0) {
      co_return Result{Outcome::Sent, fmt::format("taken by {}, which gave it no job-id",
                                                  device_.uri().authority())};
    }
    co_return co_await follow(false);
  }
  if (cancellation_.requested()) {
    whole_ = read_all_;
    co_return co_await finish_requested();
  }
  const bool lost = !answer.reply && (answer.http_status == 0 || answer.http_status < 300) &&
                    answer.silence != ippclient::Silence::Ours;
  // A refusal, or nothing of the document went: nothing is there.
  if (!lost || !touched_) co_return result_of(answer);
  whole_ = read_all_;
  co_return co_await settle_doubt(result_of(answer));
}

}  // namespace ipm::output
