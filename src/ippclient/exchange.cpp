#include "ippclient/exchange.h"

#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

#include "base/error_wire.h"
#include "base/text.h"
#include "ipp/codec.h"
#include "ipp/constants.h"
#include "ippclient/limits.h"

namespace ipm::ippclient {
namespace asio = boost::asio;
namespace {

// RFC 9110, 8.3.1: without parameters.
bool is_type(const http::ResponseHead& head, std::string_view wanted) {
  const auto type = head.headers.find("Content-Type").value_or("");
  return equal_ascii_nocase(trim(type.substr(0, type.find(';'))), wanted);
}

// A server of ours says its Error as data (base/error_wire.h); another server's words are told.
Error refusal_of(const http::ResponseHead& head, std::string_view body) {
  const auto told = [&](std::string_view words) {
    return fmt::format("the server answered {}: {}", head.status, printable(words, kWordsBytesMax));
  };
  if (is_type(head, kProblemType)) {
    if (const auto error = decode_problem(body)) {
      return {error->message(), told(error->happened()), error->expected(), error->mend()};
    }
  }
  const std::string_view words = is_type(head, "text/plain") ? trim(body) : head.reason;
  return {
      Message::HttpStatusUnexpected, told(words), "an IPP reply (HTTP status 200)",
      head.status == 426 ? "use ipps:// and a client certificate: ipm cert issue client NAME" : ""};
}

}  // namespace

Silence silence_of(const Error& error) {
  switch (error.message()) {
    case Message::ConnectionTimedOut:
      return Silence::TimedOut;
    case Message::HttpMalformed:
    case Message::HttpTooLarge:
      return Silence::Unintelligible;
    case Message::IppMalformed:
    case Message::IppTooLarge:
    case Message::IppVersionUnsupported:
      return Silence::Undecodable;
    case Message::SpoolDamaged:
    case Message::Unexpected:
      return Silence::Ours;
    case Message::HandshakeFailed:
      return Silence::TlsRefused;
    default:
      return error.reaction() == Reaction::Denied ? Silence::TlsRefused : Silence::Broken;
  }
}

asio::awaitable<Answer> ask(http::Connection& connection, std::string resource,
                            const ipp::Message& request, Attachment attachment, Manner manner) {
  http::Outgoing outgoing;
  outgoing.target = std::move(resource);
  outgoing.headers.add("Content-Type", "application/ipp");
  outgoing.headers.add("Accept", fmt::format("application/ipp, {}", kProblemType));
  if (!manner.authorization.empty()) outgoing.headers.add("Authorization", manner.authorization);
  outgoing.body = ipp::encode(request);
  // A refusal comes before the document goes.
  outgoing.expect_continue = manner.expect_continue && attachment.producer != nullptr;
  outgoing.producer = std::move(attachment.producer);
  outgoing.producer_bytes = attachment.bytes;
  Answer answer;
  try {
    const http::ResponseHead head = co_await connection.exchange(outgoing);
    const std::string body = co_await connection.read_all(kReplyBytesMax);
    // A server that does not want the rest of a document may answer with its reply under an error's
    // status.
    if (head.status == 200 || (head.status == 413 && is_type(head, "application/ipp"))) {
      answer.reply = ipp::decode(body, ipp::kReplyLimits).message;
    } else {
      answer.http_status = head.status;
      answer.error = refusal_of(head, body);
      answer.location = head.headers.find("Location").value_or("");
      for (std::size_t i = 0; i < head.headers.size(); ++i) {
        const auto field = head.headers[i];
        if (!equal_ascii_nocase(field.name, "WWW-Authenticate")) continue;
        if (!answer.challenges.empty()) answer.challenges += ", ";
        answer.challenges += field.value;
      }
    }
  } catch (const Error& error) {
    answer.silence = silence_of(error);
    answer.error = error;
  }
  co_return answer;
}

asio::awaitable<ipp::Message> exchange_ipp(http::Connection& connection, std::string resource,
                                           const ipp::Message& request, Attachment attachment) {
  auto answer = co_await ask(connection, std::move(resource), request, std::move(attachment));
  if (!answer.reply) throw *std::move(answer.error);
  co_return *std::move(answer.reply);
}

std::string resource_of(const Uri& uri) {
  std::string resource;
  for (const auto segment : uri.segments()) resource += "/" + encode_segment(segment);
  return resource.empty() ? "/" : resource;
}

trust::ExpectedPeer expected_peer(const std::string& host) {
  // A zone says only by which of our interfaces the address is reached.
  if (const auto address = pki::IpAddress::find(host.substr(0, host.find('%')))) return *address;
  return pki::DnsName::parse(host);
}

http::Destination destination_of(const Uri& uri,
                                 std::shared_ptr<const tls::Generation> generation) {
  http::Destination destination;
  destination.host = uri.host;
  destination.port = uri.port;
  if (uri.scheme == "ipps" || uri.scheme == "https") {
    if (!generation) {
      throw Error(
          Message::HandshakeFailed,
          fmt::format("{} needs TLS, and there are no certificates to dial with", to_string(uri)),
          "encryption turned on, with anchors and an identity", "set it up: ipm tls setup");
    }
    destination.tls = http::ClientTls{std::move(generation), expected_peer(uri.host)};
  }
  return destination;
}

}  // namespace ipm::ippclient
