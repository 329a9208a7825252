#include "ipp/value.h"

#include <fmt/format.h>

#include <utility>

#include "base/error.h"
#include "ipp/limits.h"

namespace ipm::ipp {
namespace {

std::size_t length_at(std::string_view octets, std::size_t at) {
  return static_cast<std::size_t>(static_cast<unsigned char>(octets[at])) << 8U |
         static_cast<unsigned char>(octets[at + 1]);
}

void append_length(std::string& out, std::size_t length) {
  out += static_cast<char>(length >> 8U);
  out += static_cast<char>(length & 0xFFU);
}

}  // namespace

// -----------------------------------------------------------------------------------------

Value Value::integer(std::int32_t value, Tag tag) {
  if (tag != Tag::Integer && tag != Tag::Enum) {
    throw Error(ipm::Message::IppMalformed, "a number was given another type's tag",
                "integer or enum");
  }
  return {tag, value};
}

Value Value::boolean(bool value) {
  return {Tag::Boolean, value};
}
Value Value::range(std::int32_t lower, std::int32_t upper) {
  return {Tag::Range, Range{lower, upper}};
}
Value Value::resolution(Resolution resolution) {
  return {Tag::Resolution, resolution};
}
Value Value::date_time(DateTime time) {
  return {Tag::DateTime, time};
}
Value Value::collection(Collection members) {
  return {Tag::Collection, std::move(members)};
}

Value Value::out_of_band(Tag tag) {
  if (!is_out_of_band(tag)) {
    throw Error(ipm::Message::IppMalformed, "a value is missing", "an out-of-band tag, or a value");
  }
  return {tag, std::monostate()};
}

Value Value::string(Tag tag, std::string octets) {
  switch (tag) {
    case Tag::Unsupported:
    case Tag::Default:
    case Tag::Unknown:
    case Tag::NoValue:
    case Tag::NotSettable:
    case Tag::DeleteAttribute:
    case Tag::AdminDefine:
    case Tag::Integer:
    case Tag::Boolean:
    case Tag::Enum:
    case Tag::DateTime:
    case Tag::Resolution:
    case Tag::Range:
    case Tag::Collection:
    case Tag::EndCollection:
    case Tag::MemberName:
    case Tag::TextWithLanguage:
    case Tag::NameWithLanguage:
      throw Error(ipm::Message::IppMalformed,
                  fmt::format("a string was given the tag {}", tag_name(tag)),
                  "a tag whose values are octets");
    default:
      return {tag, std::move(octets)};
  }
}

Value Value::with_language(Tag tag, std::string_view language, std::string_view text) {
  if (!has_language(tag) || language.size() + text.size() + 4 > kValueBytesMax) {
    throw Error(ipm::Message::IppMalformed, "a text with language does not fit its encoding",
                "textWithLanguage or nameWithLanguage of at most 32763 octets");
  }
  std::string octets;
  octets.reserve(language.size() + text.size() + 4);
  append_length(octets, language.size());
  octets += language;
  append_length(octets, text.size());
  octets += text;
  return {tag, std::move(octets)};
}

std::optional<std::int32_t> Value::find_integer() const {
  const auto* value = std::get_if<std::int32_t>(&data_);
  return value ? std::optional(*value) : std::nullopt;
}

std::optional<bool> Value::find_boolean() const {
  const auto* value = std::get_if<bool>(&data_);
  return value ? std::optional(*value) : std::nullopt;
}

std::optional<std::string_view> Value::find_text() const {
  const std::string* held = octets();
  if (!held) return std::nullopt;
  if (is_character_string(tag_)) return *held;
  if (!has_language(tag_)) return std::nullopt;
  return std::string_view(*held).substr(4 + length_at(*held, 0));
}

std::optional<std::string_view> Value::find_language() const {
  const std::string* held = octets();
  if (!held || !has_language(tag_)) return std::nullopt;
  return std::string_view(*held).substr(2, length_at(*held, 0));
}

std::optional<std::string_view> Value::find_octets() const {
  const std::string* held = octets();
  if (!held || is_character_string(tag_) || has_language(tag_)) return std::nullopt;
  return *held;
}

std::optional<Range> Value::find_range() const {
  if (const auto* value = std::get_if<Range>(&data_)) return *value;
  if (const auto* value = std::get_if<std::int32_t>(&data_); value && tag_ == Tag::Integer) {
    return Range{*value, *value};
  }
  return std::nullopt;
}

std::optional<Resolution> Value::find_resolution() const {
  const auto* value = std::get_if<Resolution>(&data_);
  return value ? std::optional(*value) : std::nullopt;
}

std::optional<DateTime> Value::find_date_time() const {
  const auto* value = std::get_if<DateTime>(&data_);
  return value ? std::optional(*value) : std::nullopt;
}

const Collection* Value::find_collection() const {
  return std::get_if<Collection>(&data_);
}

bool Value::operator==(const Value& other) const = default;

}  // namespace ipm::ipp
