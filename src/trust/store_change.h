#pragma once
// What differs between two sets of anchors, and whether a new set is plausible at all.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "trust/anchors.h"

namespace ipm::trust {

// A store with fewer roots than this is no store of the whole web: Mozilla's has had more than a
// hundred since 2005.
inline constexpr std::size_t kRootsFloor = 50;

struct StoreChange {
  struct Changed {
    Anchor before;
    Anchor after;
  };

  std::vector<Anchor> came;
  std::vector<Anchor> gone;
  std::vector<Changed> changed;  // The same certificate, vouching for something else.
  std::size_t kept = 0;          // Unchanged.

  bool empty() const { return came.empty() && gone.empty() && changed.empty(); }
};

StoreChange compare(std::span<const Anchor> before, std::span<const Anchor> after);

// Why the new set must not simply replace the old one; nothing where it may. No set before is no
// reason.
std::optional<std::string> implausible(const StoreChange& change, std::size_t before,
                                       std::size_t after);

// "servers and clients", "servers", "nobody"; with the distrust date where there is one.
std::string vouches_text(const Anchor& anchor);

}  // namespace ipm::trust
