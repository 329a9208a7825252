#pragma once
// What came back for one IPP request, as data: a reply, an HTTP status that is none, or silence.

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "ipp/message.h"

namespace ipm::ippclient {

// Why there is no answer at all.
enum class Silence : std::uint8_t {
  None,
  Unreachable,     // no connection
  TlsRefused,      // the handshake failed, or a certificate was refused on either side
  Broken,          // the connection ended before an answer
  TimedOut,        // no answer in time
  Unintelligible,  // the answer is no HTTP
  Undecodable,     // HTTP status 200, but no IPP
  Ours,            // our own document could not be read
};

struct Answer {
  std::optional<ipp::Message> reply;  // whatever its status
  int http_status = 0;                // other than 200, when that came instead
  std::string location = {};          // of a redirection
  std::string challenges = {};        // WWW-Authenticate, all of them
  Silence silence = Silence::None;
  std::optional<Error> error;  // of all but a reply: what happened, what was expected, the mend

  bool is(ipp::Status status) const { return reply && reply->status() == status; }
  bool successful() const { return reply && ipp::is_successful(reply->status()); }
};

}  // namespace ipm::ippclient
