#include "ipp/wire.h"

#include <fmt/format.h>

#include <array>

#include "base/error.h"
#include "base/text.h"
#include "ipp/limits.h"

namespace ipm::ipp::wire {
namespace {

[[noreturn]] void refuse(std::string_view name, std::string_view happened,
                         std::string_view expected) {
  throw Error(ipm::Message::IppMalformed,
              fmt::format("attribute \"{}\" cannot be encoded: {}", printable(name), happened),
              std::string(expected));
}

char octet(std::size_t number) {
  return static_cast<char>(static_cast<unsigned char>(number));
}

std::array<char, 4> big_endian(std::int32_t value) {
  const auto bits = static_cast<std::uint32_t>(value);
  return {octet(bits >> 24U), octet(bits >> 16U & 0xFFU), octet(bits >> 8U & 0xFFU),
          octet(bits & 0xFFU)};
}

void append_number(std::string& out, std::int32_t value) {
  const auto octets = big_endian(value);
  out.append(octets.data(), octets.size());
}

// Tag, name-length, name, value-length: what stands before every value.
void append_start(std::string& out, Tag tag, std::string_view name, std::size_t value_length) {
  if (name.size() > kNameBytesMax)
    refuse(name, "its name is too long", "a name of at most 255 octets");
  if (value_length > kValueBytesMax) refuse(name, "a value is too long", "at most 32767 octets");
  const std::array<char, 3> before = {octet(static_cast<std::size_t>(tag)),
                                      octet(name.size() >> 8U), octet(name.size() & 0xFFU)};
  out.append(before.data(), before.size());
  out.append(name);
  const std::array<char, 2> length = {octet(value_length >> 8U), octet(value_length & 0xFFU)};
  out.append(length.data(), length.size());
}

void append_deep(std::string& out, std::string_view name, const Value& value, std::size_t depth);

void append_collection(std::string& out, std::string_view name, const Collection& members,
                       std::size_t depth) {
  if (depth >= kCollectionDepthMax) {
    refuse(name, "collections are nested too deep",
           fmt::format("at most {} levels", kCollectionDepthMax));
  }
  append_start(out, Tag::Collection, name, 0);
  for (const Attribute& member : members.attributes) {
    if (member.name.empty()) refuse(name, "a member has no name", "a name of 1 to 255 octets");
    if (member.name.size() > kNameBytesMax)
      refuse(name, "a member's name is too long", "at most 255 octets");
    if (member.values.empty()) refuse(member.name, "it has no value", "at least one value");
    append_octets(out, {}, Tag::MemberName, member.name);
    for (const Value& value : member.values) append_deep(out, {}, value, depth + 1);
  }
  append_start(out, Tag::EndCollection, {}, 0);
}

void append_resolution(std::string& out, std::string_view name, const Resolution& value) {
  append_start(out, Tag::Resolution, name, 9);
  append_number(out, value.cross_feed);
  append_number(out, value.feed);
  out += octet(value.units);
}

void append_deep(std::string& out, std::string_view name, const Value& value, std::size_t depth) {
  if (const std::string* octets = value.octets())
    return append_octets(out, name, value.tag(), *octets);
  if (const auto number = value.find_integer())
    return append_integer(out, name, value.tag(), *number);
  if (const auto boolean = value.find_boolean()) return append_boolean(out, name, *boolean);
  if (const auto range = value.find_range()) return append_range(out, name, *range);
  if (const auto time = value.find_date_time()) return append_date_time(out, name, *time);
  if (const auto resolution = value.find_resolution())
    return append_resolution(out, name, *resolution);
  if (const auto* members = value.find_collection())
    return append_collection(out, name, *members, depth);
  append_start(out, value.tag(), name, 0);  // out of band
}

std::size_t size_of_values(const std::vector<Value>& values);

std::size_t size_of_value(const Value& value) {
  static constexpr std::size_t kFixedMax = 5 + 11;  // tag, two lengths, and a dateTime
  if (const std::string* octets = value.octets()) return 5 + octets->size();
  const Collection* members = value.find_collection();
  if (!members) return kFixedMax;
  std::size_t total = 10;
  for (const Attribute& member : members->attributes) {
    total += 5 + member.name.size() + size_of_values(member.values);
  }
  return total;
}

std::size_t size_of_values(const std::vector<Value>& values) {
  std::size_t total = 0;
  for (const Value& value : values) total += size_of_value(value);
  return total;
}

}  // namespace

void append_header(std::string& out, const Header& header) {
  out += octet(header.version.major);
  out += octet(header.version.minor);
  out += octet(static_cast<std::size_t>(header.code) >> 8U);
  out += octet(header.code & 0xFFU);
  append_number(out, header.request_id);
}

void append_group_tag(std::string& out, GroupTag tag) {
  const auto number = static_cast<std::size_t>(tag);
  if (number == 0 || number > 0x0f || tag == GroupTag::End) {
    throw Error(ipm::Message::IppMalformed, fmt::format("a group has the tag 0x{:02x}", number),
                "0x01 to 0x0f, but not 0x03");
  }
  out += octet(number);
}

void append_attribute(std::string& out, const Attribute& attribute) {
  if (attribute.name.empty()) refuse({}, "it has no name", "a name of 1 to 255 octets");
  if (attribute.values.empty()) refuse(attribute.name, "it has no value", "at least one value");
  std::string_view name = attribute.name;
  for (const Value& value : attribute.values) {
    append_deep(out, name, value, 0);
    name = {};
  }
}

void append_value(std::string& out, std::string_view name, const Value& value) {
  append_deep(out, name, value, 0);
}

void append_integer(std::string& out, std::string_view name, Tag tag, std::int32_t value) {
  append_start(out, tag, name, 4);
  append_number(out, value);
}

void append_boolean(std::string& out, std::string_view name, bool value) {
  append_start(out, Tag::Boolean, name, 1);
  out += octet(value ? 1 : 0);
}

void append_range(std::string& out, std::string_view name, Range value) {
  append_start(out, Tag::Range, name, 8);
  append_number(out, value.lower);
  append_number(out, value.upper);
}

void append_date_time(std::string& out, std::string_view name, const DateTime& value) {
  append_start(out, Tag::DateTime, name, value.octets.size());
  for (const unsigned char one : value.octets) out += octet(one);
}

void append_octets(std::string& out, std::string_view name, Tag tag, std::string_view value) {
  append_start(out, tag, name, value.size());
  out.append(value);
}

std::size_t size_of(const Attribute& attribute) {
  return attribute.name.size() + size_of_values(attribute.values);
}

}  // namespace ipm::ipp::wire
