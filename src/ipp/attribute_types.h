#pragma once
// What is known of attributes by their names: the type and the group in which clients send them,
// and the names of enum values (RFC 8011, 5.2 to 5.4; PWG 5100.x).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ipp/tags.h"

namespace ipm::ipp {

struct AttributeType {
  std::string_view name;
  Tag tag;
  GroupTag group = GroupTag::Job;  // or Operation
  bool set = false;                // 1setOf: a comma separates values
  bool name_too = false;           // takes a name as well as a keyword
};

// Attributes that a client may give on its command line; null when the name is not known.
const AttributeType* find_attribute_type(std::string_view name);

// The group an option of that name is sent in: Job for all that are not known.
GroupTag group_of_option(std::string_view name);

// The keyword of an enum's value: ("print-quality", 5) is "high"; empty when unknown. The
// attribute's -default, -supported, -ready and -actual variants have the same names.
std::string_view enum_name(std::string_view attribute, std::int32_t value);
std::optional<std::int32_t> find_enum(std::string_view attribute, std::string_view keyword);

}  // namespace ipm::ipp
