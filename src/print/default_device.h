#pragma once
// What is said of a device that cannot be asked and of which nothing was declared: the one
// conservative default. It promises what a page printer does with any document that it understands,
// and no more: no colour, no finishing, no trays, no speed.

#include <span>
#include <string_view>
#include <vector>

#include "ipp/value.h"

namespace ipm::print {

ipp::AttributeList default_device();

// media-size-supported, media-col-supported, media-col-default, media-col-database and the margins
// for these media, the first of which is the default. Names without dimensions are left out.
void add_media(ipp::AttributeList& list, const std::vector<std::string_view>& names);

}  // namespace ipm::print
