#pragma once
// A list of attributes with its finders and builders: what a group and a collection have in common.
// Lists hold values and values hold lists, so include ipp/value.h, which completes both.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ipp/scalar.h"
#include "ipp/tags.h"

namespace ipm::ipp {

struct Attribute;
class Value;

// Attributes in the order received. The finders look at the first attribute of that name, and at
// its first value unless they say "all"; they are absent when there is no such attribute or its
// value is of another type.
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

}  // namespace ipm::ipp
