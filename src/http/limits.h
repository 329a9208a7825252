#pragma once
// Every size, count and wait of the HTTP floor, by name.

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "net/limits.h"

namespace ipm::http {

inline constexpr std::size_t kReadBufferBytes =
    16U * 1024U;                                         // one TLS record; held while active only
inline constexpr std::size_t kChunkLineBytesMax = 1024;  // size and extensions of one chunk
inline constexpr std::size_t kTrailerBytesMax =
    8U * 1024U;                                          // fields after the last chunk, together
inline constexpr std::size_t kEmptyLinesMax = 2;         // before a request line (RFC 9112, 2.2)
inline constexpr std::size_t kInterimResponsesMax = 16;  // 1xx before the answer
inline constexpr std::chrono::milliseconds kAcceptPause{100};  // after EMFILE and its kin

inline constexpr std::chrono::hours kNoWaitLimit{24 * 365};

// What a server grants its clients. All waits are upper bounds; each has its own deadline.
struct Limits : net::GateLimits {
  std::size_t head_bytes = 16U * 1024U;  // request line and fields
  std::size_t fields = 100;
  std::chrono::milliseconds head_wait{10'000};       // from the head's first byte to its last
  std::chrono::milliseconds idle_wait{60'000};       // between requests
  std::chrono::milliseconds body_wait{60'000};       // for each piece of a body
  std::chrono::milliseconds write_wait{60'000};      // for each piece of a reply
  std::chrono::milliseconds handshake_wait{10'000};  // from the connection to a proven peer
  std::chrono::milliseconds linger_wait{2'000};  // reading on after a refusal, so that it is seen

  std::size_t body_bytes_per_second = 128;  // on average, after the first body_wait; 0: any rate
  std::size_t drain_bytes = 64U * 1024U;    // of an unread body, to keep the connection
  std::size_t requests_per_connection = 10'000;

  std::chrono::seconds quiet{10};  // one log line for each address and message in this time
};

// What a client grants a server.
struct ClientLimits {
  std::size_t head_bytes = 16U * 1024U;
  std::size_t fields = 100;
  net::DialLimits dial = {};
  std::chrono::milliseconds handshake_wait{10'000};
  std::chrono::milliseconds write_wait{60'000};     // for each piece of the request
  std::chrono::milliseconds response_wait{60'000};  // for each piece of the response
  std::chrono::milliseconds continue_wait{1'000};   // for "100 Continue", then the body goes anyway
};

}  // namespace ipm::http
