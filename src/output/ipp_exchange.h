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

namespace ipm::output {

// The document that follows the attributes; no producer: none does.
struct Attachment {
  http::BodyProducer producer;
  std::optional<std::uint64_t> bytes;  // absent: chunked
};

// Returns the reply whatever its IPP status. Throws Error{HttpStatusUnexpected} with the server's
// own words for an HTTP status other than 200, Error{IppMalformed} for a reply that is none, and
// what the connection throws.
boost::asio::awaitable<ipp::Message> exchange_ipp(http::Connection& connection,
                                                  std::string resource, const ipp::Message& request,
                                                  Attachment attachment = {});

// Throws Error{IppStatusUnexpected} with the server's words when `reply` is no success.
void require_success(const ipp::Message& reply, std::string_view what);

// Where an ipp or ipps address leads, and under which expectations. Throws Error{HandshakeFailed}
// when ipps is asked for and there is no generation to dial with.
http::Destination destination_of(const Uri& uri, std::shared_ptr<const tls::Generation> generation);

// host as the verifier wants it: a name or an address. Throws Error{NameInvalid}.
trust::ExpectedPeer expected_peer(const std::string& host);

}  // namespace ipm::output
