#include "output/ipp_exchange.h"

#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

#include "base/text.h"
#include "ipp/codec.h"
#include "ipp/constants.h"
#include "output/limits.h"

namespace ipm::output {
namespace asio = boost::asio;

asio::awaitable<ipp::Message> exchange_ipp(http::Connection& connection, std::string resource,
                                           const ipp::Message& request, Attachment attachment) {
  http::Outgoing outgoing;
  outgoing.target = std::move(resource);
  outgoing.headers.add("Content-Type", "application/ipp");
  outgoing.headers.add("Accept", "application/ipp");
  outgoing.body = ipp::encode(request);
  outgoing.expect_continue =
      attachment.producer != nullptr;  // A refusal comes before the document goes.
  outgoing.producer = std::move(attachment.producer);
  outgoing.producer_bytes = attachment.bytes;
  const http::ResponseHead head = co_await connection.exchange(outgoing);
  const std::string body = co_await connection.read_all(kReplyBytesMax);
  if (head.status != 200) {
    const auto type = head.headers.find("Content-Type").value_or("");
    const std::string words =
        type.starts_with("text/plain") ? printable(trim(body), 600) : head.reason;
    throw Error(Message::HttpStatusUnexpected,
                fmt::format("the server answered {}: {}", head.status, words),
                "an IPP reply (HTTP status 200)",
                head.status == 426
                    ? "use ipps:// and a client certificate: ipm cert issue client NAME"
                    : "");
  }
  co_return ipp::decode(body, ipp::kReplyLimits).message;
}

void require_success(const ipp::Message& reply, std::string_view what) {
  if (ipp::is_successful(reply.status())) return;
  const ipp::Group* operation = reply.find_group(ipp::GroupTag::Operation);
  const auto words = operation == nullptr ? std::nullopt : operation->find_text("status-message");
  throw Error(
      Message::IppStatusUnexpected,
      fmt::format("the server refused to {}: {}{}", what, ipp::status_label(reply.header.code),
                  words && !words->empty() ? fmt::format(": {}", printable(*words, 600)) : ""),
      "successful-ok");
}

trust::ExpectedPeer expected_peer(const std::string& host) {
  if (const auto address = pki::IpAddress::find(host)) return *address;
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

}  // namespace ipm::output
