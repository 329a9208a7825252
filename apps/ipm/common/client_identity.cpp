#include "ipm/common/client_identity.h"

#include <fmt/format.h>

#include <optional>

#include "authority/authority.h"
#include "base/text.h"
#include "ipm/common/describe.h"
#include "os/file.h"

namespace ipm::app {
namespace {

struct Identity {
  pki::Certificate certificate;
  std::string name;
  TimePoint not_after;
  bool ends_soon = false;
};

std::optional<Identity> identity_of(const Context& context, const ServerTarget& target) {
  if (!target.trust) return std::nullopt;
  const auto& identity = target.trust->keeper.current()->dial_identity();
  if (!identity) return std::nullopt;
  const auto& leaf = identity->leaf();
  const auto left = days_until(leaf.not_after(), context.now());
  return Identity{leaf, printable(leaf.display_name(), 200), leaf.not_after(),
                  left < std::chrono::days(target.client.warn_days)};
}

// Whether the authority of this machine issued it, and this user may sign there. Others may not even
// look into its folder.
bool can_renew_here(const Context& context, const pki::Certificate& certificate) {
  const auto folder = context.places().authority();
  try {
    return os::may_change(folder) && authority::Authority::exists(folder) &&
           authority::Authority::open(folder, {}).issued(certificate);
  } catch (const Error&) {
    return false;
  }
}

std::string renewal(const Context& context, const Identity& identity,
                    const settings::ClientSettings& client) {
  // --force: a third of its life may yet be left.
  if (can_renew_here(context, identity.certificate)) {
    return context.typed("ipm cert renew client --force");
  }
  return fmt::format(
      "on the machine with the CA: ipm cert renew STEM --force, by the STEM of its files there; "
      "then put both files in the place of {} and {}",
      client.certificate.string(), client.key.string());
}

}  // namespace

void warn_of_expiry(const Context& context, const ServerTarget& target) noexcept {
  try {
    if (context.json) return;
    const auto identity = identity_of(context, target);
    if (!identity || !identity->ends_soon) return;
    Context::warn(fmt::format("{} the certificate of this client, {}, expires on {}; renew it: {}",
                              row(Message::DialCertificateExpires).number, identity->name,
                              expiry_text(identity->not_after, context.now()),
                              renewal(context, *identity, target.client)));
  } catch (const std::exception&) {
    // The work is done, and must not be told as failed: it would be done again.
  }
}

void add_identity_json(nlohmann::json& document, const Context& context,
                       const ServerTarget& target) {
  const auto identity = identity_of(context, target);
  if (!identity) return;
  document["client-certificate"] = {
      {"name", identity->name},
      {"expires", to_rfc3339(identity->not_after)},
      {"days-left", days_until(identity->not_after, context.now()).count()},
      {"expires-soon", identity->ends_soon}};
}

Error with_mend_of_client(const Error& refusal, const ServerTarget& target) {
  const auto folder = target.client.own_folder;
  switch (refusal.message()) {
    case Message::PlaintextRefused:
      return {refusal.message(), refusal.happened(), refusal.expected(),
              fmt::format("leave out encryption = false under [client] in {}; where mutual "
                          "authentication is on, ask the administrator for a certificate: ipm cert "
                          "issue client NAME, on the machine with the CA",
                          (folder / "ipm.toml").string())};
    case Message::PeerCertificateMissing:
      return {
          refusal.message(),
          target.client.identity_unreadable
              ? fmt::format("{} that this user may read", refusal.happened())
              : refusal.happened(),
          fmt::format("client-cert.pem and client-key.pem in {} (mutual authentication)",
                      folder.string()),
          fmt::format("on the machine with the CA: ipm cert issue client NAME; then install both "
                      "files in {} as client-cert.pem and client-key.pem",
                      folder.string())};
    default:
      return refusal;
  }
}

}  // namespace ipm::app
