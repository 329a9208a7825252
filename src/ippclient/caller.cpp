#include "ippclient/caller.h"

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "ippclient/limits.h"
#include "os/timer.h"
#include "pki/finding.h"

namespace ipm::ippclient {
namespace asio = boost::asio;
namespace {

Answer silent(Silence silence, const Error& error) {
  Answer answer;
  answer.silence = silence;
  answer.error = error;
  return answer;
}

// The next version to try after this one was refused by a reply of version `told`.
std::optional<ipp::Version> older(ipp::Version tried, ipp::Version told) {
  const auto number = [](ipp::Version version) { return version.major * 256 + version.minor; };
  if (number(told) < number(tried) && told.major >= 1) return told;
  if (tried.major > 1) return ipp::Version{1, 1};
  if (tried.minor > 0) return ipp::Version{1, 0};
  return std::nullopt;
}

// Asked twice, it does nothing twice.
bool is_question(ipp::Operation operation) {
  switch (operation) {
    case ipp::Operation::GetPrinterAttributes:
    case ipp::Operation::GetJobAttributes:
    case ipp::Operation::GetJobs:
    case ipp::Operation::ValidateJob:
    case ipp::Operation::CancelJob:
      return true;
    default:
      return ipp::operation_name(operation).starts_with("Get-");
  }
}

}  // namespace

Caller::Caller(asio::any_io_executor executor, CallerOptions options, Habits habits)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      habits_(habits),
      resource_(resource_of(options_.uri)) {}

void Caller::wait_at_most(std::chrono::milliseconds wait) {
  options_.limits.write_wait = wait;
  options_.limits.response_wait = wait;
  if (connection_) connection_->wait_at_most(wait, wait);
}

// A connection that is being made. It outlives a caller that does not wait for it any more.
struct Caller::Opening {
  explicit Opening(const asio::any_io_executor& executor) : changed(executor) {}

  static asio::awaitable<void> open(std::shared_ptr<Opening> self, asio::any_io_executor executor,
                                    http::Destination destination, http::ClientLimits limits,
                                    const net::Network& network) {
    try {
      self->connection = co_await http::Connection::open(std::move(executor),
                                                         std::move(destination), limits, network);
    } catch (const Error& error) {
      self->failure = error;
    }
  }

  os::Timer changed;
  std::unique_ptr<http::Connection> connection;
  std::optional<Error> failure;
  bool done = false;
};

void Caller::abort() {
  aborted_ = true;
  if (connection_) connection_->abort();
  if (opening_) opening_->changed.cancel();
}

asio::awaitable<std::optional<Answer>> Caller::connect() {
  auto generation = options_.generation ? options_.generation() : nullptr;
  if (connection_ && generation) {
    // What has been distrusted or revoked since then gets nothing more over it.
    if (const auto objection = connection_->objection(*generation)) {
      connection_.reset();
      co_return silent(Silence::TlsRefused,
                       Error(Message::PeerRefused,
                             fmt::format("the connection with {} was ended: {}",
                                         options_.uri.authority(), pki::to_line({*objection})),
                             objection->wanted, objection->mend));
    }
  }
  if (connection_ && connection_->reusable()) co_return std::nullopt;
  connection_.reset();
  const auto opening = std::make_shared<Opening>(executor_);
  try {
    auto destination = destination_of(options_.uri, std::move(generation));
    asio::co_spawn(executor_,
                   Opening::open(opening, executor_, std::move(destination), options_.limits,
                                 *options_.network),
                   [opening](std::exception_ptr failure) {
                     if (failure) {
                       opening->failure =
                           Error(Message::Unexpected, describe(failure), "a connection");
                     }
                     opening->done = true;
                     opening->changed.cancel();
                   });
  } catch (const Error& error) {
    co_return silent(Silence::TlsRefused, error);
  }
  opening_ = opening;
  while (!opening->done && !aborted_) {
    opening->changed.expires_at(os::SteadyClock::time_point::max());
    co_await opening->changed.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  opening_.reset();
  if (!opening->done) {
    co_return silent(
        Silence::Unreachable,
        Error(Message::ConnectionFailed, "the attempt to connect was given up", "a connection"));
  }
  if (opening->failure) {
    const auto why = silence_of(*opening->failure);
    co_return silent(why == Silence::TlsRefused ? why : Silence::Unreachable, *opening->failure);
  }
  connection_ = std::move(opening->connection);
  co_return std::nullopt;
}

asio::awaitable<Answer> Caller::ask_once(const ipp::Message& request,
                                         const MakeAttachment& document, bool& read) {
  auto away = co_await connect();
  if (away) co_return *std::move(away);
  Attachment attachment;
  if (document) {
    attachment = document();
    attachment.producer = [inner = std::move(attachment.producer),
                           &read]() -> asio::awaitable<std::span<const unsigned char>> {
      read = true;
      const auto piece = co_await inner();
      co_return piece;
    };
  }
  // The connection stays while it is used, whoever aborts meanwhile.
  const auto connection = connection_;
  if (!challenges_.empty()) {
    authorization_ =
        authorize(*options_.credentials, challenges_, "POST", resource_, ++nonce_count_).value();
  }
  Manner manner{habits_.expect_continue, authorization_};
  co_return co_await ippclient::ask(*connection, resource_, request, std::move(attachment),
                                    std::move(manner));
}

// Whether the request is worth another try, spoken otherwise.
bool Caller::adapt(const Answer& answer, const ipp::Message& request) {
  if (answer.is(ipp::Status::VersionNotSupported)) {
    const auto version = older(request.header.version, answer.reply->header.version);
    if (version) habits_.version = *version;
    return version.has_value();
  }
  if (answer.http_status == 417 && habits_.expect_continue) {
    habits_.expect_continue = false;
    return true;
  }
  if (answer.http_status == 401 && options_.credentials && is_encrypted() &&
      authorized_ < kAuthorizationsMax) {
    const auto field = authorize(*options_.credentials, answer.challenges, "POST", resource_, 1);
    // The same words again would be refused again.
    if (!field || *field == authorization_) return false;
    ++authorized_;
    // Another challenge brings another nonce, which is counted from its first use.
    if (challenges_ != answer.challenges) nonce_count_ = 0;
    challenges_ = answer.challenges;
    return true;
  }
  return false;
}

asio::awaitable<Answer> Caller::ask(ipp::Message request, MakeAttachment document) {
  bool fresh_tried = false;
  aborted_ = false;
  for (;;) {
    request.header.version = habits_.version;
    const bool reused = connection_ && connection_->reusable() && connection_->exchanges() > 0;
    bool read = false;
    Answer answer = co_await ask_once(request, document, read);
    if (aborted_) co_return answer;
    const bool safe = document ? !read : is_question(request.operation());
    if (answer.silence == Silence::Broken && reused && safe && !fresh_tried) {
      fresh_tried = true;
      connection_.reset();
      continue;
    }
    if (answer.successful()) authorized_ = 0;
    if (adapt(answer, request)) continue;
    co_return answer;
  }
}

}  // namespace ipm::ippclient
