#pragma once
// Takes the body out of the bytes of a message: of a length, chunked (RFC 9112, 7.1), or until the
// connection's end. Pure; it needs no buffer of its own, because a chunk's lines are read byte by
// byte: pieces may be cut anywhere.

#include <cstdint>
#include <optional>
#include <span>

#include "http/message.h"

namespace ipm::http {

class BodyDecoder {
 public:
  struct Step {
    std::size_t consumed = 0;  // of the bytes given; the rest belongs to the next message
    std::size_t produced = 0;  // bytes of body, moved to the front of the bytes given
  };

  BodyDecoder() = default;
  // Requests come in the strict form only. Of devices any is taken that has one reading: blanks
  // around a chunk's size (RFC 9112, 7.1.1).
  enum class Forms : std::uint8_t { Strict, Any };
  explicit BodyDecoder(Framing framing, Forms forms = Forms::Strict);

  // Decodes in place. Always consumes all bytes unless the body ends or breaks the protocol.
  Step decode(std::span<unsigned char> bytes);
  // The connection has ended: completes a body of kind UntilEnd, breaks any other unfinished one.
  void end();

  bool done() const { return state_ == State::Done; }
  bool broken() const { return refusal_.has_value(); }
  const std::optional<Refusal>& refusal() const { return refusal_; }
  // Bytes of body still to come, where that is known.
  std::optional<std::uint64_t> remaining() const;

 private:
  enum class State : std::uint8_t {
    Size,
    SizeBlank,
    Extension,
    SizeEnd,
    Data,
    DataEnd,
    DataEndLine,
    Trailer,
    TrailerName,
    TrailerLine,
    TrailerEnd,
    TrailerLast,
    Length,
    UntilEnd,
    Done
  };
  void take(unsigned char byte);
  void refuse(const char* happened, const char* expected);

  State state_ = State::Done;
  Forms forms_ = Forms::Strict;
  std::uint8_t digits_ = 0;       // of the chunk's size
  std::uint32_t line_bytes_ = 0;  // of the chunk's line, or of all trailers
  std::uint64_t remaining_ = 0;   // of the chunk or of the body
  std::optional<Refusal> refusal_;
};

}  // namespace ipm::http
