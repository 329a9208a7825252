#pragma once
// One value of an IPP attribute, with its type tag (RFC 8010, 3.9; RFC 8011, 5.1).
//
// A Value holds what the wire held, no more and no less: what was decoded encodes to the same
// bytes, also dates that do not exist and types not known yet. It is 48 bytes; short strings,
// numbers, ranges, resolutions and dates take no allocation.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "ipp/attribute_list.h"
#include "ipp/scalar.h"
#include "ipp/tags.h"

namespace ipm::ipp {

using Collection = AttributeList;

class Value {
 public:
  static Value integer(std::int32_t value, Tag tag = Tag::Integer);
  static Value boolean(bool value);
  static Value range(std::int32_t lower, std::int32_t upper);
  static Value resolution(Resolution resolution);
  static Value date_time(DateTime time);
  static Value collection(Collection members);
  static Value out_of_band(Tag tag);
  // Character strings, octetString, and the octets of any tag that has no type of its own here.
  static Value string(Tag tag, std::string octets);
  // `tag` is TextWithLanguage or NameWithLanguage. Throws Error{IppMalformed} above 32763 octets
  // together.
  static Value with_language(Tag tag, std::string_view language, std::string_view text);

  Tag tag() const { return tag_; }

  std::optional<std::int32_t> find_integer() const;  // integer and enum
  std::optional<bool> find_boolean() const;
  std::optional<std::string_view> find_text() const;      // character strings; without the language
  std::optional<std::string_view> find_language() const;  // of text and name with language
  std::optional<std::string_view> find_octets() const;    // octetString and unnamed tags; no text
  std::optional<Range> find_range() const;                // an integer is a range of one
  std::optional<Resolution> find_resolution() const;
  std::optional<DateTime> find_date_time() const;
  const Collection* find_collection() const;

  // The value's octets where it is held as octets (also text with language, in its encoded form).
  const std::string* octets() const { return std::get_if<std::string>(&data_); }

  bool operator==(const Value&) const;

 private:
  using Data = std::variant<std::monostate, std::int32_t, bool, Range, Resolution, DateTime,
                            std::string, Collection>;
  Value(Tag tag, Data data) : tag_(tag), data_(std::move(data)) {}

  Tag tag_;    // Decides which alternative data_ holds.
  Data data_;  // monostate: out of band with an empty value
};

// A named attribute with one value or several (1setOf). Values may differ in type (keyword or
// name).
struct Attribute {
  std::string name;
  std::vector<Value> values;

  bool operator==(const Attribute&) const = default;
};

inline AttributeList::AttributeList() noexcept = default;
inline AttributeList::AttributeList(const AttributeList& other) = default;
inline AttributeList::AttributeList(AttributeList&& other) noexcept = default;
inline AttributeList& AttributeList::operator=(const AttributeList& other) = default;
inline AttributeList& AttributeList::operator=(AttributeList&& other) noexcept = default;
inline AttributeList::~AttributeList() = default;

template <class Integers>
void AttributeList::add_integers(std::string_view name, Tag tag, const Integers& values) {
  std::vector<Value> all;
  for (const auto value : values)
    all.push_back(Value::integer(static_cast<std::int32_t>(value), tag));
  add(name, std::move(all));
}

template <class Strings>
void AttributeList::add_strings(std::string_view name, Tag tag, const Strings& values) {
  std::vector<Value> all;
  for (const auto& value : values)
    all.push_back(Value::string(tag, std::string(std::string_view(value))));
  add(name, std::move(all));
}

}  // namespace ipm::ipp
