#include "base/places.h"

#include <cstdlib>

#include "os/system_folders.h"

namespace ipm {

Places places(const std::filesystem::path& root) {
  if (root.empty()) {
    const auto system = os::system_folders();
    return {system.configuration, system.state, system.logs, system.run};
  }
  return {root / "etc/ipm", root / "var/lib/ipm", root / "var/log/ipm", root / "run/ipm"};
}

std::filesystem::path chosen_root(const std::optional<std::filesystem::path>& given) {
  if (given) return std::filesystem::absolute(*given);
  // Read once at start, before any thread exists.
  const char* variable = std::getenv("IPM_ROOT");  // NOLINT(concurrency-mt-unsafe)
  if (variable != nullptr && *variable != '\0') return std::filesystem::absolute(variable);
  return {};
}

}  // namespace ipm
