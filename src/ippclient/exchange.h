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
#include "ippclient/answer.h"

namespace ipm::ippclient {

// The document that follows the attributes; no producer: none does.
struct Attachment {
  http::BodyProducer producer;
  std::optional<std::uint64_t> bytes;  // absent: chunked
};

struct Manner {
  // Ask before a document is sent (RFC 9110, 10.1.1); not all devices know how.
  bool expect_continue = true;
  std::string authorization = {};  // the field's value; empty: none
};

// Never throws for what the server does.
boost::asio::awaitable<Answer> ask(http::Connection& connection, std::string resource,
                                   const ipp::Message& request, Attachment attachment = {},
                                   Manner manner = {});

// What an Error of a connection says about the answer.
Silence silence_of(const Error& error);

// The same for those who go on only with a reply.
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

// "/ipp/print": the path of such an address as a request names it.
std::string resource_of(const Uri& uri);

// host as the verifier wants it: a name or an address. Throws Error{NameInvalid}.
trust::ExpectedPeer expected_peer(const std::string& host);

}  // namespace ipm::ippclient
