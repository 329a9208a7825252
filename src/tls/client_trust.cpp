#include "tls/client_trust.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace ipm::tls {
namespace {

// "CN = Some Root and 141 more"
std::string name_some(const std::vector<trust::Anchor>& anchors) {
  const auto is_public = [](const trust::Anchor& anchor) { return anchor.is_public; };
  const auto first = std::ranges::find_if(anchors, is_public);
  const auto count = std::ranges::count_if(anchors, is_public);
  if (count == 0) return "none";
  const auto name = first->certificate.display_name();
  return count == 1 ? name : fmt::format("{} and {} more", name, count - 1);
}

}  // namespace

void judge_client_trust(std::vector<trust::Anchor>& anchors, const GenerationSources& sources,
                        Notices& notices) {
  const auto file = sources.client_anchors.value_or(sources.anchors).string();
  if (sources.policy.public_ca_clients) {
    trust::let_public_vouch_for_clients(anchors);
    const auto admits_anyone = [](const trust::Anchor& anchor) {
      return anchor.is_public && anchor.vouches_for_clients;
    };
    if (std::ranges::any_of(anchors, admits_anyone)) {
      notices.push_back({Message::PublicClientTrust,
                         fmt::format("publicly trusted CAs of {} vouch for clients ({}), as "
                                     "public_ca_clients allows: anyone with a certificate from "
                                     "them is let in (S18)",
                                     file, name_some(anchors))});
    }
    return;
  }
  const bool public_vouches = std::ranges::any_of(anchors, [](const trust::Anchor& anchor) {
    return anchor.is_public && anchor.vouches_for_clients;
  });
  const bool anybody_vouches = std::ranges::any_of(
      anchors, [](const trust::Anchor& anchor) { return anchor.vouches_for_clients; });
  if (!public_vouches && anybody_vouches) return;
  throw Error(Message::PublicClientTrustRefused,
              fmt::format("mutual authentication is on, and the CAs that would vouch for clients "
                          "in {} are publicly trusted ones: {} (S18)",
                          file, name_some(anchors)),
              "a CA of your own that vouches for clients",
              "make one: ipm ca create NAME, and name it by [encryption] client_ca; or state "
              "[encryption] public_ca_clients = \"allow\"");
}

}  // namespace ipm::tls
