#pragma once
// Who runs this program, as the operating system says: what requests claim where nothing is proven.

#include <string>

namespace ipm::app {

// Never empty: "alice", or "uid 1000" for a user whom the system has no name for.
std::string login_name();

}  // namespace ipm::app
