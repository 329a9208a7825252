#include "base/places.h"

#include <cstdlib>

namespace ipm {

// The one place that knows the operating systems' customs for files (S19).
Places places(const std::filesystem::path& root) {
#ifdef _WIN32
  if (root.empty()) {
    const std::filesystem::path data = "C:/ProgramData/ipm";
    return {"C:/Windows/ipm", data, data, data};
  }
#endif
  const std::filesystem::path top = root.empty() ? std::filesystem::path("/") : root;
  return {top / "etc/ipm", top / "var/lib/ipm", top / "var/log/ipm", top / "run/ipm"};
}

std::filesystem::path chosen_root(const std::optional<std::filesystem::path>& given) {
  if (given) return std::filesystem::absolute(*given);
  // Read once at start, before any thread exists.
  const char* variable = std::getenv("IPM_ROOT");  // NOLINT(concurrency-mt-unsafe)
  if (variable != nullptr && *variable != '\0') return std::filesystem::absolute(variable);
  return {};
}

}  // namespace ipm
