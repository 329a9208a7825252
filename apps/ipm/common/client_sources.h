#pragma once
// What a client on this machine proves itself with and judges servers by: one place, for connections
// and for the commands that say beforehand what a connection would.

#include <memory>

#include "ipm/common/context.h"
#include "settings/client.h"
#include "tls/generation.h"

namespace ipm::app {

// As ipm.toml says. Throws Error{ConfigurationWrong, Invalid} for fingerprints that are none.
tls::GenerationSources client_sources(const Context& context,
                                      const settings::ClientSettings& settings);

// Anchors, denied certificates, relaxations and the reading of names, as they are now; no identity
// and no lists. Throws what Generation::build throws.
std::shared_ptr<const tls::Generation> load_client_trust(const Context& context);

}  // namespace ipm::app
