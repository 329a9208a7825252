#include "print/operations/job_template.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"
#include "print/operations/attribute_table.h"
#include "print/operations/media.h"

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

const Attribute* find_supported(const AttributeList& description, std::string_view name) {
  return description.find(std::string(name) + "-supported");
}

bool lists(const Attribute* supported, std::string_view text) {
  return supported != nullptr && std::ranges::any_of(supported->values, [&](const Value& one) {
           return one.find_text() == text;
         });
}

// "custom_min_100x100mm" and "custom_max_300x500mm" in media-supported are the bounds of sizes that
// have no name (PWG 5101.1, 5).
bool is_within_custom_sizes(std::string_view name, const Attribute& supported) {
  const auto size = find_media_size(name);
  if (!size || !name.starts_with("custom_")) return false;
  std::optional<MediaSize> least;
  std::optional<MediaSize> most;
  for (const Value& value : supported.values) {
    const auto text = value.find_text().value_or("");
    if (text.starts_with("custom_min_")) least = find_media_size(text);
    if (text.starts_with("custom_max_")) most = find_media_size(text);
  }
  return least && most && size->width >= least->width && size->length >= least->length &&
         size->width <= most->width && size->length <= most->length;
}

bool allows(const Attribute& supported, const Value& value) {
  return std::ranges::any_of(supported.values, [&](const Value& allowed) {
    if (allowed.tag() == Tag::Boolean && value.tag() != Tag::Boolean)
      return allowed.find_boolean().value_or(false);  // the attribute as such: page-ranges
    if (allowed.tag() == Tag::Range) {
      const auto number = value.tag() == Tag::Integer ? value.find_integer() : std::nullopt;
      const auto range = allowed.find_range();
      return number && *number >= range->lower && *number <= range->upper;
    }
    if (const auto text = allowed.find_text()) return value.find_text() == text;
    return allowed == value;
  });
}

// media-size against media-size-supported, whose dimensions are numbers or ranges.
bool allows_size(const Attribute& supported, const AttributeList& wanted) {
  const auto width = wanted.find_integer("x-dimension");
  const auto length = wanted.find_integer("y-dimension");
  if (!width || !length || wanted.attributes.size() != 2) return false;
  const auto within = [](const AttributeList& allowed, std::string_view name, std::int32_t value) {
    const auto range = allowed.find_range(name);
    return range && value >= range->lower && value <= range->upper;
  };
  return std::ranges::any_of(supported.values, [&](const Value& one) {
    const auto* allowed = one.find_collection();
    return allowed != nullptr && within(*allowed, "x-dimension", *width) &&
           within(*allowed, "y-dimension", *length);
  });
}

AttributeList bad_members(const AttributeList& members, const Attribute& supported,
                          const AttributeList& description);

// What of the attribute, or member, is not supported; nothing where all of it is.
std::vector<Value> bad_values(const Attribute& attribute, const Attribute& supported,
                              const AttributeList& description) {
  std::vector<Value> bad;
  for (const Value& value : attribute.values) {
    const auto* members = value.find_collection();
    if (members == nullptr) {
      const bool custom = attribute.name == "media" || attribute.name == "media-size-name";
      if (allows(supported, value)) continue;
      if (custom && is_within_custom_sizes(value.find_text().value_or(""), supported)) continue;
      bad.push_back(value);
    } else if (attribute.name == "media-size") {
      if (!allows_size(supported, *members)) bad.push_back(value);
    } else {
      AttributeList rest = bad_members(*members, supported, description);
      if (!rest.attributes.empty() || members->attributes.empty())
        bad.push_back(Value::collection(std::move(rest)));
    }
  }
  return bad;
}

// A collection is supported when each member is named in "NAME-supported" of the collection and its
// values in that of the member (RFC 8011, 4.1.7 and 5.2). Some have no list of their own.
AttributeList bad_members(const AttributeList& members, const Attribute& supported,
                          const AttributeList& description) {
  AttributeList bad;
  for (const Attribute& member : members.attributes) {
    const auto* type = ipp::find_attribute_type(member.name);
    if (!lists(&supported, member.name)) {
      bad.add_out_of_band(member.name, Tag::Unsupported);
      continue;
    }
    if (type != nullptr && !has_type(member, *type)) {
      bad.add(member);
      continue;
    }
    const bool by_name = member.name == "media-size-name" || member.name == "media-key";
    const Attribute* allowed = find_supported(description, member.name);
    if (allowed == nullptr && by_name) allowed = description.find("media-supported");
    if (allowed == nullptr) continue;
    auto values = bad_values(member, *allowed, description);
    if (!values.empty()) bad.add(member.name, std::move(values));
  }
  return bad;
}

// Page ranges ascend and do not overlap (RFC 8011, 5.2.7).
bool ranges_ascend(const Attribute& attribute) {
  std::int32_t last = 0;
  for (const Value& value : attribute.values) {
    const auto range = value.find_range();
    if (!range || range->lower <= last || range->upper < range->lower) return false;
    last = range->upper;
  }
  return true;
}

bool is_priority(const Attribute& attribute) {
  const auto number = attribute.values.front().find_integer();
  return number && *number >= 1 && *number <= 100;
}

// "A4,Tray2" as the medium and the tray that it names, as far as they are supported. What is not
// understood, or cannot be, is told as a substitution.
void accept_short_medium(const Attribute& media, const AttributeList& description,
                         AcceptedTemplate& result) {
  const Attribute& supported = *find_supported(description, "media");
  const MediaWish wish = read_media(media.values.front().find_text().value_or(""));
  const bool known = lists(&supported, wish.name) || is_within_custom_sizes(wish.name, supported);
  if (!known) {
    result.unsupported.add(media);
    return;
  }
  const auto size = find_media_size(wish.name);
  const bool tray = !wish.source.empty() && size &&
                    lists(find_supported(description, "media-col"), "media-source") &&
                    lists(find_supported(description, "media-source"), wish.source);
  if (tray) {
    AttributeList dimensions;
    dimensions.add_integer("x-dimension", size->width);
    dimensions.add_integer("y-dimension", size->length);
    AttributeList collection;
    collection.add_collection("media-size", std::move(dimensions));
    collection.add_keyword("media-source", wish.source);
    result.accepted.add_collection("media-col", std::move(collection));
  } else {
    result.accepted.add_keyword("media", wish.name);
  }
  if (!wish.rest.empty() || (!wish.source.empty() && !tray)) result.unsupported.add(media);
}

void judge(const Attribute& attribute, const AttributeList& description, AcceptedTemplate& result) {
  const auto* type = ipp::find_attribute_type(attribute.name);
  const Attribute* supported = find_supported(description, attribute.name);
  if (supported == nullptr || !is_job_template(attribute.name)) {
    result.unsupported.add_out_of_band(attribute.name, Tag::Unsupported);
    return;
  }
  if (!has_type(attribute, *type)) {
    result.unsupported.add(attribute);
    return;
  }
  if (attribute.name == "page-ranges" && !ranges_ascend(attribute)) {
    result.complaint = "page-ranges do not ascend, or overlap";
    return;
  }
  if (attribute.name == "job-priority") {
    (is_priority(attribute) ? result.accepted : result.unsupported).add(attribute);
    return;
  }
  auto bad = bad_values(attribute, *supported, description);
  if (bad.empty()) {
    result.accepted.add(attribute);
  } else if (attribute.name == "media") {
    accept_short_medium(attribute, description, result);
  } else {
    result.unsupported.add(attribute.name, std::move(bad));
  }
}

}  // namespace

AcceptedTemplate judge_template(const AttributeList& requested, const AttributeList& description) {
  AcceptedTemplate result;
  if (requested.contains("media") && requested.contains("media-col")) {
    result.complaint = "media and media-col contradict each other: only one may be given";
    return result;
  }
  for (const Attribute& attribute : requested.attributes) {
    if (is_description(attribute.name)) continue;
    judge(attribute, description, result);
    if (!result.complaint.empty()) break;
  }
  return result;
}

std::optional<std::string> find_format(const AttributeList& description, std::string_view format) {
  const std::string bare = to_lower_ascii(trim(format.substr(0, format.find(';'))));
  for (const auto one : description.find_all_text("document-format-supported")) {
    if (to_lower_ascii(one) == bare) return std::string(one);
  }
  return std::nullopt;
}

}  // namespace ipm::print
