#pragma once
// Writing a section straight into one buffer, for replies that are made many thousand times a
// second.
//
// encode(Message) is the comfortable way. Here are the two fast ones, which mix freely:
// an Encoder writes attributes as they come, with no Message in between; and EncodedAttributes
// keeps attributes that rarely change in their encoded form, so that a reply copies them as they
// are.
//
//   // once, when the destination is made or changed:
//   EncodedAttributes description(group);
//   // per request:
//   Encoder reply(Status::Ok, request.header, description.all().size() + 512);
//   reply.begin_group(GroupTag::Printer);
//   if (asked_for_all) reply.add_encoded(description.all());          // one copy
//   else for (name : requested) reply.add_encoded(description.find(name));  // absent names add
//   nothing reply.add_enum("printer-state", 3);                               // what changes all
//   the time http.send(reply.finish());

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ipp/message.h"

namespace ipm::ipp {

// Attributes in encoded form, in the order added: immutable after building, threads may share it.
class EncodedAttributes {
 public:
  EncodedAttributes() = default;
  explicit EncodedAttributes(const AttributeList& list);

  void add(const Attribute& attribute);

  // Every attribute, one after the other.
  std::string_view all() const { return bytes_; }
  // The first attribute of that name, or nothing (which has a size of 0 and may be added all the
  // same).
  std::string_view find(std::string_view name) const;
  bool contains(std::string_view name) const { return !find(name).empty(); }
  std::size_t size() const { return index_.size(); }

  // Calls visit(name, bytes) for each attribute, in order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const Entry& entry : index_) visit(name_of(entry), bytes_of(entry));
  }

 private:
  struct Entry {
    std::uint32_t offset;
    std::uint32_t length;
    std::uint32_t hash;
  };
  void rebuild_table();
  void enter(std::size_t position);
  std::string_view bytes_of(const Entry& entry) const;
  std::string_view name_of(const Entry& entry) const;

  std::string bytes_;
  std::vector<Entry> index_;          // in order
  std::vector<std::uint32_t> table_;  // open addressing, power of two: 1 + position in index_, or 0
};

class Encoder {
 public:
  // `bytes` is how much room to reserve at once; it grows when that is too little.
  explicit Encoder(const Header& header, std::size_t bytes = 1024);
  // A reply to `request`, its operation group begun with charset and language.
  Encoder(Status status, const Header& request, std::size_t bytes = 1024);

  void begin_group(GroupTag tag);

  // All add_… functions throw Error{IppMalformed} for what has no encoding (see codec.h). A value
  // after the first of a 1setOf has an empty name.
  void add(const Attribute& attribute);
  void add(const AttributeList& list);
  void add_value(std::string_view name, const Value& value);
  void add_encoded(std::string_view encoded) { bytes_.append(encoded); }
  void add_integer(std::string_view name, std::int32_t value) {
    add_integer(name, Tag::Integer, value);
  }
  void add_integer(std::string_view name, Tag tag, std::int32_t value);
  void add_enum(std::string_view name, std::int32_t value) { add_integer(name, Tag::Enum, value); }
  void add_boolean(std::string_view name, bool value);
  void add_string(std::string_view name, Tag tag, std::string_view value);
  void add_keyword(std::string_view name, std::string_view v) { add_string(name, Tag::Keyword, v); }
  template <class Strings = std::initializer_list<std::string_view>>
  void add_keywords(std::string_view name, const Strings& values) {
    for (const auto& value : values) {
      add_string(name, Tag::Keyword, value);
      name = {};
    }
  }
  void add_uri(std::string_view name, std::string_view v) { add_string(name, Tag::Uri, v); }
  void add_name(std::string_view name, std::string_view v) { add_string(name, Tag::Name, v); }
  void add_text(std::string_view name, std::string_view v) { add_string(name, Tag::Text, v); }
  void add_range(std::string_view name, std::int32_t lower, std::int32_t upper);
  void add_date_time(std::string_view name, TimePoint time);
  void add_out_of_band(std::string_view name, Tag tag);
  void add_no_value(std::string_view name) { add_out_of_band(name, Tag::NoValue); }

  std::size_t size() const { return bytes_.size(); }
  // What there is so far; the encoder goes on behind it.
  std::string take() { return std::exchange(bytes_, {}); }
  // The section with its end. The encoder is spent afterwards.
  std::string finish();

 private:
  std::string bytes_;
};

}  // namespace ipm::ipp
