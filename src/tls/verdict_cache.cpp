#include "tls/verdict_cache.h"

#include <cstring>
#include <utility>

namespace ipm::tls {

// The keys are digests: any part of them is as good as a hash of them.
std::size_t VerdictCache::Hash::operator()(const pki::Sha256& key) const noexcept {
  std::size_t hash = 0;
  std::memcpy(&hash, key.data(), sizeof hash);
  return hash;
}

std::optional<pki::Certificate> VerdictCache::find(const pki::Sha256& key, TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (const auto found = newer_.find(key); found != newer_.end()) {
    if (now < found->second.valid_until) return found->second.certificate;
    newer_.erase(found);
    return {};
  }
  auto aged = older_.extract(key);
  if (aged.empty() || now >= aged.mapped().valid_until) return {};
  auto certificate = aged.mapped().certificate;
  make_room();
  newer_.insert(std::move(aged));
  return certificate;
}

void VerdictCache::put(const pki::Sha256& key, const pki::Certificate& certificate,
                       TimePoint valid_until) {
  const std::lock_guard lock(mutex_);
  make_room();
  newer_.insert_or_assign(key, Entry{certificate, valid_until});
}

void VerdictCache::make_room() {
  if (newer_.size() < half_max_) return;
  older_ = std::move(newer_);
  newer_.clear();
}

}  // namespace ipm::tls
