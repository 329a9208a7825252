#include "settings/step.h"

#include <utility>

namespace ipm::settings {
namespace {

// Stays as it is until a restart.
template <class T>
void keep(T& wanted, const T& in_force, const char* key, std::vector<std::string>& waiting) {
  if (wanted == in_force) return;
  wanted = in_force;
  waiting.emplace_back(key);
}

}  // namespace

Step step(const ServerSettings& in_force, ServerSettings wanted) {
  Step next{std::move(wanted), {}};
  auto& [to, waiting] = next;
  keep(to.name, in_force.name, "[server] name", waiting);
  keep(to.listen, in_force.listen, "[server] listen", waiting);
  if (in_force.encrypted) {
    keep(to.encrypted, in_force.encrypted, "[encryption] enabled = false", waiting);
  }
  if (in_force.mutual) keep(to.mutual, in_force.mutual, "[encryption] mutual = false", waiting);
  keep(to.reserve_bytes, in_force.reserve_bytes, "[spool] reserve_bytes", waiting);
  keep(to.history_jobs_max, in_force.history_jobs_max, "[history] jobs", waiting);
  keep(to.history_days_max, in_force.history_days_max, "[history] days", waiting);
  keep(to.connections_max, in_force.connections_max, "[limits] connections", waiting);
  keep(to.connections_per_address_max, in_force.connections_per_address_max,
       "[limits] connections_per_address", waiting);
  return next;
}

}  // namespace ipm::settings
