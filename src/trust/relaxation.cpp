#include "trust/relaxation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

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

std::optional<std::string> relaxation_advice(const Verdict& verdict,
                                             std::span<const Anchor> anchors) {
  if (verdict.valid || verdict.chain.empty()) return std::nullopt;
  const auto anchor = std::ranges::find(anchors, verdict.chain.back(), &Anchor::certificate);
  if (anchor == anchors.end() || anchor->is_public) return std::nullopt;
  std::vector<std::string> rules;
  for (const auto& finding : verdict.findings) {
    const auto rule = find_relaxable(finding);
    if (!rule) return std::nullopt;
    const std::string quoted = fmt::format("\"{}\"", *rule);
    if (std::ranges::find(rules, quoted) == rules.end()) rules.push_back(quoted);
  }
  return fmt::format(
      "except {} by three lines at the end of ipmd.toml (of a client: ipm.toml): "
      "[[trust.relax]] | sha256 = \"{}\" | rules = [{}]",
      printable(anchor->certificate.display_name(), 80), to_hex(anchor->certificate.digest()),
      fmt::join(rules, ", "));
}

bool concerns(const Relaxation& relaxation, std::span<const Anchor> anchors) {
  return std::ranges::any_of(anchors, [&](const Anchor& anchor) {
    return anchor.certificate.digest() == relaxation.anchor;
  });
}

}  // namespace ipm::trust
