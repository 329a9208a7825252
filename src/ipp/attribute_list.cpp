#include "ipp/attribute_list.h"

#include <utility>

#include "ipp/value.h"

namespace ipm::ipp {
namespace {

const Value* first_value(const AttributeList& list, std::string_view name) {
  const Attribute* attribute = list.find(name);
  return attribute && !attribute->values.empty() ? &attribute->values.front() : nullptr;
}

}  // namespace

const Attribute* AttributeList::find(std::string_view name) const {
  for (const Attribute& attribute : attributes) {
    if (attribute.name == name) return &attribute;
  }
  return nullptr;
}

Attribute* AttributeList::find(std::string_view name) {
  for (Attribute& attribute : attributes) {
    if (attribute.name == name) return &attribute;
  }
  return nullptr;
}

bool AttributeList::remove(std::string_view name) {
  Attribute* found = find(name);
  if (!found) return false;
  attributes.erase(attributes.begin() + (found - attributes.data()));
  return true;
}

std::optional<std::int32_t> AttributeList::find_integer(std::string_view name) const {
  const Value* value = first_value(*this, name);
  return value ? value->find_integer() : std::nullopt;
}

std::optional<bool> AttributeList::find_boolean(std::string_view name) const {
  const Value* value = first_value(*this, name);
  return value ? value->find_boolean() : std::nullopt;
}

std::optional<std::string_view> AttributeList::find_text(std::string_view name) const {
  const Value* value = first_value(*this, name);
  return value ? value->find_text() : std::nullopt;
}

std::optional<std::string_view> AttributeList::find_octets(std::string_view name) const {
  const Value* value = first_value(*this, name);
  return value ? value->find_octets() : std::nullopt;
}

std::optional<Range> AttributeList::find_range(std::string_view name) const {
  const Value* value = first_value(*this, name);
  return value ? value->find_range() : std::nullopt;
}

std::optional<Resolution> AttributeList::find_resolution(std::string_view name) const {
  const Value* value = first_value(*this, name);
  return value ? value->find_resolution() : std::nullopt;
}

std::optional<TimePoint> AttributeList::find_time(std::string_view name) const {
  const Value* value = first_value(*this, name);
  const auto time = value ? value->find_date_time() : std::nullopt;
  return time ? time->find_time() : std::nullopt;
}

const AttributeList* AttributeList::find_collection(std::string_view name) const {
  const Value* value = first_value(*this, name);
  return value ? value->find_collection() : nullptr;
}

std::vector<std::string_view> AttributeList::find_all_text(std::string_view name) const {
  std::vector<std::string_view> all;
  const Attribute* attribute = find(name);
  if (!attribute) return all;
  all.reserve(attribute->values.size());
  for (const Value& value : attribute->values) {
    if (const auto text = value.find_text()) all.push_back(*text);
  }
  return all;
}

std::vector<std::int32_t> AttributeList::find_all_integers(std::string_view name) const {
  std::vector<std::int32_t> all;
  const Attribute* attribute = find(name);
  if (!attribute) return all;
  for (const Value& value : attribute->values) {
    if (const auto number = value.find_integer()) all.push_back(*number);
  }
  return all;
}

void AttributeList::add(Attribute attribute) {
  attributes.push_back(std::move(attribute));
}

void AttributeList::add(std::string_view name, Value value) {
  Attribute& attribute = attributes.emplace_back(Attribute{std::string(name), {}});
  attribute.values.push_back(std::move(value));
}

void AttributeList::add(std::string_view name, std::vector<Value> values) {
  attributes.push_back({std::string(name), std::move(values)});
}

void AttributeList::add_integer(std::string_view name, Tag tag, std::int32_t value) {
  add(name, Value::integer(value, tag));
}

void AttributeList::add_boolean(std::string_view name, bool value) {
  add(name, Value::boolean(value));
}

void AttributeList::add_string(std::string_view name, Tag tag, std::string_view value) {
  add(name, Value::string(tag, std::string(value)));
}

void AttributeList::add_range(std::string_view name, std::int32_t lower, std::int32_t upper) {
  add(name, Value::range(lower, upper));
}

void AttributeList::add_resolution(std::string_view name, std::int32_t cross_feed,
                                   std::int32_t feed, std::uint8_t units) {
  add(name, Value::resolution({cross_feed, feed, units}));
}

void AttributeList::add_date_time(std::string_view name, TimePoint time) {
  add(name, Value::date_time(DateTime::from(time)));
}

void AttributeList::add_collection(std::string_view name, AttributeList members) {
  add(name, Value::collection(std::move(members)));
}

void AttributeList::add_out_of_band(std::string_view name, Tag tag) {
  add(name, Value::out_of_band(tag));
}

bool AttributeList::operator==(const AttributeList& other) const {
  return attributes == other.attributes;
}

}  // namespace ipm::ipp
