#pragma once
// Attributes for people and for programs that read JSON.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "ipp/message.h"

namespace ipm::ipp {

// One line, harmless to print whatever the value holds: "2", "true", "two-sided-long-edge",
// "1-4,7", "600dpi", "2029-05-21T10:33:41Z", "{media-size={x-dimension=21000 y-dimension=29700}}",
// "no-value". Several values stand with commas between. Enums are named where the attribute's name
// tells how
// ("job-state": "processing"). Numbers, keywords,
// ranges, texts and collections of them are written as parse_option() reads them.
std::string to_text(const Attribute& attribute);
std::string to_text(const Value& value, std::string_view attribute_name = {});

// "copies=2 sides=one-sided": attributes in order, one blank between.
std::string to_text(const AttributeList& list);

// Numbers, booleans, strings and objects (collections); an array where there are several values;
// null for out-of-band values. Ranges are {"lower":1,"upper":4}; resolutions, dates and enums are
// the text above; octetStrings are hexadecimal. Strings are always valid UTF-8.
nlohmann::json to_json(const AttributeList& list);
nlohmann::json to_json(const Attribute& attribute);

// A whole message, for -v: one line for the header, one for each group and attribute.
std::string describe_request(const ipp::Message& message);
std::string describe_reply(const ipp::Message& message);

}  // namespace ipm::ipp
