#include "print/operations/request_judgement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/error.h"
#include "print/operations/attribute_table.h"

namespace ipm::print {
namespace {

using ipp::Attribute;
using ipp::AttributeList;
using ipp::Tag;
using ipp::Value;

// Every operation takes these: who asks, in which language, and about what.
constexpr auto kAlways = std::to_array<std::string_view>(
    {"attributes-charset", "attributes-natural-language", "job-id", "job-uri", "printer-uri",
     "requesting-user-name", "system-uri"});

bool takes(const OperationRow& row, std::string_view name) {
  return std::ranges::find(kAlways, name) != kAlways.end() ||
         std::ranges::find(row.attributes, name) != row.attributes.end() ||
         (row.makes_job && is_job_template(name));
}

struct Found {
  std::size_t at;
  std::size_t length;
};

// U+0000 to U+001F, U+007F to U+009F, U+2028 to U+202E, U+2066 to U+2069, in well-formed UTF-8.
std::optional<Found> find_control(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (byte(i) < 0x20 || byte(i) == 0x7F) return Found{i, 1};
    if (byte(i) == 0xC2 && i + 1 < text.size() && byte(i + 1) < 0xA0) return Found{i, 2};
    if (byte(i) != 0xE2 || i + 2 >= text.size()) continue;
    const unsigned char last = byte(i + 2);
    if (byte(i + 1) == 0x80 && last >= 0xA8 && last <= 0xAE) return Found{i, 3};
    if (byte(i + 1) == 0x81 && last >= 0xA6 && last <= 0xA9) return Found{i, 3};
  }
  return std::nullopt;
}

void clean(AttributeList& list);

void clean(Value& value) {
  if (const auto* members = value.find_collection()) {
    AttributeList cleaned = *members;
    clean(cleaned);
    value = Value::collection(std::move(cleaned));
    return;
  }
  const auto text = value.find_text();
  if (!text || !find_control(*text)) return;
  const std::string cleaned = without_controls(*text);
  if (value.tag() == Tag::Text || value.tag() == Tag::Name) {
    value = Value::string(value.tag(), cleaned);
  } else if (const auto language = value.find_language()) {
    value = Value::with_language(value.tag(), std::string(*language), cleaned);
  }
}

void clean(AttributeList& list) {
  for (Attribute& attribute : list.attributes) {
    for (Value& value : attribute.values) clean(value);
  }
}

}  // namespace

std::string without_controls(std::string_view text) {
  std::string out;
  while (const auto found = find_control(text)) {
    out += text.substr(0, found->at);
    out += ' ';
    text.remove_prefix(found->at + found->length);
  }
  return out += text;
}

void clean_texts(ipp::Message& request) {
  for (ipp::Group& group : request.groups) clean(group);
}

AttributeList judge_operation_attributes(const ipp::Group& operation, const OperationRow& row) {
  AttributeList unsupported;
  for (const Attribute& attribute : operation.attributes) {
    if (!takes(row, attribute.name)) {
      unsupported.add_out_of_band(attribute.name, Tag::Unsupported);
      continue;
    }
    const auto* type = ipp::find_attribute_type(attribute.name);
    // Wishes are judged with those of the job group.
    if (type == nullptr || type->group == ipp::GroupTag::Job || has_type(attribute, *type))
      continue;
    throw Error(
        Message::IppMalformed,
        fmt::format("{} has the wrong type, or too many values", attribute.name),
        fmt::format("{} of type {}", type->set ? "values" : "one value", ipp::tag_name(type->tag)));
  }
  return unsupported;
}

AttributeList wishes_of(const ipp::Message& request) {
  AttributeList wishes;
  if (const auto* group = request.find_group(ipp::GroupTag::Job))
    wishes.attributes = group->attributes;
  for (const Attribute& attribute : request.groups.front().attributes) {
    if (is_job_template(attribute.name) && !wishes.contains(attribute.name)) wishes.add(attribute);
  }
  return wishes;
}

}  // namespace ipm::print
