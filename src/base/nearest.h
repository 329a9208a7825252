#pragma once
// "did you mean": the known word that is nearest to one that nobody knows.

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ipm {

// How many letters must be added, dropped, changed or swapped with their neighbour to make one word
// of the other (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

// Nothing where even the nearest differs in more than a third of its letters (in two, where it is
// short). The first of several that are equally near.
std::optional<std::string> find_nearest(std::string_view word, std::span<const std::string> known);

}  // namespace ipm
