#include "access/owner.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ipm::access {
namespace {

constexpr std::array<std::pair<OwnerKind, std::string_view>, 3> kKinds = {
    {{OwnerKind::Claimed, "claimed"},
     {OwnerKind::Local, "local"},
     {OwnerKind::Certificate, "certificate"}}};

}  // namespace

std::string_view kind_name(OwnerKind kind) {
  const auto* const found = std::find_if(kKinds.begin(), kKinds.end(),
                                         [&](const auto& row) { return row.first == kind; });
  return found->second;
}

std::optional<OwnerKind> find_kind(std::string_view name) {
  for (const auto& [kind, word] : kKinds) {
    if (word == name) return kind;
  }
  return std::nullopt;
}

}  // namespace ipm::access
