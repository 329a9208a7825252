#pragma once
// Name constraints (RFC 5280, 4.2.1.10): what a CA may certify, and whether names keep to it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trust/general_names.h"
#include "trust/path_rules.h"

namespace ipm::trust {

struct NameConstraints {
  std::vector<GeneralName> permitted;
  std::vector<GeneralName> excluded;
};

// `value` is what the extension's OCTET STRING holds. Breaks of ConstraintsField go to `problems`;
// absent: too damaged to be applied.
std::optional<NameConstraints> parse_name_constraints(std::string_view value, Problems& problems);

// How many more comparisons of a name with a constraint a call may spend, over all certificates.
struct ComparisonBudget {
  std::uint32_t left;
};

// Why `name` may not stand below a CA with `constraints`, or nothing. A budget that runs out is a
// reason too. A wildcard is refused where any name that it stands for would be.
std::optional<std::string> constraint_complaint(const NameConstraints& constraints,
                                                const GeneralName& name, ComparisonBudget& budget);

}  // namespace ipm::trust
