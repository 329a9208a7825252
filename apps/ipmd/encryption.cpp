#include "ipmd/encryption.h"

#include "trust/deny_list.h"
#include "trust/public_roots.h"

namespace ipm::app {

using settings::ServerSettings;

tls::GenerationSources sources_of(const ServerSettings& settings, const Places& places) {
  tls::GenerationSources sources;
  sources.listen = tls::IdentityFiles{settings.certificate, settings.key};
  sources.dial = tls::IdentityFiles{settings.dial_certificate, settings.dial_key};
  sources.anchors = settings.anchors;
  sources.client_anchors = settings.client_anchors;
  sources.crl = settings.crl;
  sources.policy.mutual = settings.mutual;
  sources.policy.public_ca_clients = settings.public_ca_clients;
  sources.policy.common_name = settings.common_name;
  sources.policy.warn_days = settings.warn_days;
  sources.policy.relaxed = settings.relaxed;
  sources.policy.revocation_required = settings.revocation_required;
  sources.policy.stale_lists_count = settings.stale_lists_count;
  sources.list_memory = places.lists_in_force();
  sources.public_roots = trust::public_root_places(places);
  for (const auto& fingerprint : settings.denied) {
    sources.policy.denied.push_back(
        trust::parse_fingerprint(fingerprint, places.server_configuration().string()));
  }
  for (const auto& ca : settings.relaxed_cas) {
    sources.policy.relaxations.push_back(trust::parse_relaxation(ca.sha256, ca.rules, ca.place));
  }
  return sources;
}

void describe_encryption(ipp::AttributeList& system, const ServerSettings& settings,
                         const tls::Generation* generation, const TrustReport& report) {
  system.add_text("imprimatur-version", IPM_VERSION);
  system.add_boolean("imprimatur-encryption", settings.encrypted);
  system.add_boolean("imprimatur-mutual-authentication", settings.mutual);
  if (generation == nullptr) return;
  system.add_integer("imprimatur-generation", static_cast<std::int32_t>(generation->number()));
  report.describe(system, *generation);
  if (const auto& identity = generation->listen_identity()) {
    const pki::Certificate& leaf = identity->leaf();
    system.add_text("imprimatur-certificate-name", leaf.display_name());
    system.add_text("imprimatur-certificate-fingerprint", leaf.fingerprint());
    system.add_date_time("imprimatur-certificate-expires", leaf.not_after());
  }
}

void log_encryption_on(const Log& log) {
  log.write(Message::StartedEncrypted, "InfoPrint Manager started with SSL/TLS enabled.");
}

}  // namespace ipm::app
