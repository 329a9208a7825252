#pragma once
// The heads of HTTP messages as values, and what a head says about the body that follows.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/headers.h"

namespace ipm::http {

enum class Method : std::uint8_t { Get, Head, Options, Post, Other };
std::string_view to_text(Method method);  // "GET"; "another method" for Other
Method method_of(std::string_view name);  // exact: methods are case-sensitive

// How a body is delimited (RFC 9112, 6.3).
struct Framing {
  enum class Kind : std::uint8_t { None, Length, Chunked, UntilEnd };
  Kind kind = Kind::None;
  std::uint64_t length = 0;  // of Length
};

struct RequestHead {
  Method method = Method::Get;
  std::string target;  // as sent: "/ipp/print?x=1", "*", or a whole URI
  int version = 11;    // 10 or 11
  Headers headers;
  Framing framing;
  bool keep_alive = true;
  bool expects_continue = false;

  // Of the target, not decoded: "/ipp/print" and "x=1"; of a whole URI its path; of "*" the star.
  std::string_view path() const;
  std::string_view query() const;
};

struct ResponseHead {
  int status = 0;
  std::string reason;
  int version = 11;
  Headers headers;
  Framing framing;
  bool keep_alive = true;
};

// Why a message was refused, and the status that says so: a judgement, not an exception.
struct Refusal {
  int status;
  Error error;
};

std::string_view reason_phrase(int status);  // "Not Found"; "" for a status that we never send

}  // namespace ipm::http
