#include "trust/distinguished_name.h"

#include <algorithm>
#include <cstdint>

#include "base/text.h"
#include "trust/der.h"

namespace ipm::trust {
namespace {

constexpr std::uint8_t kClassBits = 0xc0;
constexpr std::string_view kCommonName = "\x55\x04\x03";
constexpr std::string_view kEmailAddress = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01";

void append_utf8(std::string& text, std::uint32_t point) {
  const auto put = [&text](std::uint32_t value) { text += static_cast<char>(value); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xc0U | (point >> 6U));
    put(0x80U | (point & 0x3fU));
  } else if (point < 0x10000) {
    put(0xe0U | (point >> 12U));
    put(0x80U | ((point >> 6U) & 0x3fU));
    put(0x80U | (point & 0x3fU));
  } else {
    put(0xf0U | ((point >> 18U) & 0x07U));
    put(0x80U | ((point >> 12U) & 0x3fU));
    put(0x80U | ((point >> 6U) & 0x3fU));
    put(0x80U | (point & 0x3fU));
  }
}

// Big-endian code units of `width` bytes, each taken as one character.
std::optional<std::string> from_wide(std::string_view bytes, std::size_t width) {
  if (bytes.size() % width != 0) return std::nullopt;
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += width) {
    std::uint32_t point = 0;
    for (std::size_t k = 0; k < width; ++k) {
      point = (point << 8U) | static_cast<std::uint8_t>(bytes[i + k]);
    }
    if (point > 0x10ffff) return std::nullopt;
    append_utf8(text, point);
  }
  return text;
}

// The attribute's text; absent where the type holds none.
std::optional<std::string> text_of(const der::Element& value) {
  switch (value.tag) {
    case der::kUtf8String:
    case der::kNumericString:
    case der::kPrintableString:
    case der::kIa5String:
    case der::kVisibleString:
      return std::string(value.content);
    case der::kT61String:  // in practice Latin-1
      return from_wide(value.content, 1);
    case der::kBmpString:
      return from_wide(value.content, 2);
    case der::kUniversalString:
      return from_wide(value.content, 4);
    default:
      return std::nullopt;
  }
}

// Lower case, no blanks at the ends, one blank for several.
std::string folded(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  bool blank = false;
  for (const char c : text) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      blank = !result.empty();
      continue;
    }
    if (blank) result += ' ';
    blank = false;
    result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

void append_with_length(std::string& target, std::string_view bytes) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    target += static_cast<char>((bytes.size() >> shift) & 0xffU);
  }
  target += bytes;
}

}  // namespace

std::optional<DistinguishedName> DistinguishedName::parse(std::string_view encoding) {
  const auto sequence = der::sole(encoding, der::kSequence);
  if (!sequence) return std::nullopt;
  DistinguishedName name;
  name.encoding_ = encoding;
  der::Reader rdns(sequence->content);
  std::vector<std::string> attributes;
  while (!rdns.at_end()) {
    const auto rdn = rdns.next(der::kSet);
    if (!rdn || rdn->content.empty()) return std::nullopt;
    attributes.clear();
    der::Reader set(rdn->content);
    while (!set.at_end()) {
      const auto pair = set.next(der::kSequence);
      if (!pair) return std::nullopt;
      der::Reader fields(pair->content);
      const auto type = fields.next(der::kObjectIdentifier);
      const auto value = fields.next();
      if (!type || type->content.empty() || !value || !fields.at_end()) return std::nullopt;
      if ((value->tag & kClassBits) != 0) return std::nullopt;  // no attribute's type is private
      if (value->tag == der::kUtf8String && !is_utf8(value->content)) return std::nullopt;
      const auto text = text_of(*value);
      if (text && type->content == kCommonName) name.common_names_.push_back(*text);
      if (text && type->content == kEmailAddress) name.emails_.push_back(*text);
      std::string& attribute = attributes.emplace_back();
      append_with_length(attribute, type->content);
      attribute += text ? 's' : 'x';
      append_with_length(attribute, text ? folded(*text) : std::string(value->encoding));
    }
    std::ranges::sort(attributes);
    std::string joined;
    for (const std::string& attribute : attributes) append_with_length(joined, attribute);
    append_with_length(name.canonical_, joined);
  }
  return name;
}

bool same_name(std::string_view encoding, std::string_view other) {
  if (encoding == other) return true;
  const auto one = DistinguishedName::parse(encoding);
  const auto two = DistinguishedName::parse(other);
  return one && two && *one == *two;
}

}  // namespace ipm::trust
