#include "output/ipp_driver.h"

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "ipp/constants.h"
#include "ippclient/exchange.h"
#include "output/limits.h"
#include "output/pieces.h"

namespace ipm::output {
namespace {

namespace asio = boost::asio;
using ipp::GroupTag;
using ipp::JobState;
using ipp::Operation;
using ipp::Status;
using ippclient::Attachment;
using ippclient::destination_of;
using ippclient::exchange_ipp;

// Statuses that the same document will meet again, however often it is sent.
bool is_final(Status status) {
  switch (status) {
    case Status::RequestEntityTooLarge:
    case Status::RequestValueTooLong:
    case Status::DocumentFormatNotSupported:
    case Status::AttributesOrValuesNotSupported:
    case Status::ConflictingAttributes:
    case Status::CompressionError:
    case Status::DocumentFormatError:
    case Status::DocumentPasswordError:
    case Status::DocumentPermissionError:
    case Status::DocumentSecurityError:
    case Status::DocumentUnprintableError:
    case Status::BadRequest:
    case Status::JobCanceled:
      return true;
    default:
      return false;
  }
}

std::vector<std::string> reasons_of(const ipp::Group& group, std::string_view name) {
  std::vector<std::string> reasons;
  for (const auto reason : group.find_all_text(name)) {
    if (reason != "none" && reasons.size() < 16) reasons.emplace_back(printable(reason, 60));
  }
  return reasons;
}

// One delivery: its connection, and what is known of the job at the printer.
class Delivery {
 public:
  Delivery(const Uri& device, std::string resource, const Environment& environment,
           const Assignment& assignment, Cancellation& cancellation, const Progress& progress,
           asio::any_io_executor executor)
      : device_(device),
        resource_(std::move(resource)),
        environment_(environment),
        assignment_(assignment),
        cancellation_(cancellation),
        progress_(progress),
        executor_(std::move(executor)),
        timer_(executor_) {}

  asio::awaitable<Result> run() {
    const Cancellation::Action action(cancellation_, [this] {
      timer_.cancel();
      if (connection_ && !accepted_) connection_->abort();
    });
    std::optional<Error> failure;
    try {
      co_await connect();
      co_return co_await submit_and_follow();
    } catch (const Error& error) {
      failure = error;
    }
    if (cancellation_.requested()) {
      co_await cancel_there();
      co_return ended_by(cancellation_);
    }
    if (failure->message() == Message::SpoolDamaged)
      co_return Result{Outcome::JobRefused, failure->happened()};
    co_return Result{Outcome::DeviceAway, failure->happened(), {"connecting-to-device"}};
  }

 private:
  // What has been distrusted or revoked since the connection was opened gets nothing more over it.
  void require_trusted() {
    const auto current = environment_.generation ? environment_.generation() : nullptr;
    if (!connection_ || !current) return;
    const auto objection = connection_->objection(*current);
    if (!objection) return;
    throw Error(Message::PeerRefused,
                fmt::format("the connection with {} was ended: {}", device_.authority(),
                            pki::to_line({*objection})),
                objection->wanted, objection->mend);
  }

  asio::awaitable<void> connect() {
    auto generation = environment_.generation ? environment_.generation() : nullptr;
    connection_ =
        co_await http::Connection::open(executor_, destination_of(device_, std::move(generation)));
  }

  ipp::Message request(Operation operation) {
    auto message = ipp::Message::request(operation, ++request_id_);
    auto& group = message.groups.front();
    group.add_uri("printer-uri", to_string(device_));
    if (job_ != 0) group.add_integer("job-id", job_);
    group.add_name("requesting-user-name", std::string_view(assignment_.owner).substr(0, 255));
    return message;
  }

  Attachment attach(const Document& document, const std::shared_ptr<Pieces>& pieces) {
    Attachment attachment;
    attachment.bytes = document.bytes;
    attachment.producer = [this, pieces]() -> asio::awaitable<std::span<const unsigned char>> {
      const auto piece = co_await pieces->next();
      sent_ += piece.size();
      if (progress_.sent) progress_.sent(sent_);
      co_return piece;
    };
    return attachment;
  }

  static void describe(ipp::Group& operation, const Document& document) {
    operation.add_mime_type("document-format", document.format);
    if (!document.name.empty())
      operation.add_name("document-name", std::string_view(document.name).substr(0, 255));
  }

  void add_template(ipp::Message& message) {
    if (assignment_.job_template.attributes.empty()) return;
    auto& group = message.add_group(GroupTag::Job);
    for (const auto& attribute : assignment_.job_template.attributes) {
      // Holding and priority are this server's own business, and done with.
      if (attribute.name != "job-hold-until" && attribute.name != "job-priority")
        group.add(attribute);
    }
  }

  // Nothing when the job was accepted, the result when it was not.
  std::optional<Result> refused(const ipp::Message& reply) {
    if (ipp::is_successful(reply.status())) {
      const auto* job = reply.find_group(GroupTag::Job);
      const auto id = job == nullptr ? std::nullopt : job->find_integer("job-id");
      if (id) job_ = *id;
      return std::nullopt;
    }
    const auto* group = reply.find_group(GroupTag::Operation);
    const auto words = group == nullptr ? std::nullopt : group->find_text("status-message");
    std::string text =
        fmt::format("{} answers {}", device_.authority(), ipp::status_label(reply.header.code));
    if (words && !words->empty()) text += fmt::format(": {}", printable(*words));
    return Result{is_final(reply.status()) ? Outcome::JobRefused : Outcome::DeviceAway, text};
  }

  asio::awaitable<Result> submit_and_follow() {
    const bool single = assignment_.documents.size() == 1;
    auto first = request(single ? Operation::PrintJob : Operation::CreateJob);
    first.groups.front().add_name("job-name",
                                  std::string_view(assignment_.job_name).substr(0, 255));
    Attachment attachment;
    if (single) {
      const Document& document = assignment_.documents.front();
      describe(first.groups.front(), document);
      attachment = attach(document, std::make_shared<Pieces>(document, *environment_.pool));
    }
    add_template(first);
    const auto reply = co_await exchange_ipp(*connection_, resource_, first, std::move(attachment));
    if (auto result = refused(reply)) co_return *std::move(result);
    for (std::size_t at = 0; !single && at < assignment_.documents.size(); ++at) {
      require_trusted();
      const Document& document = assignment_.documents[at];
      auto send = request(Operation::SendDocument);
      describe(send.groups.front(), document);
      send.groups.front().add_boolean("last-document", at + 1 == assignment_.documents.size());
      auto content = attach(document, std::make_shared<Pieces>(document, *environment_.pool));
      const auto taken = co_await exchange_ipp(*connection_, resource_, send, std::move(content));
      if (auto result = refused(taken)) co_return *std::move(result);
    }
    accepted_ = true;
    co_return co_await follow();
  }

  // A connection lost here does not mean a job lost: it is opened again, and the job asked for.
  asio::awaitable<Result> follow() {
    if (job_ == 0)
      co_return Result{Outcome::Delivered, fmt::format("taken by {}", device_.authority())};
    auto pause = kFollowPauseFirst;
    for (;;) {
      if (cancellation_.requested()) {
        co_await cancel_there();
        co_return ended_by(cancellation_);
      }
      std::optional<Result> ended;
      std::string lost;
      try {
        require_trusted();
        if (!connection_ || !connection_->reusable()) co_await connect();
        ended = co_await look();
      } catch (const Error& error) {
        connection_.reset();
        lost = error.happened();
      }
      if (ended) co_return *std::move(ended);
      if (!lost.empty() && progress_.waiting) {
        progress_.waiting(fmt::format("job {} is at {}, which does not answer: {}", job_,
                                      device_.authority(), lost),
                          {"connecting-to-device"});
      }
      timer_.expires_after(pause);
      auto ignored = co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
      static_cast<void>(ignored);
      pause = std::min(pause * 2, kFollowPauseMax);
    }
  }

  // Nothing while the job is still under way there.
  asio::awaitable<std::optional<Result>> look() {
    auto ask = request(Operation::GetJobAttributes);
    ask.groups.front().add_keywords("requested-attributes",
                                    {"job-state", "job-state-reasons", "job-state-message",
                                     "job-impressions-completed", "job-printer-state-message"});
    const auto reply = co_await exchange_ipp(*connection_, resource_, ask);
    if (reply.status() == Status::NotFound || reply.status() == Status::Gone) {
      // It was accepted, and printers forget what is done.
      co_return Result{Outcome::Delivered,
                       fmt::format("taken by {} as job {}", device_.authority(), job_)};
    }
    const auto* job = reply.find_group(GroupTag::Job);
    if (!ipp::is_successful(reply.status()) || job == nullptr) co_return std::nullopt;
    const auto state = static_cast<JobState>(job->find_integer("job-state").value_or(0));
    const int impressions = std::max(job->find_integer("job-impressions-completed").value_or(0), 0);
    const std::string message = printable(job->find_text("job-state-message").value_or(""));
    switch (state) {
      case JobState::Completed:
        co_return Result{Outcome::Delivered,
                         fmt::format("printed by {} as job {}", device_.authority(), job_),
                         {},
                         impressions};
      case JobState::Aborted:
      case JobState::Canceled:
        co_return Result{Outcome::JobRefused,
                         fmt::format("{} at {}{}{}", ipp::job_state_name(state),
                                     device_.authority(), message.empty() ? "" : ": ", message),
                         {},
                         impressions};
      default:
        break;
    }
    if (progress_.waiting) {
      progress_.waiting(
          fmt::format("{} at {} as job {}{}{}", ipp::job_state_name(state), device_.authority(),
                      job_, message.empty() ? "" : ": ", message),
          reasons_of(*job, "job-state-reasons"));
    }
    co_return std::nullopt;
  }

  // As well as can be: a printer that does not answer keeps the job.
  asio::awaitable<void> cancel_there() {
    if (job_ == 0) co_return;
    try {
      require_trusted();
      if (!connection_ || !connection_->reusable()) co_await connect();
      const auto cancel = request(Operation::CancelJob);
      const auto reply = co_await exchange_ipp(*connection_, resource_, cancel);
      static_cast<void>(reply);
    } catch (const Error&) {
    }
  }

  const Uri& device_;
  std::string resource_;
  const Environment& environment_;
  const Assignment& assignment_;
  Cancellation& cancellation_;
  const Progress& progress_;
  asio::any_io_executor executor_;
  asio::steady_timer timer_;
  std::unique_ptr<http::Connection> connection_;
  std::int32_t request_id_ = 0;
  std::int32_t job_ = 0;
  bool accepted_ = false;
  std::uint64_t sent_ = 0;
};

class IppDriver final : public Driver {
 public:
  IppDriver(Uri device, DeviceSettings settings, const Environment& environment)
      : device_(std::move(device)), settings_(std::move(settings)), environment_(environment) {
    for (const auto segment : device_.segments()) resource_ += "/" + encode_segment(segment);
    if (resource_.empty()) resource_ = "/";
  }

  asio::awaitable<Result> deliver(const Assignment& assignment, Cancellation& cancellation,
                                  const Progress& progress) const override {
    const auto executor = co_await asio::this_coro::executor;
    Delivery delivery(device_, resource_, environment_, assignment, cancellation, progress,
                      executor);
    co_return co_await delivery.run();
  }

  asio::awaitable<std::optional<DeviceDescription>> describe(Cancellation&) const override {
    co_return declared_by(settings_);
  }

 private:
  Uri device_;
  std::string resource_;
  DeviceSettings settings_;
  Environment environment_;
};

}  // namespace

std::unique_ptr<Driver> make_ipp_driver(const Uri& device, const DeviceSettings& settings,
                                        const Environment& environment) {
  static_cast<void>(
      ippclient::expected_peer(device.host));  // A host that no certificate could ever carry.
  return std::make_unique<IppDriver>(device, settings, environment);
}

}  // namespace ipm::output
