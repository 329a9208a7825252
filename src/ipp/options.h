#pragma once
// Options of a command line, -o name=value, read into attributes.

#include <string_view>

#include "ipp/value.h"

namespace ipm::ipp {

// One option: "copies=2", "sides=two-sided-long-edge", "print-quality=high", "page-ranges=1-4,7",
// "printer-resolution=600dpi", "media-col={media-size={x-dimension=21000 y-dimension=29700}}",
// "job-name='Quarterly, final'", "collate" (true).
//
// Attributes known by name (attribute_types.h) must have their type. Others are guessed: a number,
// true or false, a range, a resolution, {…} a collection, letters digits and "-_." a keyword,
// anything else a name (text above 255 bytes). A comma separates several values, except in names
// and texts. Single and double quotes keep blanks, commas and braces; a backslash keeps the next
// character. Throws Error{UsageWrong} saying what the attribute takes.
Attribute parse_option(std::string_view option);

// Several options with blanks between, as one -o may carry them. A name given twice: the last
// stands.
AttributeList parse_options(std::string_view options);

}  // namespace ipm::ipp
