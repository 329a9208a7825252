#include "ipm/common/client_sources.h"

#include "trust/deny_list.h"
#include "trust/public_roots.h"

namespace ipm::app {

tls::GenerationSources client_sources(const Context& context,
                                      const settings::ClientSettings& settings) {
  tls::GenerationSources sources;
  // A key that is kept from this user is as good as none: not every server asks for one.
  if (!settings.identity_unreadable) {
    sources.dial = tls::IdentityFiles{settings.certificate, settings.key};
  }
  sources.anchors = settings.anchors;
  sources.crl = settings.crl;
  sources.policy.common_name = settings.common_name;
  sources.policy.relaxed = settings.relaxed;
  const Places places = context.places();
  sources.public_roots = trust::public_root_places(places);
  for (const auto& fingerprint : settings.denied) {
    sources.policy.denied.push_back(
        trust::parse_fingerprint(fingerprint, places.client_configuration().string()));
  }
  for (const auto& ca : settings.relaxed_cas) {
    sources.policy.relaxations.push_back(trust::parse_relaxation(ca.sha256, ca.rules, ca.place));
  }
  return sources;
}

std::shared_ptr<const tls::Generation> load_client_trust(const Context& context) {
  auto sources = client_sources(context, settings::load_client_settings(context.places()));
  sources.dial.reset();
  sources.crl.reset();
  return tls::Generation::build(sources, 1, context.clock);
}

}  // namespace ipm::app
