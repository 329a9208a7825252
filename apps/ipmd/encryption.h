#pragma once
// What the settings say of encryption, as the TLS floor takes it, and what is told of it.

#include "base/log.h"
#include "base/places.h"
#include "ipmd/trust_report.h"
#include "ipp/attribute_list.h"
#include "settings/server.h"
#include "tls/generation.h"

namespace ipm::app {

// Throws Error{ConfigurationWrong} for a fingerprint or a relaxation that is none.
tls::GenerationSources sources_of(const settings::ServerSettings& settings, const Places& places);

// For `ipm server status`. `generation` is null with encryption off.
void describe_encryption(ipp::AttributeList& system, const settings::ServerSettings& settings,
                         const tls::Generation* generation, const TrustReport& report);

// 5010-908 (S15): encryption is on from here on.
void log_encryption_on(const Log& log);

}  // namespace ipm::app
