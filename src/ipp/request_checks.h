#pragma once
// What every IPP request must keep before anybody looks at what it asks for (RFC 8011, 4.1), and
// the status that answers a request which does not. The decoder has judged the framing of bytes
// already.

#include <optional>
#include <string>

#include "ipp/message.h"

namespace ipm::ipp {

// Why a request is refused.
struct RequestFault {
  Status status = Status::BadRequest;
  std::string words;  // for status-message and the log; harmless to print

  bool operator==(const RequestFault&) const = default;
};

// Absent for versions 1.x and 2.x, whatever the minor version (RFC 8011, 4.1.8); otherwise
// server-error-version-not-supported. Check it first: it may be asked as soon as the header is
// there.
std::optional<RequestFault> find_version_fault(const Header& header);

// The first of these that the request breaks, in this order:
// - request-id is 1 or more (4.1.2);
// - the operation group is there, first, and only once; the other groups follow in the order of
// their
//   tags, and only subscription and event groups repeat;
// - attributes-charset is its first attribute, attributes-natural-language its second, each one
// value
//   of its type (4.1.4.1); the charset is utf-8 or us-ascii, otherwise
//   client-error-charset-not-supported;
// - printer-uri, job-uri and job-id, where they are there, have one value of their type (4.1.5);
// - no attribute stands twice in a group, no member twice in a collection (4.1.3);
// - attribute names are printable ASCII; text is of the declared charset, without NUL; the types
// that are
//   ASCII by definition are ASCII: otherwise client-error-bad-request;
// - no value is longer than its type allows (5.1), otherwise client-error-request-value-too-long.
std::optional<RequestFault> find_request_fault(const Message& request);

// The reply to a faulty request: charset, language and status-message, and nothing else.
Message fault_reply(const RequestFault& fault, const Header& request);

}  // namespace ipm::ipp
