#include "trust/der.h"

#include <chrono>

#include "base/text.h"

namespace ipm::trust::der {
namespace {

constexpr std::uint8_t kHighTagNumber = 0x1f;
constexpr std::size_t kLengthBytesMax = 4;

std::uint8_t byte(std::string_view bytes, std::size_t index) {
  return static_cast<std::uint8_t>(bytes[index]);
}

// The decimal number of `count` digits at `position`.
std::optional<int> digits(std::string_view text, std::size_t position, std::size_t count) {
  int value = 0;
  for (std::size_t i = position; i < position + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// Arcs in base 128, each in its shortest form and whole (X.690, 8.19).
bool is_object_identifier(std::string_view content) {
  bool inside = false;
  for (std::size_t i = 0; i < content.size(); ++i) {
    if (!inside && byte(content, i) == 0x80) return false;
    inside = (byte(content, i) & 0x80U) != 0;
  }
  return !content.empty() && !inside;
}

std::optional<TimePoint> calendar(int year, std::string_view rest) {
  const auto month = digits(rest, 0, 2);
  const auto day = digits(rest, 2, 2);
  const auto hour = digits(rest, 4, 2);
  const auto minute = digits(rest, 6, 2);
  const auto second = digits(rest, 8, 2);
  if (!month || !day || !hour || !minute || !second || rest[10] != 'Z') return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  return TimePoint{std::chrono::sys_days{date}} + std::chrono::hours{*hour} +
         std::chrono::minutes{*minute} + std::chrono::seconds{*second};
}

}  // namespace

std::optional<Element> Reader::next() {
  if (rest_.size() < 2) return std::nullopt;
  const std::uint8_t tag = byte(rest_, 0);
  if ((tag & kHighTagNumber) == kHighTagNumber) return std::nullopt;
  std::size_t length = byte(rest_, 1);
  std::size_t header = 2;
  if (length >= 0x80) {
    const std::size_t count = length & 0x7fU;
    if (count == 0 || count > kLengthBytesMax || rest_.size() < 2 + count) return std::nullopt;
    if (byte(rest_, 2) == 0) return std::nullopt;  // not the shortest form
    length = 0;
    for (std::size_t i = 0; i < count; ++i) length = (length << 8U) | byte(rest_, 2 + i);
    if (length < 0x80) return std::nullopt;  // not the shortest form
    header += count;
  }
  if (rest_.size() - header < length) return std::nullopt;
  Element element{tag, rest_.substr(header, length), rest_.substr(0, header + length)};
  if (tag == kObjectIdentifier && !is_object_identifier(element.content)) return std::nullopt;
  rest_.remove_prefix(header + length);
  return element;
}

std::optional<Element> Reader::next(std::uint8_t tag) {
  if (!next_is(tag)) return std::nullopt;
  return next();
}

std::optional<Element> sole(std::string_view bytes, std::uint8_t tag) {
  Reader reader(bytes);
  auto element = reader.next(tag);
  if (!element || !reader.at_end()) return std::nullopt;
  return element;
}

bool is_minimal_integer(std::string_view content) {
  if (content.empty()) return false;
  if (content.size() == 1) return true;
  const bool high = (byte(content, 1) & 0x80U) != 0;
  return !(byte(content, 0) == 0x00 && !high) && !(byte(content, 0) == 0xff && high);
}

bool is_negative(std::string_view content) {
  return !content.empty() && (byte(content, 0) & 0x80U) != 0;
}

std::optional<long> small_integer(std::string_view content) {
  if (!is_minimal_integer(content) || is_negative(content) || content.size() > 4)
    return std::nullopt;
  long value = 0;
  for (std::size_t i = 0; i < content.size(); ++i) value = (value << 8) | byte(content, i);
  return value;
}

std::optional<bool> boolean(std::string_view content) {
  if (content.size() != 1) return std::nullopt;
  if (byte(content, 0) == 0x00) return false;
  if (byte(content, 0) == 0xff) return true;
  return std::nullopt;
}

std::optional<Bits> bit_string(std::string_view content) {
  if (content.empty()) return std::nullopt;
  const unsigned unused = byte(content, 0);
  content.remove_prefix(1);
  if (unused > 7 || (content.empty() && unused != 0)) return std::nullopt;
  if (unused != 0 && (byte(content, content.size() - 1) & ((1U << unused) - 1U)) != 0) {
    return std::nullopt;  // DER: unused bits are zero
  }
  return Bits{content, unused};
}

std::optional<Time> time(const Element& element) {
  if (element.tag == kUtcTime && element.content.size() == 13) {
    const auto year = digits(element.content, 0, 2);
    if (!year) return std::nullopt;
    const auto when =
        calendar(*year >= 50 ? 1900 + *year : 2000 + *year, element.content.substr(2));
    if (!when) return std::nullopt;
    return Time{*when, true};
  }
  if (element.tag == kGeneralizedTime && element.content.size() == 15) {
    const auto year = digits(element.content, 0, 4);
    if (!year) return std::nullopt;
    const auto when = calendar(*year, element.content.substr(4));
    if (!when) return std::nullopt;
    return Time{*when, *year >= 2050 || *year < 1950};
  }
  return std::nullopt;
}

std::string dotted(std::string_view oid_content) {
  std::string text;
  std::uint64_t arc = 0;
  bool inside = false;
  for (std::size_t i = 0; i < oid_content.size(); ++i) {
    if (arc > (UINT64_MAX >> 7U)) return "(too large)";
    arc = (arc << 7U) | (byte(oid_content, i) & 0x7fU);
    inside = (byte(oid_content, i) & 0x80U) != 0;
    if (inside) continue;
    if (text.empty()) {
      const std::uint64_t first = arc < 80 ? arc / 40 : 2;
      text = std::to_string(first) + "." + std::to_string(arc - first * 40);
    } else {
      text += "." + std::to_string(arc);
    }
    arc = 0;
  }
  if (text.empty() || inside) return "(not an OID)";
  return text;
}

}  // namespace ipm::trust::der
