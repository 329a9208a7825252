#pragma once
// Who may see which attribute, and which of a job's may be set: one table, which replies and
// requests are measured by. Types are ipp/attribute_types.h's.

#include <cstdint>
#include <string>
#include <string_view>

#include "access/caller.h"
#include "ipp/attribute_types.h"
#include "ipp/value.h"

namespace ipm::print {

enum class Audience : std::uint8_t {
  Everybody,
  Owner,      // and operators
  Operators,  // and administrators
};

// Job description attributes that everybody may see are named in the table; all others, and the
// whole job template, are the owner's (RFC 8011, 8.2; PWG 5100.11, job-privacy-attributes).
Audience audience_of_job(std::string_view name);
// The reverse: everybody sees what is said of a printer, but for what the table names.
Audience audience_of_printer(std::string_view name);

// `owner` is null where the attribute is no job's.
bool may_see(Audience audience, const access::Caller& caller, const access::Owner* owner);

// What `caller` may read of a text that device-uri's rule holds for in part: a guarded text
// (guarded_text.h) whole or without its places.
std::string readable(std::string_view guarded, const access::Caller& caller);

// An attribute that a client gives with a job (RFC 8011, 5.2).
bool is_job_template(std::string_view name);

// Whether the values have the type that the name stands for, and are no more than it allows.
bool has_type(const ipp::Attribute& attribute, const ipp::AttributeType& type);

}  // namespace ipm::print
