#pragma once
// The attributes of a logical destination that stay as they are until an administrator changes it:
// what it can do (RFC 8011, 5.4; PWG 5100.12; PWG 5100.14). What changes by itself is added to each
// reply by printer_attributes.

#include "ipp/value.h"
#include "print/destination.h"

namespace ipm::print {

struct DescriptionOptions {
  bool encrypted = false;  // uri-security-supported
  bool mutual = false;     // uri-authentication-supported
  std::string organization;
};

// Everything but the URIs, the states and the counts.
ipp::AttributeList describe_printer(const LogicalDestination& destination,
                                    const std::string& device_uri,
                                    const DescriptionOptions& options, TimePoint changed);

// Which group of requested-attributes a printer attribute belongs to (RFC 8011, 4.2.5.1).
bool is_job_template_attribute(std::string_view name);

// Formats that a destination takes; documents are passed on as they are.
const std::vector<std::string>& supported_formats();

}  // namespace ipm::print
