#pragma once
// The one-octet tags of IPP's encoding: what begins a group, and what type a value has
// (RFC 8010, 3.5.1 and 3.5.2; RFC 3995; PWG 5100.5; PWG 5100.22).

#include <cstdint>
#include <optional>
#include <string_view>

namespace ipm::ipp {

// Delimiter tags 0x01 to 0x0f. Those without a name here are kept as received.
enum class GroupTag : std::uint8_t {
  Operation = 0x01,
  Job = 0x02,
  End = 0x03,  // end-of-attributes: closes the section, never a group's tag
  Printer = 0x04,
  Unsupported = 0x05,
  Subscription = 0x06,
  EventNotification = 0x07,
  Resource = 0x08,
  Document = 0x09,
  System = 0x0a,
};

// Value tags 0x10 to 0x7f. Those without a name here are kept as received, as octets.
enum class Tag : std::uint8_t {
  // Out of band: they stand instead of a value, and their value is empty (0x10 to 0x1f).
  Unsupported = 0x10,
  Default = 0x11,
  Unknown = 0x12,
  NoValue = 0x13,
  NotSettable = 0x15,
  DeleteAttribute = 0x16,
  AdminDefine = 0x17,
  Integer = 0x21,
  Boolean = 0x22,
  Enum = 0x23,
  OctetString = 0x30,
  DateTime = 0x31,
  Resolution = 0x32,
  Range = 0x33,
  Collection = 0x34,  // begCollection
  TextWithLanguage = 0x35,
  NameWithLanguage = 0x36,
  EndCollection = 0x37,  // framing alone, never a Value's tag
  Text = 0x41,
  Name = 0x42,
  Keyword = 0x44,
  Uri = 0x45,
  UriScheme = 0x46,
  Charset = 0x47,
  NaturalLanguage = 0x48,
  MimeMediaType = 0x49,
  MemberName = 0x4a,  // framing alone, never a Value's tag
  Extension = 0x7f,   // the first four octets of the value are the tag; kept whole
};

constexpr bool is_out_of_band(Tag tag) {
  return static_cast<unsigned>(tag) >= 0x10 && static_cast<unsigned>(tag) <= 0x1f;
}

// Tags whose values are text without a language: text, name, keyword, uri, … (0x40 to 0x5f, but
// not the framing tag memberAttrName).
constexpr bool is_character_string(Tag tag) {
  return static_cast<unsigned>(tag) >= 0x40 && static_cast<unsigned>(tag) <= 0x5f &&
         tag != Tag::MemberName;
}

constexpr bool has_language(Tag tag) {
  return tag == Tag::TextWithLanguage || tag == Tag::NameWithLanguage;
}

// The registered names: "nameWithoutLanguage", "1setOf" is no tag. Unnamed tags: empty.
std::string_view tag_name(Tag tag);         // "integer", "keyword", "no-value", "collection"
std::string_view group_name(GroupTag tag);  // "operation-attributes-tag"
std::optional<Tag> find_tag(std::string_view name);

}  // namespace ipm::ipp
