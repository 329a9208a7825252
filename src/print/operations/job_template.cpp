#include "print/operations/job_template.h"

#include <fmt/format.h>

#include <algorithm>

#include "print/printer_description.h"

namespace ipm::print {
namespace {

using ipp::Attribute;
using ipp::AttributeList;
using ipp::Tag;
using ipp::Value;

// Attributes that come in the job group and are no template attributes with a "-supported" of the
// same name; each is judged where it is used.
bool is_description(std::string_view name) {
  return name == "job-name";
}

bool is_custom_medium(std::string_view text) {
  return text.starts_with("custom_") || text.starts_with("om_") || text.starts_with("na_") ||
         text.starts_with("iso_") || text.starts_with("jis_") || text.starts_with("jpn_");
}

bool collection_supported(const AttributeList& requested, const Attribute& supported) {
  return std::all_of(
      requested.attributes.begin(), requested.attributes.end(), [&](const Attribute& member) {
        return std::any_of(supported.values.begin(), supported.values.end(),
                           [&](const Value& value) { return value.find_text() == member.name; });
      });
}

bool value_supported(std::string_view name, const Value& value, const Attribute& supported) {
  if (name == "job-priority") {
    const auto number = value.find_integer();
    return number && *number >= 1 && *number <= 100;
  }
  if (name == "media-col") {
    const auto* members = value.find_collection();
    return members != nullptr && collection_supported(*members, supported);
  }
  if (name == "page-ranges") {
    const auto range = value.find_range();
    return range && value.tag() == Tag::Range && range->lower >= 1 && range->upper >= range->lower;
  }
  if (name == "media" && value.find_text() && is_custom_medium(*value.find_text())) return true;
  return std::any_of(supported.values.begin(), supported.values.end(), [&](const Value& allowed) {
    if (allowed.tag() == Tag::Range) {
      const auto number = value.tag() == Tag::Integer ? value.find_integer() : std::nullopt;
      const auto range = allowed.find_range();
      return number && *number >= range->lower && *number <= range->upper;
    }
    if (const auto text = allowed.find_text()) return value.find_text() == text;
    return allowed == value;
  });
}

// Page ranges ascend and do not overlap (RFC 8011, 5.2.7).
bool ranges_ascend(const Attribute& attribute) {
  std::int32_t last = 0;
  for (const Value& value : attribute.values) {
    const auto range = value.find_range();
    if (!range || range->lower <= last) return false;
    last = range->upper;
  }
  return true;
}

}  // namespace

AcceptedTemplate judge_template(const AttributeList& requested, const AttributeList& description) {
  AcceptedTemplate result;
  for (const Attribute& attribute : requested.attributes) {
    if (is_description(attribute.name)) continue;
    const Attribute* supported = description.find(attribute.name + "-supported");
    if (supported == nullptr || !is_job_template_attribute(attribute.name)) {
      result.unsupported.add_out_of_band(attribute.name, Tag::Unsupported);
      continue;
    }
    if (attribute.name == "page-ranges" && !ranges_ascend(attribute)) {
      result.complaint = "page-ranges do not ascend, or overlap";
      return result;
    }
    std::vector<Value> refused;
    for (const Value& value : attribute.values) {
      if (!value_supported(attribute.name, value, *supported)) refused.push_back(value);
    }
    if (refused.empty()) {
      result.accepted.add(attribute);
    } else {
      result.unsupported.add(attribute.name, std::move(refused));
    }
  }
  if (result.accepted.contains("media") && result.accepted.contains("media-col")) {
    result.complaint = "media and media-col contradict each other: only one may be given";
  }
  return result;
}

}  // namespace ipm::print
