#pragma once
// The requirements by number, one sentence each, for `ipm explain S7`.

#include <optional>
#include <string_view>

namespace ipm::app {

std::optional<std::string_view> find_requirement(std::string_view number);  // any case

}  // namespace ipm::app
