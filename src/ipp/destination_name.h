#pragma once
// The rule for names of destinations, told in words wherever one breaks it.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ipm::ipp {

inline constexpr std::size_t kDestinationNameBytesMax = 127;
inline constexpr std::string_view kDestinationNameRule =
    "1 to 127 ASCII letters, digits and . _ -, beginning with a letter or a digit";

// What keeps `name` from being one: "it is empty", "it contains ' '"; nothing where it may be.
std::optional<std::string> destination_name_complaint(std::string_view name);

// Throws Error{NameInvalid} with the rule and a name that would do.
void check_destination_name(std::string_view name);

}  // namespace ipm::ipp
