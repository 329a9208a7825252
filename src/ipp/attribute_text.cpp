#include "ipp/attribute_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "ipp/attribute_types.h"
#include "ipp/limits.h"

namespace ipm::ipp {
namespace {

constexpr std::size_t kWholeValue = kValueBytesMax * 4;  // room for every byte's escape

std::span<const unsigned char> bytes_of(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

std::string enum_text(std::string_view attribute, std::int32_t value) {
  const std::string_view name = enum_name(attribute, value);
  return name.empty() ? std::to_string(value) : std::string(name);
}

std::string range_text(Range range) {
  if (range.lower == range.upper) return std::to_string(range.lower);
  return fmt::format("{}-{}", range.lower, range.upper);
}

std::string resolution_text(const Resolution& resolution) {
  const std::string_view units = resolution.units == Resolution::DotsPerInch         ? "dpi"
                                 : resolution.units == Resolution::DotsPerCentimetre ? "dpcm"
                                                                                     : "";
  const std::string suffix =
      units.empty() ? fmt::format("units{}", resolution.units) : std::string(units);
  if (resolution.cross_feed == resolution.feed) return fmt::format("{}{}", resolution.feed, suffix);
  return fmt::format("{}x{}{}", resolution.cross_feed, resolution.feed, suffix);
}

std::string date_text(const DateTime& date) {
  const auto time = date.find_time();
  return time ? to_rfc3339(*time) : "0x" + to_hex(date.octets);
}

std::string tag_text(Tag tag) {
  const std::string_view name = tag_name(tag);
  return name.empty() ? fmt::format("0x{:02x}", static_cast<unsigned>(tag)) : std::string(name);
}

// The value alone, for a person: no quotes.
std::string plain(const Value& value, std::string_view attribute) {
  if (const auto text = value.find_text()) return printable(*text, kWholeValue);
  if (const auto octets = value.find_octets()) return "0x" + to_hex(bytes_of(*octets));
  if (const auto number = value.find_integer()) {
    return value.tag() == Tag::Enum ? enum_text(attribute, *number) : std::to_string(*number);
  }
  if (const auto boolean = value.find_boolean()) return *boolean ? "true" : "false";
  if (const auto range = value.find_range()) return range_text(*range);
  if (const auto resolution = value.find_resolution()) return resolution_text(*resolution);
  if (const auto date = value.find_date_time()) return date_text(*date);
  if (const auto* members = value.find_collection()) return "{" + to_text(*members) + "}";
  return tag_text(value.tag());
}

// A text where it would not stand alone among blanks and commas.
std::string quoted_where_needed(std::string text) {
  static constexpr std::string_view kSpecial = " ,'\"{}=";
  if (!text.empty() && text.find_first_of(kSpecial) == std::string::npos) return text;
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\\';
    out += c;
  }
  return out + "'";
}

nlohmann::json json_of(const Value& value, std::string_view attribute) {
  if (const auto text = value.find_text())
    return is_utf8(*text) ? std::string(*text) : printable(*text, kWholeValue);
  if (const auto octets = value.find_octets()) return to_hex(bytes_of(*octets));
  if (const auto number = value.find_integer()) {
    const bool named = value.tag() == Tag::Enum && !enum_name(attribute, *number).empty();
    return named ? nlohmann::json(enum_name(attribute, *number)) : nlohmann::json(*number);
  }
  if (const auto boolean = value.find_boolean()) return *boolean;
  if (const auto range = value.find_range())
    return {{"lower", range->lower}, {"upper", range->upper}};
  if (const auto resolution = value.find_resolution()) return resolution_text(*resolution);
  if (const auto date = value.find_date_time()) return date_text(*date);
  if (const auto* members = value.find_collection()) return to_json(*members);
  return nullptr;
}

std::string describe(const ipp::Message& message, std::string_view kind, std::string_view code) {
  std::string out =
      fmt::format("{} {}, IPP/{}.{}, request-id {}\n", kind, code, message.header.version.major,
                  message.header.version.minor, message.header.request_id);
  for (const Group& group : message.groups) {
    const std::string_view name = group_name(group.tag);
    out += name.empty() ? fmt::format("  group 0x{:02x}\n", static_cast<unsigned>(group.tag))
                        : fmt::format("  {}\n", name);
    for (const Attribute& attribute : group.attributes) {
      const std::string type =
          attribute.values.empty() ? "?" : tag_text(attribute.values.front().tag());
      out += fmt::format("    {} ({}{}) = {}\n", printable(attribute.name),
                         attribute.values.size() > 1 ? "1setOf " : "", type, to_text(attribute));
    }
  }
  return out;
}

}  // namespace

std::string to_text(const Value& value, std::string_view attribute_name) {
  return plain(value, attribute_name);
}

std::string to_text(const Attribute& attribute) {
  std::string out;
  for (std::size_t i = 0; i < attribute.values.size(); ++i) {
    const Value& value = attribute.values[i];
    if (i != 0) out += ',';
    std::string text = plain(value, attribute.name);
    out += value.find_text() ? quoted_where_needed(std::move(text)) : text;
  }
  return out;
}

std::string to_text(const AttributeList& list) {
  std::string out;
  for (const Attribute& attribute : list.attributes) {
    if (!out.empty()) out += ' ';
    out += printable(attribute.name) + "=" + to_text(attribute);
  }
  return out;
}

nlohmann::json to_json(const Attribute& attribute) {
  if (attribute.values.size() == 1) return json_of(attribute.values.front(), attribute.name);
  nlohmann::json all = nlohmann::json::array();
  for (const Value& value : attribute.values) all.push_back(json_of(value, attribute.name));
  return all;
}

nlohmann::json to_json(const AttributeList& list) {
  nlohmann::json object = nlohmann::json::object();
  for (const Attribute& attribute : list.attributes) {
    object[is_utf8(attribute.name) ? attribute.name : printable(attribute.name)] =
        to_json(attribute);
  }
  return object;
}

std::string describe_request(const ipp::Message& message) {
  return describe(message, "request", operation_label(message.header.code));
}

std::string describe_reply(const ipp::Message& message) {
  return describe(message, "reply", status_label(message.header.code));
}

}  // namespace ipm::ipp
