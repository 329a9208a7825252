#include "http/body.h"

#include <algorithm>
#include <cstring>

#include "http/limits.h"

namespace ipm::http {
namespace {

constexpr const char* kDamagedTrailer = "a damaged field after the last chunk";
constexpr const char* kTrailerExpected = "NAME: VALUE, or the empty line, in at most 8 KiB";

// A chunk larger than this is no document; it also keeps the sum of all sizes within 64 bits.
constexpr std::uint64_t kChunkBytesMax = std::uint64_t{1} << 62U;

int hex_digit(unsigned char byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
  if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
  return -1;
}

bool is_text(unsigned char byte) {
  return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

}  // namespace

BodyDecoder::BodyDecoder(Framing framing, Forms forms) : forms_(forms) {
  switch (framing.kind) {
    case Framing::Kind::None:
      break;
    case Framing::Kind::Length:
      remaining_ = framing.length;
      state_ = framing.length > 0 ? State::Length : State::Done;
      break;
    case Framing::Kind::Chunked:
      state_ = State::Size;
      break;
    case Framing::Kind::UntilEnd:
      state_ = State::UntilEnd;
      break;
  }
}

std::optional<std::uint64_t> BodyDecoder::remaining() const {
  if (state_ == State::Done) return 0;
  if (state_ == State::Length) return remaining_;
  return std::nullopt;
}

BodyDecoder::Step BodyDecoder::decode(std::span<unsigned char> bytes) {
  Step step;
  while (step.consumed < bytes.size() && !done() && !broken()) {
    if (state_ != State::Data && state_ != State::Length && state_ != State::UntilEnd) {
      take(bytes[step.consumed++]);
      continue;
    }
    std::size_t size = bytes.size() - step.consumed;
    if (state_ != State::UntilEnd) {
      size = static_cast<std::size_t>(std::min<std::uint64_t>(size, remaining_));
      remaining_ -= size;
    }
    if (step.produced != step.consumed) {
      std::memmove(bytes.data() + step.produced, bytes.data() + step.consumed, size);
    }
    step.consumed += size;
    step.produced += size;
    if (state_ != State::UntilEnd && remaining_ == 0) {
      state_ = state_ == State::Data ? State::DataEnd : State::Done;
    }
  }
  return step;
}

void BodyDecoder::end() {
  if (done() || broken()) return;
  if (state_ == State::UntilEnd) {
    state_ = State::Done;
  } else {
    refuse("a body that ends early", "all that was announced, then the end");
  }
}

void BodyDecoder::refuse(const char* happened, const char* expected) {
  refusal_ = Refusal{400, Error(Message::HttpMalformed, happened, expected)};
}

// One byte of a chunk's line, of the CR LF behind its data, or of the trailers (RFC 9112, 7.1).
void BodyDecoder::take(unsigned char byte) {
  const auto expect = [&](char wanted, State next) {
    if (byte != static_cast<unsigned char>(wanted)) {
      refuse("a chunked body with a damaged line end", "CR LF (RFC 9112, 7.1)");
    } else {
      state_ = next;
    }
  };
  switch (state_) {
    case State::Size: {
      const bool is_blank = forms_ == Forms::Any && (byte == ' ' || byte == '\t');
      const int digit = hex_digit(byte);
      if (digit >= 0 && digits_ < 16) {
        ++digits_;
        remaining_ = remaining_ * 16 + static_cast<std::uint64_t>(digit);
        if (remaining_ > kChunkBytesMax) refuse("a chunk of an absurd size", "at most 2^62 bytes");
      } else if (digits_ > 0 && (byte == ';' || byte == '\r')) {
        state_ = byte == ';' ? State::Extension : State::SizeEnd;
      } else if (is_blank && ++line_bytes_ <= kChunkLineBytesMax) {
        if (digits_ > 0) state_ = State::SizeBlank;
      } else {
        refuse("a chunk without a proper size", "1 to 16 hexadecimal digits (RFC 9112, 7.1)");
      }
      break;
    }
    case State::SizeBlank:
      if (byte == ';' || byte == '\r') {
        state_ = byte == ';' ? State::Extension : State::SizeEnd;
      } else if ((byte != ' ' && byte != '\t') || ++line_bytes_ > kChunkLineBytesMax) {
        refuse("a chunk without a proper size", "1 to 16 hexadecimal digits (RFC 9112, 7.1)");
      }
      break;
    case State::Extension:
      if (byte == '\r') {
        state_ = State::SizeEnd;
      } else if (!is_text(byte) || ++line_bytes_ > kChunkLineBytesMax) {
        refuse("a chunk with a damaged or long extension", "at most 1024 bytes of text");
      }
      break;
    case State::SizeEnd:
      line_bytes_ = 0;
      digits_ = 0;
      expect('\n', remaining_ > 0 ? State::Data : State::Trailer);
      break;
    case State::DataEnd:
      expect('\r', State::DataEndLine);
      break;
    case State::DataEndLine:
      expect('\n', State::Size);
      break;
    case State::Trailer:
      if (byte == '\r') {
        state_ = State::TrailerLast;
      } else if (byte == ':') {
        refuse(kDamagedTrailer, kTrailerExpected);
      } else {
        state_ = State::TrailerName;
        take(byte);
      }
      break;
    case State::TrailerName:
      if (byte == ':') state_ = State::TrailerLine;
      if (!is_text(byte) || byte == ' ' || byte == '\t' || ++line_bytes_ > kTrailerBytesMax) {
        refuse(kDamagedTrailer, kTrailerExpected);
      }
      break;
    case State::TrailerLine:
      if (byte == '\r') {
        state_ = State::TrailerEnd;
      } else if (!is_text(byte) || ++line_bytes_ > kTrailerBytesMax) {
        refuse("damaged or many fields after the last chunk", "at most 8 KiB of text");
      }
      break;
    case State::TrailerEnd:
      expect('\n', State::Trailer);
      break;
    case State::TrailerLast:
      expect('\n', State::Done);
      break;
    case State::Data:
    case State::Length:
    case State::UntilEnd:
    case State::Done:
      break;
  }
}

}  // namespace ipm::http
