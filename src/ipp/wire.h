#pragma once
// How one attribute stands on the wire (RFC 8010, 3.1.3 to 3.1.7): the writing half, which
// encode(), Encoder and EncodedAttributes share. Each function appends to `out` and throws
// Error{IppMalformed} for what has no encoding. An empty name marks a further value of a 1setOf.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ipp/message.h"

namespace ipm::ipp::wire {

void append_header(std::string& out, const Header& header);
void append_group_tag(std::string& out, GroupTag tag);

void append_attribute(std::string& out, const Attribute& attribute);
void append_value(std::string& out, std::string_view name, const Value& value);
void append_integer(std::string& out, std::string_view name, Tag tag, std::int32_t value);
void append_boolean(std::string& out, std::string_view name, bool value);
void append_range(std::string& out, std::string_view name, Range value);
void append_date_time(std::string& out, std::string_view name, const DateTime& value);
void append_octets(std::string& out, std::string_view name, Tag tag, std::string_view value);

// How many octets append_attribute() would write, for reserving.
std::size_t size_of(const Attribute& attribute);

}  // namespace ipm::ipp::wire
