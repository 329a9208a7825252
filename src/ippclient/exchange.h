#pragma once
// One IPP request and its reply over an HTTP connection: what the IPP driver and every client of
// Imprimatur's own speak through.

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/uri.h"
#include "http/client.h"
#include "ipp/message.h"

namespace ipm::ippclient {

// The document that follows the attributes; no producer: none does.
struct Attachment {
  http::BodyProducer producer;
  std::optional<std::uint64_t> bytes;  // absent: chunked
};

// Returns the reply whatever its IPP status. An HTTP status other than 200 throws the Error that a
// server of ours sent in its three lines (Error{PlaintextRefused}, …), else
// Error{HttpStatusUnexpected} with the server's own words; a reply that is none throws
// Error{IppMalformed}; and what the connection throws.
boost::asio::awaitable<ipp::Message> exchange_ipp(http::Connection& connection,
                                                  std::string resource, const ipp::Message& request,
                                                  Attachment attachment = {});

// Where an ipp or ipps address leads, and under which expectations. Throws Error{HandshakeFailed}
// when ipps is asked for and there is no generation to dial with.
http::Destination destination_of(const Uri& uri, std::shared_ptr<const tls::Generation> generation);

// host as the verifier wants it: a name or an address. Throws Error{NameInvalid}.
trust::ExpectedPeer expected_peer(const std::string& host);

}  // namespace ipm::ippclient
