#pragma once
// One value of an IPP attribute, with its type tag (RFC 8010, 3.9; RFC 8011, 5.1).
//
// A Value holds what the wire held, no more and no less: what was decoded encodes to the same
// bytes, also dates that do not exist and types not known yet. It is 48 bytes; short strings,
// numbers, ranges, resolutions and dates take no allocation.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "ipp/tags.h"

namespace ipm::ipp {

struct Attribute;
class Value;

struct Range {
  std::int32_t lower = 0;
  std::int32_t upper = 0;
  bool operator==(const Range&) const = default;
};

struct Resolution {
  enum Units : std::uint8_t {
    DotsPerInch = 3,
    DotsPerCentimetre = 4
  };  // others are kept as received
  std::int32_t cross_feed = 0;
  std::int32_t feed = 0;
  std::uint8_t units = DotsPerInch;
  bool operator==(const Resolution&) const = default;
};

// The eleven octets of DateAndTime (RFC 2579).
struct DateTime {
  std::array<unsigned char, 11> octets{};

  static DateTime from(TimePoint time);  // UTC, tenths 0
  // Absent when the octets are no date. Tenths of seconds are dropped; second 60 is the next
  // minute.
  std::optional<TimePoint> find_time() const;
  bool operator==(const DateTime&) const = default;
};

// Attributes in the order received: what a group and a collection have in common. The finders look
// at the first attribute of that name, and at its first value unless they say "all"; they are
// absent when there is no such attribute or its value is of another type.
class AttributeList {
 public:
  std::vector<Attribute> attributes;

  // Defaulted below, where an Attribute is complete.
  AttributeList() noexcept;
  AttributeList(const AttributeList& other);
  AttributeList(AttributeList&& other) noexcept;
  AttributeList& operator=(const AttributeList& other);
  AttributeList& operator=(AttributeList&& other) noexcept;
  ~AttributeList();

  const Attribute* find(std::string_view name) const;
  Attribute* find(std::string_view name);
  bool contains(std::string_view name) const { return find(name) != nullptr; }
  bool remove(std::string_view name);  // the first of that name; whether there was one

  std::optional<std::int32_t> find_integer(std::string_view name) const;  // integer and enum
  std::optional<bool> find_boolean(std::string_view name) const;
  // Any character string, with or without language. The view lives as long as the value.
  std::optional<std::string_view> find_text(std::string_view name) const;
  std::optional<std::string_view> find_octets(std::string_view name) const;  // octetString
  std::optional<Range> find_range(std::string_view name) const;  // an integer is a range of one
  std::optional<Resolution> find_resolution(std::string_view name) const;
  std::optional<TimePoint> find_time(std::string_view name) const;  // a dateTime that is one
  const AttributeList* find_collection(std::string_view name) const;
  // All values of the attribute that are of that kind; empty when there is none.
  std::vector<std::string_view> find_all_text(std::string_view name) const;
  std::vector<std::int32_t> find_all_integers(std::string_view name) const;

  // Builders append; they never look whether the name is there already. `tag` is Integer or Enum;
  // a character string's tag; or an out-of-band tag.
  void add(Attribute attribute);
  void add(std::string_view name, Value value);
  void add(std::string_view name,
           std::vector<Value> values);  // 1setOf; must not be empty to be encoded
  void add_integer(std::string_view name, Tag tag, std::int32_t value);
  void add_integer(std::string_view name, std::int32_t value) {
    add_integer(name, Tag::Integer, value);
  }
  void add_enum(std::string_view name, std::int32_t value) { add_integer(name, Tag::Enum, value); }
  template <class Integers = std::initializer_list<std::int32_t>>
  void add_integers(std::string_view name, Tag tag, const Integers& values);
  void add_boolean(std::string_view name, bool value);
  void add_string(std::string_view name, Tag tag, std::string_view value);
  template <class Strings = std::initializer_list<std::string_view>>
  void add_strings(std::string_view name, Tag tag, const Strings& values);
  void add_keyword(std::string_view name, std::string_view v) { add_string(name, Tag::Keyword, v); }
  template <class Strings = std::initializer_list<std::string_view>>
  void add_keywords(std::string_view name, const Strings& values) {
    add_strings(name, Tag::Keyword, values);
  }
  void add_uri(std::string_view name, std::string_view v) { add_string(name, Tag::Uri, v); }
  void add_name(std::string_view name, std::string_view v) { add_string(name, Tag::Name, v); }
  void add_text(std::string_view name, std::string_view v) { add_string(name, Tag::Text, v); }
  void add_charset(std::string_view name, std::string_view v) { add_string(name, Tag::Charset, v); }
  void add_language(std::string_view name, std::string_view v) {
    add_string(name, Tag::NaturalLanguage, v);
  }
  void add_mime_type(std::string_view name, std::string_view v) {
    add_string(name, Tag::MimeMediaType, v);
  }
  void add_octets(std::string_view name, std::string_view v) {
    add_string(name, Tag::OctetString, v);
  }
  void add_range(std::string_view name, std::int32_t lower, std::int32_t upper);
  void add_resolution(std::string_view name, std::int32_t cross_feed, std::int32_t feed,
                      std::uint8_t units = Resolution::DotsPerInch);
  void add_date_time(std::string_view name, TimePoint time);
  void add_collection(std::string_view name, AttributeList members);
  void add_out_of_band(std::string_view name, Tag tag);
  void add_no_value(std::string_view name) { add_out_of_band(name, Tag::NoValue); }
  void add_unknown(std::string_view name) { add_out_of_band(name, Tag::Unknown); }

  bool operator==(const AttributeList& other) const;
};

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
