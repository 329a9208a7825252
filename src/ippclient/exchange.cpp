#include "ippclient/exchange.h"

#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

#include "base/text.h"
#include "ipp/codec.h"
#include "ipp/constants.h"
#include "ippclient/limits.h"

namespace ipm::ippclient {
namespace asio = boost::asio;
namespace {

std::string_view after(std::string_view line, std::string_view label) {
  return line.starts_with(label) ? trim(line.substr(label.size())) : std::string_view{};
}

// A server of ours answers with an Error's three lines (Error::for_terminal), which are read back;
// of another server's words all are told.
Error refusal_of(const http::ResponseHead& head, std::string_view body) {
  const auto type = head.headers.find("Content-Type").value_or("");
  if (!type.starts_with("text/plain")) body = head.reason;
  const auto lines = split(trim(body), '\n');
  const auto blank = lines.front().find(' ');
  const auto number = find_message(lines.front().substr(0, blank));
  const auto told = [&](std::string_view words) {
    return fmt::format("the server answered {}: {}", head.status, printable(words, kWordsBytesMax));
  };
  if (!number || blank == std::string_view::npos || lines.size() != 3) {
    return {Message::HttpStatusUnexpected, told(trim(body)), "an IPP reply (HTTP status 200)",
            head.status == 426 ? "use ipps:// and a client certificate: ipm cert issue client NAME"
                               : ""};
  }
  return {*number, told(lines[0].substr(blank + 1)),
          printable(after(lines[1], "  expected:"), kWordsBytesMax),
          printable(after(lines[2], "  to mend:"), kWordsBytesMax)};
}

}  // namespace

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
  if (head.status != 200) throw refusal_of(head, body);
  co_return ipp::decode(body, ipp::kReplyLimits).message;
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

}  // namespace ipm::ippclient
