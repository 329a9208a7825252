#pragma once
// The attributes of a logical destination that stay as they are until an administrator changes it,
// or its device says something else: what it can do (RFC 8011, 5.4; PWG 5100.12; PWG 5100.14). What
// changes by itself is added to each reply by write_printer().

#include <string>
#include <string_view>

#include "ipp/value.h"
#include "output/driver.h"
#include "print/topology/destination.h"

namespace ipm::print {

inline constexpr std::string_view kAnyFormat = "application/octet-stream";
// What stock clients call a document that nobody may touch (`lp -o raw`); here that is every one.
inline constexpr std::string_view kRawFormat = "application/vnd.cups-raw";

// Everything but the URIs, the states and the counts. What an IPP device says of itself is passed
// on, and nothing beside it is claimed. For a device that cannot be asked, what was declared takes
// the place of the same attributes of the default (default_device.h). Null: nothing is known of it.
ipp::AttributeList describe_printer(const LogicalDestination& destination,
                                    const std::string& device_uri, TimePoint changed,
                                    const output::DeviceDescription* device = nullptr);

bool is_ipp(std::string_view device_uri);  // such a device can be asked

// Which group of requested-attributes a printer attribute belongs to (RFC 8011, 4.2.5.1).
bool is_job_template_attribute(std::string_view name);

}  // namespace ipm::print
