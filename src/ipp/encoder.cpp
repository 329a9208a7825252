#include "ipp/encoder.h"

#include <limits>
#include <utility>

#include "base/error.h"
#include "ipp/codec.h"
#include "ipp/wire.h"

namespace ipm::ipp {
namespace {

// FNV-1a: names are short, and the table is ours, not a stranger's.
std::uint32_t hash_of(std::string_view name) {
  std::uint32_t hash = 2166136261U;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

}  // namespace

// --- EncodedAttributes
// -----------------------------------------------------------------------------

EncodedAttributes::EncodedAttributes(const AttributeList& list) {
  std::size_t bytes = 0;
  for (const Attribute& attribute : list.attributes) bytes += wire::size_of(attribute);
  bytes_.reserve(bytes);
  for (const Attribute& attribute : list.attributes) add(attribute);
}

void EncodedAttributes::add(const Attribute& attribute) {
  std::string bytes;  // aside first, so that a refused attribute leaves nothing behind
  bytes.reserve(wire::size_of(attribute));
  wire::append_attribute(bytes, attribute);
  const std::size_t before = bytes_.size();
  if (before + bytes.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw Error(ipm::Message::IppTooLarge, "the encoded attributes exceed 4 GiB",
                "fewer attributes");
  }
  bytes_ += bytes;
  const bool first = !contains(attribute.name);
  index_.push_back({static_cast<std::uint32_t>(before),
                    static_cast<std::uint32_t>(bytes_.size() - before), hash_of(attribute.name)});
  if (index_.size() * 2 > table_.size()) {
    rebuild_table();
  } else if (first) {
    enter(index_.size() - 1);
  }
}

void EncodedAttributes::rebuild_table() {
  table_.assign(table_.empty() ? 16 : table_.size() * 2, 0);
  for (std::size_t i = 0; i < index_.size(); ++i) {
    if (!contains(name_of(index_[i]))) enter(i);
  }
}

void EncodedAttributes::enter(std::size_t position) {
  const std::size_t mask = table_.size() - 1;
  std::size_t slot = index_[position].hash & mask;
  while (table_[slot] != 0) slot = (slot + 1) & mask;
  table_[slot] = static_cast<std::uint32_t>(position + 1);
}

std::string_view EncodedAttributes::find(std::string_view name) const {
  if (table_.empty() || name.empty()) return {};
  const std::size_t mask = table_.size() - 1;
  const std::uint32_t hash = hash_of(name);
  for (std::size_t slot = hash & mask; table_[slot] != 0; slot = (slot + 1) & mask) {
    const Entry& entry = index_[table_[slot] - 1];
    if (entry.hash == hash && name_of(entry) == name) return bytes_of(entry);
  }
  return {};
}

std::string_view EncodedAttributes::bytes_of(const Entry& entry) const {
  return std::string_view(bytes_).substr(entry.offset, entry.length);
}

std::string_view EncodedAttributes::name_of(const Entry& entry) const {
  const std::string_view bytes = bytes_of(entry);  // tag, two octets of name-length, name
  const auto high = static_cast<unsigned char>(bytes[1]);
  const auto low = static_cast<unsigned char>(bytes[2]);
  return bytes.substr(3, static_cast<std::size_t>(high) << 8U | low);
}

// --- Encoder
// ---------------------------------------------------------------------------------------

Encoder::Encoder(const Header& header, std::size_t bytes) {
  bytes_.reserve(bytes);
  wire::append_header(bytes_, header);
}

Encoder::Encoder(Status status, const Header& request, std::size_t bytes)
    : Encoder(reply_header(status, request), bytes) {
  begin_group(GroupTag::Operation);
  add_string("attributes-charset", Tag::Charset, kCharset);
  add_string("attributes-natural-language", Tag::NaturalLanguage, kLanguage);
}

void Encoder::begin_group(GroupTag tag) {
  wire::append_group_tag(bytes_, tag);
}

void Encoder::add(const Attribute& attribute) {
  wire::append_attribute(bytes_, attribute);
}

void Encoder::add(const AttributeList& list) {
  for (const Attribute& attribute : list.attributes) add(attribute);
}

void Encoder::add_value(std::string_view name, const Value& value) {
  wire::append_value(bytes_, name, value);
}

void Encoder::add_integer(std::string_view name, Tag tag, std::int32_t value) {
  wire::append_integer(bytes_, name, tag, value);
}

void Encoder::add_boolean(std::string_view name, bool value) {
  wire::append_boolean(bytes_, name, value);
}

void Encoder::add_string(std::string_view name, Tag tag, std::string_view value) {
  wire::append_octets(bytes_, name, tag, value);
}

void Encoder::add_range(std::string_view name, std::int32_t lower, std::int32_t upper) {
  wire::append_range(bytes_, name, {lower, upper});
}

void Encoder::add_date_time(std::string_view name, TimePoint time) {
  wire::append_date_time(bytes_, name, DateTime::from(time));
}

void Encoder::add_out_of_band(std::string_view name, Tag tag) {
  wire::append_value(bytes_, name, Value::out_of_band(tag));
}

std::string Encoder::finish() {
  bytes_ += static_cast<char>(GroupTag::End);
  return std::move(bytes_);
}

std::string encode(const Message& message) {
  std::size_t bytes = kHeaderBytes + 1;
  for (const Group& group : message.groups) {
    ++bytes;
    for (const Attribute& attribute : group.attributes) bytes += wire::size_of(attribute);
  }
  Encoder encoder(message.header, bytes);
  for (const Group& group : message.groups) {
    encoder.begin_group(group.tag);
    encoder.add(group);
  }
  return encoder.finish();
}

}  // namespace ipm::ipp
