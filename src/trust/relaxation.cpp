#include "trust/relaxation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "trust/deny_list.h"
#include "trust/path_rules.h"

namespace ipm::trust {

Relaxation parse_relaxation(std::string_view fingerprint, std::vector<std::string> rules,
                            std::string origin) {
  const auto anchor = parse_fingerprint(fingerprint, origin);
  try {
    applied_rules(false, rules);
  } catch (const Error& error) {
    throw Error(error.message(), fmt::format("{}: {}", origin, printable(error.happened())),
                error.expected(), "correct the rule's name; ipm explain RULE tells about each");
  }
  return {anchor, std::move(rules), std::move(origin)};
}

void relax(std::vector<Anchor>& anchors, std::span<const Relaxation> relaxations) {
  for (const auto& relaxation : relaxations) {
    for (auto& anchor : anchors) {
      if (anchor.certificate.digest() != relaxation.anchor) continue;
      if (anchor.is_public) {
        throw Error(
            Message::ConfigurationWrong,
            fmt::format("{}: {} is publicly trusted, and rules are not relaxed for such",
                        relaxation.origin, printable(anchor.certificate.display_name(), 80)),
            "a CA of your own, or of the device: a public one vouches for every name, so a "
            "forged certificate would be as good as the device's",
            "remove the entry, and give the device a certificate of your own CA: "
            "ipm cert sign");
      }
      anchor.relaxed.insert(anchor.relaxed.end(), relaxation.rules.begin(), relaxation.rules.end());
    }
  }
}

bool concerns(const Relaxation& relaxation, std::span<const Anchor> anchors) {
  return std::ranges::any_of(anchors, [&](const Anchor& anchor) {
    return anchor.certificate.digest() == relaxation.anchor;
  });
}

}  // namespace ipm::trust
