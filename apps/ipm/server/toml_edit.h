#pragma once
// Sets single values in a TOML text and leaves everything else, comments too, as it stands.

#include <string>
#include <string_view>

namespace ipm::app {

// `value` is written as it is: true, "text". The key is replaced where its section has it, added
// below the section's head where not; a section that is not there is appended. Simple files only:
// who calls it reads the result again and looks whether it says what it should.
std::string set_toml_value(std::string_view text, std::string_view section, std::string_view key,
                           std::string_view value);

}  // namespace ipm::app
