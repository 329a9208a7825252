#pragma once
// A reader of DER (X.690): strict, total, without copies. It exists beside OpenSSL's because the
// verdict needs the bytes as they were signed: encodings, repeated fields and what stands behind
// the end, which a lenient parser has already forgotten.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace ipm::trust::der {

enum Tag : std::uint8_t {
  kBoolean = 0x01,
  kInteger = 0x02,
  kBitString = 0x03,
  kOctetString = 0x04,
  kNull = 0x05,
  kObjectIdentifier = 0x06,
  kEnumerated = 0x0a,
  kUtf8String = 0x0c,
  kNumericString = 0x12,
  kPrintableString = 0x13,
  kT61String = 0x14,
  kIa5String = 0x16,
  kUtcTime = 0x17,
  kGeneralizedTime = 0x18,
  kVisibleString = 0x1a,
  kUniversalString = 0x1c,
  kBmpString = 0x1e,
  kSequence = 0x30,
  kSet = 0x31,
};
// Context-specific tags: primitive [n] and constructed [n].
constexpr std::uint8_t context(unsigned number) {
  return static_cast<std::uint8_t>(0x80U + number);
}
constexpr std::uint8_t context_constructed(unsigned number) {
  return static_cast<std::uint8_t>(0xa0U + number);
}

struct Element {
  std::uint8_t tag = 0;
  std::string_view content;
  std::string_view encoding;  // tag, length and content
};

// Goes through the elements of `bytes`, which must outlive it. Definite lengths in their shortest
// form, one-byte tags and well-formed object identifiers alone; anything else is damage, and damage
// is absence.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }
  bool next_is(std::uint8_t tag) const {
    return !rest_.empty() && static_cast<std::uint8_t>(rest_.front()) == tag;
  }
  std::optional<Element> next();
  std::optional<Element> next(std::uint8_t tag);  // absent when another one follows

 private:
  std::string_view rest_;
};

// The one element of `tag` that `bytes` consists of, with nothing behind it.
std::optional<Element> sole(std::string_view bytes, std::uint8_t tag);

// Whether an INTEGER's (or ENUMERATED's) content is in its shortest form, and not empty.
bool is_minimal_integer(std::string_view content);
bool is_negative(std::string_view content);
// A non-negative integer below 2^31.
std::optional<long> small_integer(std::string_view content);
std::optional<bool> boolean(std::string_view content);  // DER: 00 or FF

struct Bits {
  std::string_view bytes;
  unsigned unused = 0;
};
std::optional<Bits> bit_string(std::string_view content);

// A time as RFC 5280, 4.1.2.5 wants it: UTCTime with seconds and Z from 1950 through 2049,
// GeneralizedTime with seconds and Z, without fractions, for years that UTCTime does not hold.
struct Time {
  TimePoint when;
  bool right_kind = true;  // false: GeneralizedTime for a year that UTCTime holds
};
std::optional<Time> time(const Element& element);

// "1.2.840.…", for messages; the bytes in hexadecimal where they are no OID.
std::string dotted(std::string_view oid_content);

}  // namespace ipm::trust::der
