#include "trust/store_change.h"

#include <fmt/format.h>

#include <map>

namespace ipm::trust {
namespace {

// More than one root in this many gone at once is no ordinary change.
constexpr std::size_t kGoneShare = 3;

bool same_terms(const Anchor& a, const Anchor& b) {
  return a.vouches_for_servers == b.vouches_for_servers &&
         a.vouches_for_clients == b.vouches_for_clients &&
         a.server_distrust_after == b.server_distrust_after && a.is_public == b.is_public;
}

}  // namespace

StoreChange compare(std::span<const Anchor> before, std::span<const Anchor> after) {
  std::map<pki::Sha256, const Anchor*> old;
  for (const auto& anchor : before) old.emplace(anchor.certificate.digest(), &anchor);
  StoreChange change;
  std::map<pki::Sha256, const Anchor*> known;
  for (const auto& anchor : after) {
    const auto& digest = anchor.certificate.digest();
    known.emplace(digest, &anchor);
    const auto at = old.find(digest);
    if (at == old.end()) {
      change.came.push_back(anchor);
    } else if (same_terms(*at->second, anchor)) {
      ++change.kept;
    } else {
      change.changed.push_back({*at->second, anchor});
    }
  }
  for (const auto& anchor : before) {
    if (!known.contains(anchor.certificate.digest())) change.gone.push_back(anchor);
  }
  return change;
}

std::optional<std::string> implausible(const StoreChange& change, std::size_t before,
                                       std::size_t after) {
  if (after < kRootsFloor) {
    return fmt::format("the new store has {} roots, fewer than {}", after, kRootsFloor);
  }
  if (change.gone.size() * kGoneShare > before) {
    return fmt::format("{} of {} roots would go, more than a third", change.gone.size(), before);
  }
  return std::nullopt;
}

std::string vouches_text(const Anchor& anchor) {
  std::string text = anchor.vouches_for_servers ? "servers" : "";
  if (anchor.vouches_for_clients) text += text.empty() ? "clients" : " and clients";
  if (text.empty()) text = "nobody";
  if (anchor.server_distrust_after) {
    text += fmt::format(", not those issued after {}", to_rfc3339(*anchor.server_distrust_after));
  }
  return text;
}

}  // namespace ipm::trust
