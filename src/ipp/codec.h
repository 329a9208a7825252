#pragma once
// Bytes to messages and back (RFC 8010, section 3).
//
// The decoder is strict in framing and exact in content: reserved tags, wrong lengths, values
// outside an attribute, members outside a collection and the like are Error{IppMalformed}; what
// goes beyond limits.h is Error{IppTooLarge}. It does not judge what the attributes mean: that,
// with the lengths of text that RFC 8011 allows, is request_checks.h. encode(decode(bytes)) ==
// bytes for every valid section.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ipp/limits.h"
#include "ipp/message.h"

namespace ipm::ipp {

// Takes an attribute section in pieces of any size, in time linear in its length: an unfinished
// attribute waits in a buffer of its own (at most 64 KiB), finished ones are never read again.
//
//   Decoder decoder(kRequestLimits);
//   while (!decoder.complete()) {
//     piece = …read the body…;
//     piece = piece.subspan(decoder.feed(piece));
//   }
//   Message request = decoder.take();      // and `piece` is the beginning of the document
class Decoder {
 public:
  explicit Decoder(const DecodeLimits& limits = kRequestLimits) : limits_(limits) {}

  // Returns how many bytes it took: all of them, unless the section ends within them; then what
  // follows is the document's. Throws Error{IppMalformed, IppTooLarge}; after that, only header()
  // may be used.
  std::size_t feed(std::span<const unsigned char> bytes);
  std::size_t feed(std::string_view bytes);

  bool complete() const { return complete_; }
  // The message. Once, and only when complete().
  Message take() { return std::move(message_); }
  // Version, code and request-id as soon as their eight bytes are there, also when the rest is
  // malformed: an error reply echoes them.
  std::optional<Header> find_header() const;
  // Bytes of the section taken so far.
  std::size_t bytes() const { return bytes_; }

 private:
  struct Token;
  struct Frame {
    Collection members;
    std::string pending;  // a memberAttrName that still waits for its value
  };

  std::size_t read_next(std::span<const unsigned char> bytes);
  void read_header(std::span<const unsigned char> bytes);
  void begin_group(unsigned char tag);
  void read_value(const Token& token);
  void read_member(const Token& token);
  void end_collection(const Token& token);
  std::vector<Value>& open_attribute(const Token& token);
  Value typed_value(const Token& token) const;
  Value localized_value(const Token& token) const;
  [[noreturn]] void refuse(std::string_view happened, std::string_view expected) const;
  [[noreturn]] void refuse_size(std::string_view what, std::size_t limit) const;

  DecodeLimits limits_;
  Message message_;
  std::vector<Frame> frames_;  // the collections that are open, outermost first
  std::string partial_;        // the token that has begun but not ended
  std::size_t needed_ =
      kHeaderBytes;  // how long partial_ must be before it is worth looking at again
  std::size_t bytes_ = 0;
  std::size_t attributes_ = 0;
  std::size_t values_ = 0;
  bool header_read_ = false;
  bool complete_ = false;
};

struct Decoded {
  Message message;
  std::size_t bytes = 0;  // the section's length; the document begins here
};

// A whole section. Throws also when it is not all there (Error{IppMalformed}).
Decoded decode(std::span<const unsigned char> bytes, const DecodeLimits& limits = kRequestLimits);
Decoded decode(std::string_view bytes, const DecodeLimits& limits = kRequestLimits);

// The header alone, absent when there are fewer than eight bytes. Never throws.
std::optional<Header> find_header(std::span<const unsigned char> bytes);
std::optional<Header> find_header(std::string_view bytes);

// The section's bytes. Throws Error{IppMalformed} for what has no encoding: an attribute without
// values or without a name, a value longer than 32767 octets, collections deeper than the limit.
std::string encode(const Message& message);

}  // namespace ipm::ipp
