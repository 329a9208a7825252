#include "ipp/codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace ipm::ipp {
namespace {

std::size_t short_at(std::span<const unsigned char> bytes, std::size_t at) {
  return static_cast<std::size_t>(bytes[at]) << 8U | bytes[at + 1];
}

std::int32_t integer_at(std::span<const unsigned char> bytes, std::size_t at) {
  const std::uint32_t bits = static_cast<std::uint32_t>(bytes[at]) << 24U |
                             static_cast<std::uint32_t>(bytes[at + 1]) << 16U |
                             static_cast<std::uint32_t>(bytes[at + 2]) << 8U | bytes[at + 3];
  return static_cast<std::int32_t>(bits);
}

std::span<const unsigned char> bytes_of(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

std::string text_of(std::span<const unsigned char> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

// Tag, name-length, name, value-length, value (RFC 8010, 3.1.4).
struct Decoder::Token {
  Tag tag;
  std::span<const unsigned char> name;
  std::span<const unsigned char> value;
};

std::size_t Decoder::feed(std::span<const unsigned char> bytes) {
  const std::size_t offered = bytes.size();
  while (!complete_ && !bytes.empty()) {
    if (partial_.empty()) {
      const std::size_t taken = read_next(bytes);
      bytes = bytes.subspan(taken);
      if (taken != 0) continue;
    }
    // An unfinished token: keep what it still needs, and look at it again only when that is there.
    const std::size_t wanted = std::min(bytes.size(), needed_ - partial_.size());
    partial_ += text_of(bytes.first(wanted));
    bytes = bytes.subspan(wanted);
    if (partial_.size() == needed_ && read_next(bytes_of(partial_)) != 0) partial_.clear();
  }
  return offered - bytes.size();
}

std::size_t Decoder::feed(std::string_view bytes) {
  return feed(bytes_of(bytes));
}

// Reads the header, a delimiter or one value from the front; 0 when it is not whole yet, and then
// needed_ is the least number of bytes that can tell more.
std::size_t Decoder::read_next(std::span<const unsigned char> bytes) {
  auto lacks = [&](std::size_t length) {
    if (bytes_ + length > limits_.section_bytes_max)
      refuse_size("bytes", limits_.section_bytes_max);
    needed_ = length;
    return bytes.size() < length;
  };
  std::size_t length = 0;
  if (!header_read_) {
    if (lacks(kHeaderBytes)) return 0;
    length = kHeaderBytes;
    message_.header = *ipp::find_header(bytes);
    header_read_ = true;
  } else if (lacks(1)) {
    return 0;
  } else if (bytes[0] < 0x10) {
    length = 1;
    begin_group(bytes[0]);
  } else {
    if (lacks(3)) return 0;
    const std::size_t name_length = short_at(bytes, 1);
    if (name_length > kNameBytesMax) {
      refuse(fmt::format("an attribute's name has {} bytes", name_length), "at most 255");
    }
    if (lacks(5 + name_length)) return 0;
    const std::size_t value_length = short_at(bytes, 3 + name_length);
    if (value_length > kValueBytesMax) {
      refuse(fmt::format("a value has {} bytes", value_length), "at most 32767");
    }
    length = 5 + name_length + value_length;
    if (lacks(length)) return 0;
    read_value({static_cast<Tag>(bytes[0]), bytes.subspan(3, name_length),
                bytes.subspan(5 + name_length, value_length)});
  }
  bytes_ += length;
  return length;
}

void Decoder::begin_group(unsigned char tag) {
  if (!frames_.empty()) refuse("a group begins inside a collection", "the collection's end");
  if (tag == 0) refuse("a group has the reserved tag 0x00", "a tag from 0x01 to 0x0f");
  if (static_cast<GroupTag>(tag) == GroupTag::End) {
    complete_ = true;
    return;
  }
  if (message_.groups.size() == limits_.groups_max) refuse_size("groups", limits_.groups_max);
  message_.groups.emplace_back(static_cast<GroupTag>(tag));
}

void Decoder::read_value(const Token& token) {
  if (static_cast<unsigned>(token.tag) > 0x7f) {
    refuse(fmt::format("a value has the tag 0x{:02x}", static_cast<unsigned>(token.tag)),
           "a tag from 0x10 to 0x7f");
  }
  if (message_.groups.empty())
    refuse("an attribute stands before any group", "a group's tag first");
  if (!frames_.empty() && !token.name.empty()) {
    refuse("an attribute begins inside a collection", "memberAttrName, or the collection's end");
  }
  if (token.tag == Tag::MemberName) return read_member(token);
  if (token.tag == Tag::EndCollection) return end_collection(token);
  std::vector<Value>& values = open_attribute(token);
  if (++values_ > limits_.values_max) refuse_size("values", limits_.values_max);
  if (token.tag != Tag::Collection) {
    values.push_back(typed_value(token));
    return;
  }
  if (!token.value.empty()) refuse("begCollection carries a value", "an empty value");
  if (frames_.size() == kCollectionDepthMax) refuse_size("nested collections", kCollectionDepthMax);
  frames_.emplace_back();
}

// The attribute or member that the token's value belongs to: a new one, or the one before it.
std::vector<Value>& Decoder::open_attribute(const Token& token) {
  const bool member = !frames_.empty();
  AttributeList& list = member ? frames_.back().members : message_.groups.back();
  const bool begins = member ? !frames_.back().pending.empty() : !token.name.empty();
  if (begins) {
    if (++attributes_ > limits_.attributes_max) refuse_size("attributes", limits_.attributes_max);
    std::string name = member ? std::exchange(frames_.back().pending, {}) : text_of(token.name);
    list.attributes.push_back({std::move(name), {}});
  } else if (list.attributes.empty()) {
    refuse("a value stands without an attribute's name",
           member ? "memberAttrName first" : "a named attribute first");
  }
  return list.attributes.back().values;
}

void Decoder::read_member(const Token& token) {
  if (frames_.empty()) refuse("memberAttrName stands outside a collection", "begCollection first");
  if (!frames_.back().pending.empty())
    refuse("a member has no value", "at least one value after memberAttrName");
  if (token.value.empty() || token.value.size() > kNameBytesMax) {
    refuse(fmt::format("a member's name has {} bytes", token.value.size()), "1 to 255");
  }
  frames_.back().pending = text_of(token.value);
}

void Decoder::end_collection(const Token& token) {
  if (frames_.empty()) refuse("endCollection stands outside a collection", "begCollection first");
  if (!frames_.back().pending.empty())
    refuse("a member has no value", "at least one value after memberAttrName");
  if (!token.value.empty()) refuse("endCollection carries a value", "an empty value");
  Collection members = std::move(frames_.back().members);
  frames_.pop_back();
  AttributeList& list = frames_.empty() ? message_.groups.back() : frames_.back().members;
  list.attributes.back().values.push_back(Value::collection(std::move(members)));
}

Value Decoder::typed_value(const Token& token) const {
  const auto& octets = token.value;
  auto expect = [&](std::size_t length) {
    if (octets.size() != length) {
      refuse(fmt::format("a value of type {} has {} bytes", tag_name(token.tag), octets.size()),
             fmt::format("{}", length));
    }
  };
  switch (token.tag) {
    case Tag::Unsupported:
    case Tag::Default:
    case Tag::Unknown:
    case Tag::NoValue:
    case Tag::NotSettable:
    case Tag::DeleteAttribute:
    case Tag::AdminDefine:
      expect(0);
      return Value::out_of_band(token.tag);
    case Tag::Integer:
    case Tag::Enum:
      expect(4);
      return Value::integer(integer_at(octets, 0), token.tag);
    case Tag::Boolean:
      expect(1);
      if (octets[0] > 1) refuse(fmt::format("a boolean is 0x{:02x}", octets[0]), "0x00 or 0x01");
      return Value::boolean(octets[0] == 1);
    case Tag::DateTime: {
      DateTime time;
      expect(time.octets.size());
      std::copy(octets.begin(), octets.end(), time.octets.begin());
      return Value::date_time(time);
    }
    case Tag::Resolution:
      expect(9);
      return Value::resolution({integer_at(octets, 0), integer_at(octets, 4), octets[8]});
    case Tag::Range:
      expect(8);
      return Value::range(integer_at(octets, 0), integer_at(octets, 4));
    case Tag::TextWithLanguage:
    case Tag::NameWithLanguage:
      return localized_value(token);
    case Tag::Extension:
      if (octets.size() < 4)
        refuse("an extended value has no tag", "four octets of tag, then the value");
      return Value::string(token.tag, text_of(octets));
    default:
      return Value::string(token.tag, text_of(octets));
  }
}

// Language and text, each behind its length; together exactly the value (RFC 8010, 3.9).
Value Decoder::localized_value(const Token& token) const {
  const auto& octets = token.value;
  const std::size_t language = octets.size() < 4 ? octets.size() : short_at(octets, 0);
  if (language + 4 > octets.size() ||
      language + 4 + short_at(octets, 2 + language) != octets.size()) {
    refuse(fmt::format("a {} has lengths that contradict each other", tag_name(token.tag)),
           "language-length, language, text-length, text");
  }
  const std::string text = text_of(octets);
  return Value::with_language(token.tag, std::string_view(text).substr(2, language),
                              std::string_view(text).substr(4 + language));
}

std::optional<Header> Decoder::find_header() const {
  if (!header_read_) return std::nullopt;
  return message_.header;
}

void Decoder::refuse(std::string_view happened, std::string_view expected) const {
  std::string place;
  if (!message_.groups.empty() && !message_.groups.back().attributes.empty()) {
    place = fmt::format(", after attribute \"{}\"",
                        printable(message_.groups.back().attributes.back().name));
  }
  throw Error(ipm::Message::IppMalformed,
              fmt::format("IPP message, byte {}{}: {}", bytes_, place, happened),
              std::string(expected));
}

void Decoder::refuse_size(std::string_view what, std::size_t limit) const {
  throw Error(ipm::Message::IppTooLarge,
              fmt::format("IPP message, byte {}: too many {}", bytes_, what),
              fmt::format("at most {}", limit));
}

Decoded decode(std::span<const unsigned char> bytes, const DecodeLimits& limits) {
  Decoder decoder(limits);
  decoder.feed(bytes);
  if (!decoder.complete()) {
    throw Error(ipm::Message::IppMalformed,
                fmt::format("the IPP message ends in the middle, at byte {}", bytes.size()),
                "end-of-attributes (0x03)");
  }
  return {decoder.take(), decoder.bytes()};
}

Decoded decode(std::string_view bytes, const DecodeLimits& limits) {
  return decode(bytes_of(bytes), limits);
}

std::optional<Header> find_header(std::span<const unsigned char> bytes) {
  if (bytes.size() < kHeaderBytes) return std::nullopt;
  return Header{
      {bytes[0], bytes[1]}, static_cast<std::uint16_t>(short_at(bytes, 2)), integer_at(bytes, 4)};
}

std::optional<Header> find_header(std::string_view bytes) {
  return find_header(bytes_of(bytes));
}

}  // namespace ipm::ipp
