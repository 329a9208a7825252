#pragma once
// Remembers which peers were admitted, so that a peer that connects again costs no signature check
// and no parsing. Only admissions are kept, hence only what our own CAs signed can fill it. It
// belongs to one generation: new anchors or revocation lists begin with an empty one.

#include <cstddef>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/clock.h"
#include "pki/certificate.h"
#include "pki/digest.h"

namespace ipm::tls {

// Any thread. Bounded: two halves, of which the older is dropped when the newer is full.
class VerdictCache {
 public:
  explicit VerdictCache(std::size_t entries_max) : half_max_(entries_max / 2) {}

  std::optional<pki::Certificate> find(const pki::Sha256& key, TimePoint now);
  // Until `valid_until`, not including it.
  void put(const pki::Sha256& key, const pki::Certificate& certificate, TimePoint valid_until);

 private:
  struct Entry {
    pki::Certificate certificate;
    TimePoint valid_until;
  };
  struct Hash {
    std::size_t operator()(const pki::Sha256& key) const noexcept;
  };
  using Half = std::unordered_map<pki::Sha256, Entry, Hash>;

  void make_room();

  const std::size_t half_max_;
  std::mutex mutex_;
  Half newer_;
  Half older_;
};

}  // namespace ipm::tls
