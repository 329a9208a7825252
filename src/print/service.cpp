#include "print/service.h"

#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/text.h"
#include "base/uri.h"
#include "http/limits.h"
#include "ipp/codec.h"
#include "ipp/request_checks.h"
#include "print/limits.h"
#include "print/operations/admission.h"
#include "print/operations/reply.h"
#include "print/operations/request_judgement.h"
#include "print/operations/table.h"

namespace ipm::print {
namespace asio = boost::asio;
namespace {

constexpr std::string_view kIppType = "application/ipp";

bool is_ipp(const http::Request& request) {
  const auto type = request.head.headers.find("Content-Type");
  if (!type) return false;
  return equal_ascii_nocase(trim(type->substr(0, type->find(';'))), kIppType);
}

// The host that the client used, if it is one: URIs in replies then work from where it stands.
std::string authority_of(const http::Request& request, const std::string& otherwise) {
  const auto host = request.head.headers.find("Host");
  if (!host || request.local_user != nullptr || *host == otherwise) return otherwise;
  const auto uri = find_uri(fmt::format("ipp://{}/", *host));
  return uri ? std::string(*host) : otherwise;
}

ipp::Status status_of(const Error& error) {
  return static_cast<ipp::Status>(statuses(error.reaction()).ipp);
}

http::Response refuse(int status, const char* happened, const char* expected) {
  http::Response response =
      http::error_response(Error(Message::HttpUnsupported, happened, expected));
  response.status = status;
  return response;
}

asio::awaitable<http::Response> welcome() {
  co_return http::text_response(200,
                                "Imprimatur print server. Print to it with IPP, or use ipm.\n");
}

}  // namespace

std::string Call::printer_uri(std::string_view name) const {
  return fmt::format("{}://{}/ipp/print/{}", scheme(), authority, encode_segment(name));
}

std::string Call::job_uri(int id) const {
  return fmt::format("{}://{}/jobs/{}", scheme(), authority, id);
}

Service::Service(Manager& manager, ServiceOptions options, const Log& log)
    : manager_(manager), options_(std::move(options)), log_(log) {
  change(options_.policy);
}

void Service::change(ServicePolicy policy) {
  policy_.store(std::make_shared<const ServicePolicy>(std::move(policy)));
}

access::Caller Service::caller_of(const http::Request& request, const ipp::Group& operation) const {
  access::Caller caller;
  caller.address = std::string(request.remote);
  if (request.protection != nullptr) caller.protocol = request.protection->protocol;
  if (request.peer != nullptr) {
    const tls::Peer& peer = *request.peer;
    caller.identity = {access::OwnerKind::Certificate, to_hex(peer.issuer_key),
                       peer.certificate.whole_name()};
    caller.right = policy()->access.right_of(caller.name());
    caller.certificate = peer.certificate.fingerprint();
    caller.serial = peer.certificate.serial();
  } else if (request.local_user != nullptr) {
    caller.identity = {access::OwnerKind::Local, {}, request.local_user->name};
    const bool own = request.local_user->uid == 0 || request.local_user->uid == options_.own_uid;
    caller.right = own ? access::Right::Administrator : access::Right::User;
  } else {
    const auto claimed = operation.find_text("requesting-user-name").value_or("");
    caller.identity = {access::OwnerKind::Claimed,
                       {},
                       std::string(claimed.empty() ? access::kAnonymous : claimed)};
  }
  return caller;
}

void Service::add_routes(http::Router& router) {
  using enum http::Method;
  router.add("/", http::Router::Below::Excluded, {Get, Head},
             [](http::Request&) { return welcome(); });
  router.add("/", http::Router::Below::Included, {Post},
             [this](http::Request& request) { return handle(request); });
}

asio::awaitable<http::Response> Service::handle(http::Request& request) {
  if (!is_ipp(request)) {
    co_return refuse(415, "a POST without IPP in it", "Content-Type: application/ipp");
  }
  http::Response response;
  auto [reply, call] = co_await answer(request);
  if (call) {
    // The first piece is there already.
    auto piece = std::make_shared<std::string>();
    response.producer = [first = std::move(reply), call,
                         piece]() mutable -> asio::awaitable<std::span<const unsigned char>> {
      if (first.empty()) {
        *piece = co_await call->more(*call);
      } else {
        *piece = std::exchange(first, {});
      }
      co_return std::span(reinterpret_cast<const unsigned char*>(piece->data()), piece->size());
    };
  } else {
    response.body = std::move(reply);
  }
  response.headers.add("Content-Type", kIppType);
  co_return response;
}

// What the attributes say wrong is an IPP reply; what is no IPP at all, or breaks off, is HTTP's
// matter.
asio::awaitable<Service::Answer> Service::answer(http::Request& request) {
  ipp::Decoder decoder;
  const auto room = static_cast<std::size_t>(std::clamp<std::uint64_t>(
      request.body.content_length().value_or(http::kReadBufferBytes), 1, http::kReadBufferBytes));
  const auto buffer = std::make_unique_for_overwrite<unsigned char[]>(room);
  std::span<const unsigned char> piece;
  std::optional<Error> malformed;
  while (!decoder.complete()) {
    const std::size_t got = co_await request.body.read_some({buffer.get(), room});
    if (got == 0) {
      malformed.emplace(Message::IppMalformed, "the request ends within its attributes",
                        "attributes with their end tag");
      break;
    }
    piece = {buffer.get(), got};
    try {
      piece = piece.subspan(decoder.feed(piece));
    } catch (const Error& error) {
      malformed = error;
      break;
    }
  }
  const auto header = decoder.find_header();
  if (!header) throw *malformed;  // Not even eight bytes: nothing to echo.
  if (const auto fault = ipp::find_version_fault(*header))
    co_return Answer{ipp::encode(ipp::fault_reply(*fault, *header)), nullptr};
  if (malformed) {
    co_return Answer{
        ipp::encode(ipp::fault_reply({status_of(*malformed), malformed->happened()}, *header)),
        nullptr};
  }
  auto message = decoder.take();
  if (const auto fault = ipp::find_request_fault(message)) {
    co_return Answer{ipp::encode(ipp::fault_reply(*fault, *header)), nullptr};
  }
  clean_texts(message);
  const OperationRow* const row = find_operation_row(header->code);
  if (row == nullptr) {
    co_return Answer{ipp::encode(ipp::fault_reply({ipp::Status::OperationNotSupported,
                                                   fmt::format("{} is not supported here",
                                                               ipp::operation_label(header->code))},
                                                  *header)),
                     nullptr};
  }
  const ipp::Group& operation = message.groups.front();
  access::Caller caller = caller_of(request, operation);
  Call call{std::move(caller), std::move(message),
            operation,         authority_of(request, options_.authority),
            request.encrypted, piece,
            request.body};
  std::optional<Error> refused;
  try {
    call.unsupported = judge_operation_attributes(operation, *row);
    if (!call.unsupported.attributes.empty() &&
        operation.find_boolean("ipp-attribute-fidelity").value_or(false)) {
      co_return Answer{refuse(call, Error(Message::AttributesUnsupported,
                                          "some operation attributes are not supported",
                                          "a request without them, as fidelity was asked for")),
                       nullptr};
    }
    co_await admit(*this, call, *row);
    std::string reply = co_await row->handler(*this, call);
    if (!call.more) co_return Answer{std::move(reply), nullptr};
    co_return Answer{std::move(reply), std::make_shared<const Call>(std::move(call))};
  } catch (const Error& error) {
    refused = error;
  }
  // A connection that broke has nobody left to answer to.
  const Reaction reaction = refused->reaction();
  if (reaction == Reaction::Timeout || refused->message() == Message::HttpMalformed ||
      refused->message() == Message::ConnectionFailed) {
    throw *refused;
  }
  if (reaction == Reaction::Denied || reaction == Reaction::Internal ||
      reaction == Reaction::Unavailable) {
    log_.write(refused->message(), fmt::format("{} from {}: {}", ipp::operation_label(header->code),
                                               call.caller.address, refused->happened()));
  }
  co_return Answer{refuse(call, *refused), nullptr};
}

}  // namespace ipm::print
