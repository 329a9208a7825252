#include "ipm/common/ipp_session.h"

#include <fmt/format.h>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "base/uri.h"
#include "ipm/common/client_identity.h"
#include "ipm/common/login_name.h"
#include "ipp/limits.h"
#include "net/run.h"

namespace ipm::app {
namespace asio = boost::asio;
namespace {

constexpr std::chrono::milliseconds kReloadLook{500};  // S6 allows two seconds

// A server whose encryption is off resets a TLS handshake or answers it in plaintext: asked in
// plaintext, it says so.
constexpr std::chrono::milliseconds kProbeWait{2'000};

asio::awaitable<bool> speaks_plaintext(asio::any_io_executor executor, http::Destination to) {
  to.tls.reset();
  http::ClientLimits limits;
  limits.dial.wait = limits.write_wait = limits.response_wait = kProbeWait;
  try {
    const auto connection = co_await http::Connection::open(executor, std::move(to), limits);
    http::Outgoing question;
    question.method = "OPTIONS";
    question.target = "*";
    const auto head = co_await connection->exchange(question);
    co_return head.status != 426;  // that one is encrypted, and says so in plaintext
  } catch (const Error&) {
    co_return false;
  }
}

}  // namespace

IppSession::IppSession(asio::any_io_executor executor, ServerTarget target)
    : executor_(std::move(executor)), target_(std::move(target)), user_(login_name()) {
  user_.resize(std::min(user_.size(), ipp::kNameValueBytesMax));
}

ipp::Message IppSession::begin(ipp::Operation operation, std::string_view attribute,
                               std::string path) {
  auto message = ipp::Message::request(operation, ++request_id_);
  auto& group = message.groups.front();
  group.add_uri(attribute, target_.uri_start + std::move(path));
  group.add_name("requesting-user-name", user_);
  return message;
}

ipp::Message IppSession::to_system(ipp::Operation operation) {
  return begin(operation, "system-uri", "/ipp/system");
}

ipp::Message IppSession::to_server(ipp::Operation operation) {
  return begin(operation, "printer-uri", "/");
}

ipp::Message IppSession::to_printer(ipp::Operation operation, std::string_view name) {
  return begin(operation, "printer-uri",
               name.empty() ? "/ipp/print" : "/ipp/print/" + encode_segment(name));
}

ipp::Message IppSession::to_job(ipp::Operation operation, int id) {
  return begin(operation, "job-uri", fmt::format("/jobs/{}", id));
}

// Who would not be admitted now gets no further request: the new connection says why not.
void IppSession::look_for_changes() {
  if (!target_.trust) return;
  target_.trust->keeper.poll();
  auto& in_use = target_.destination.tls->generation;
  auto current = target_.trust->keeper.current();
  if (current == in_use) return;
  if (connection_ && connection_->objection(*current)) connection_.reset();
  in_use = std::move(current);
}

asio::awaitable<void> IppSession::pause(std::chrono::milliseconds wait) {
  asio::steady_timer timer(executor_);
  while (wait > std::chrono::milliseconds(0)) {
    const auto step = std::min(wait, kReloadLook);
    wait -= step;
    timer.expires_after(step);
    co_await timer.async_wait(asio::use_awaitable);
    look_for_changes();
  }
}

asio::awaitable<void> IppSession::connect() {
  connection_.reset();
  std::optional<Error> failure;
  try {
    connection_ = co_await http::Connection::open(executor_, target_.destination, limits_);
    co_return;
  } catch (const Error& error) {
    failure = error;
  }
  const bool in_vain = failure->message() == Message::HandshakeFailed && target_.is_encrypted();
  if (in_vain && co_await speaks_plaintext(executor_, target_.destination)) {
    throw Error(
        Message::HandshakeFailed,
        fmt::format("{} speaks plaintext: its encryption is off", target_.destination.text()),
        "a server whose encryption is on",
        fmt::format("turn it on there (ipm tls on, on that machine); or, where it shall stay "
                    "off, write encryption = false under [client] in {}",
                    (target_.client.own_folder / "ipm.toml").string()));
  }
  throw with_mend_of_client(*failure, target_);
}

asio::awaitable<ipp::Message> IppSession::send(ipp::Message request,
                                               ippclient::Attachment attachment) {
  // The URI is the third attribute; its path is where the request is posted to.
  const auto uri = request.groups.front().attributes.at(2).values.front().find_text();
  const std::string resource(uri->substr(target_.uri_start.size()));
  const bool repeatable = attachment.producer == nullptr;
  if (!connection_ || !connection_->reusable()) co_await connect();
  const bool was_idle = connection_->exchanges() > 0;
  std::optional<ipp::Message> reply;
  try {
    reply =
        co_await ippclient::exchange_ipp(*connection_, resource, request, std::move(attachment));
  } catch (const Error& error) {
    if (error.message() == Message::PlaintextRefused ||
        error.message() == Message::PeerCertificateMissing) {
      throw with_mend_of_client(error, target_);
    }
    // A server may close an idle connection at any moment: that says nothing about the request.
    if (!was_idle || !repeatable || error.message() != Message::ConnectionFailed) throw;
  }
  if (!reply) {
    co_await connect();
    reply = co_await ippclient::exchange_ipp(*connection_, resource, request);
  }
  require_granted(request, *reply);
  co_return *std::move(reply);
}

asio::awaitable<void> IppSession::close() {
  if (connection_) co_await connection_->close();
}

void IppSession::abort() {
  if (connection_) connection_->abort();
}

void IppSession::hurry(std::chrono::milliseconds step) {
  connection_.reset();
  limits_.dial.wait = limits_.handshake_wait = limits_.write_wait = limits_.response_wait = step;
}

std::vector<const ipp::Group*> groups_of(const ipp::Message& reply, ipp::GroupTag tag) {
  std::vector<const ipp::Group*> found;
  for (const ipp::Group& group : reply.groups) {
    if (group.tag == tag) found.push_back(&group);
  }
  return found;
}

const ipp::Group& require_group(const ipp::Message& reply, ipp::GroupTag tag) {
  const ipp::Group* const group = reply.find_group(tag);
  if (group == nullptr) {
    throw Error(Message::IppMalformed,
                fmt::format("the server's reply has no {}", ipp::group_name(tag)),
                "a reply with what was asked for");
  }
  return *group;
}

std::string name_in_uri(std::string_view uri) {
  const auto parsed = find_uri(uri);
  const auto parts = parsed ? parsed->segments() : std::vector<std::string_view>{};
  return parts.empty() ? "-" : printable(parts.back(), 127);
}

int converse(const Context& context, const ServerChoice& choice, const Conversation& work) {
  const auto settings = settings::load_client_settings(context.places());
  auto target = find_server(context, settings, choice);
  const auto walk = [&](asio::any_io_executor executor) -> asio::awaitable<int> {
    IppSession session(std::move(executor), std::move(target));
    const int code = co_await work(session);
    co_await session.close();
    co_return code;
  };
  return net::run_to_end(walk);
}

void next_step(const Context& context, const ServerChoice& choice, std::string_view command) {
  context.next(choice.given ? fmt::format("{} --server {}", command, *choice.given)
                            : std::string(command));
}

}  // namespace ipm::app
